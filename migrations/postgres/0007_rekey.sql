-- Changing her words: the account stays the thumbprint of its first key, and its chain goes on with another.
ALTER TABLE chains ADD COLUMN key TEXT COLLATE "C" NOT NULL DEFAULT '';    -- thumbprint of the key that is good now
ALTER TABLE chains ADD COLUMN signer TEXT COLLATE "C" NOT NULL DEFAULT ''; -- of the key that the chain itself goes on with; another than key only after a restore that lost her rekey statement
UPDATE chains SET key = iss, signer = iss;
CREATE UNIQUE INDEX chains_by_key ON chains (key);

-- Where chains changed hands. A key that was used once is never taken again.
CREATE TABLE rekeys (
    account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    seq     BIGINT NOT NULL, -- of the rekey statement
    key     TEXT COLLATE "C" NOT NULL UNIQUE,
    PRIMARY KEY (account, seq)
);

-- Recovery by choice: trustees who together can give her words back to her.
CREATE TABLE recoveries (
    account   TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES accounts (id), -- one each, the newest
    id        TEXT COLLATE "C" NOT NULL UNIQUE,  -- of the statement
    seq       BIGINT NOT NULL,        -- in her chain
    sha256    BYTEA NOT NULL,
    threshold BIGINT NOT NULL,
    wait      BIGINT NOT NULL         -- seconds between claim and shares
);
CREATE TABLE recovery_trustees (
    recovery TEXT COLLATE "C" NOT NULL,
    account  TEXT COLLATE "C" NOT NULL,
    answer   TEXT COLLATE "C" NOT NULL DEFAULT '' CHECK (answer IN ('', 'agreed', 'declined')),
    share    BYTEA NOT NULL,         -- an age file to the trustee
    PRIMARY KEY (recovery, account)
);
CREATE INDEX recovery_trustees_by_account ON recovery_trustees (account);

-- Somebody says that an account is theirs. A row is written for accounts that do not exist as well.
CREATE TABLE claims (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of the statement
    claimant TEXT COLLATE "C" NOT NULL,
    seq      BIGINT NOT NULL,           -- in the claimant's chain
    sha256   BYTEA NOT NULL,
    account  TEXT COLLATE "C" NOT NULL,           -- that is claimed
    recovery TEXT COLLATE "C" NOT NULL,           -- that was in force then; '' where there was none
    day      BIGINT NOT NULL,           -- of the claim: the wait counts from its end
    vetoed   BIGINT NOT NULL DEFAULT 0, -- 1 once the account acted
    asked    BIGINT NOT NULL DEFAULT 0  -- times that shares were asked for; votes write it too, so that one sees the other
);
CREATE INDEX claims_by_account ON claims (account, vetoed);
CREATE INDEX claims_by_claimant ON claims (claimant);
CREATE TABLE claim_shares (
    claim       TEXT COLLATE "C" NOT NULL REFERENCES claims (id),
    account     TEXT COLLATE "C" NOT NULL,       -- of the trustee
    release_seq BIGINT NOT NULL,      -- in the trustee's chain
    share       BYTEA NOT NULL,      -- an age file to the claimant
    PRIMARY KEY (claim, account)
);
ALTER TABLE chains ADD COLUMN claimed BIGINT NOT NULL DEFAULT 0; -- open claims on the account: any act of it vetoes them
