-- Changing her words: the account stays the thumbprint of its first key, and its chain goes on with another.
ALTER TABLE chains ADD COLUMN key TEXT NOT NULL DEFAULT '';    -- thumbprint of the key that is good now
ALTER TABLE chains ADD COLUMN signer TEXT NOT NULL DEFAULT ''; -- of the key that the chain itself goes on with; another than key only after a restore that lost her rekey statement
UPDATE chains SET key = iss, signer = iss;
CREATE UNIQUE INDEX chains_by_key ON chains (key);

-- Where chains changed hands. A key that was used once is never taken again.
CREATE TABLE rekeys (
    account TEXT    NOT NULL REFERENCES accounts (id),
    seq     INTEGER NOT NULL, -- of the rekey statement
    key     TEXT    NOT NULL UNIQUE,
    PRIMARY KEY (account, seq)
) STRICT;

-- Recovery by choice: trustees who together can give her words back to her.
CREATE TABLE recoveries (
    account   TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id), -- one each, the newest
    id        TEXT NOT NULL UNIQUE,  -- of the statement
    seq       INTEGER NOT NULL,        -- in her chain
    sha256    BLOB NOT NULL,
    threshold INTEGER NOT NULL,
    wait      INTEGER NOT NULL         -- seconds between claim and shares
) STRICT;
CREATE TABLE recovery_trustees (
    recovery TEXT NOT NULL,
    account  TEXT NOT NULL,
    answer   TEXT NOT NULL DEFAULT '' CHECK (answer IN ('', 'agreed', 'declined')),
    share    BLOB NOT NULL,         -- an age file to the trustee
    PRIMARY KEY (recovery, account)
) STRICT;
CREATE INDEX recovery_trustees_by_account ON recovery_trustees (account);

-- Somebody says that an account is theirs. A row is written for accounts that do not exist as well.
CREATE TABLE claims (
    id       TEXT NOT NULL PRIMARY KEY, -- of the statement
    claimant TEXT NOT NULL,
    seq      INTEGER NOT NULL,           -- in the claimant's chain
    sha256   BLOB NOT NULL,
    account  TEXT NOT NULL,           -- that is claimed
    recovery TEXT NOT NULL,           -- that was in force then; '' where there was none
    day      INTEGER NOT NULL,           -- of the claim: the wait counts from its end
    vetoed   INTEGER NOT NULL DEFAULT 0, -- 1 once the account acted
    asked    INTEGER NOT NULL DEFAULT 0  -- times that shares were asked for; votes write it too, so that one sees the other
) STRICT;
CREATE INDEX claims_by_account ON claims (account, vetoed);
CREATE INDEX claims_by_claimant ON claims (claimant);
CREATE TABLE claim_shares (
    claim       TEXT NOT NULL REFERENCES claims (id),
    account     TEXT NOT NULL,       -- of the trustee
    release_seq INTEGER NOT NULL,      -- in the trustee's chain
    share       BLOB NOT NULL,      -- an age file to the claimant
    PRIMARY KEY (claim, account)
) STRICT;
ALTER TABLE chains ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0; -- open claims on the account: any act of it vetoes them
