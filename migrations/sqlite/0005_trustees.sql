-- Trustees and silence.

-- The day of her last act, whatever it was. Whoever relies on her silence writes asked, so that an act of hers
-- and an opening in the same moment have one order, in which they also commit.
ALTER TABLE chains ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN watched INTEGER; -- NULL while no policy asks about her silence; else the last day of which the journal knows
UPDATE chains SET day = COALESCE((SELECT MAX(s.day) FROM statements AS s WHERE s.iss = chains.iss), 0);

-- What has to happen before the grants that name it open. Its statement stands in her chain.
CREATE TABLE policies (
    id               TEXT    NOT NULL PRIMARY KEY, -- of the statement
    testimony        TEXT    NOT NULL REFERENCES testimonies (id),
    owner            TEXT    NOT NULL,
    seq              INTEGER NOT NULL,             -- in the owner's chain
    sha256           BLOB    NOT NULL,             -- of the statement: what trustees answer to
    grantee          TEXT    NOT NULL,
    threshold        INTEGER NOT NULL,             -- 0 without trustees
    silence          INTEGER NOT NULL,             -- seconds; 0 when it plays no part
    wait             INTEGER NOT NULL,
    recipient_sha256 BLOB,                         -- of the shared key; NULL without trustees
    recipient        BLOB,                         -- its text, which is public, sealed
    asked            INTEGER NOT NULL DEFAULT 0,   -- times that somebody relied on it; answers and votes write it too, so that one sees the other
    released_s       INTEGER NOT NULL DEFAULT 0    -- when the reader last got shares for the first time; 0 never
) STRICT;
CREATE INDEX policies_by_testimony ON policies (testimony, seq);
CREATE INDEX policies_by_owner ON policies (owner, silence);

CREATE TABLE policy_trustees (
    policy      TEXT    NOT NULL REFERENCES policies (id),
    account     TEXT    NOT NULL,
    answer      TEXT    NOT NULL DEFAULT '' CHECK (answer IN ('', 'agreed', 'declined')),
    release_seq INTEGER NOT NULL DEFAULT 0, -- of the newest release statement, in the trustee's chain; 0 none
    released_s  INTEGER NOT NULL DEFAULT 0,
    share       BLOB    NOT NULL,           -- an age file to the trustee, sealed
    released    BLOB,                       -- an age file to the reader, sealed; NULL while there is none
    PRIMARY KEY (policy, account)
) STRICT;
CREATE INDEX policy_trustees_by_account ON policy_trustees (account, policy);

-- Whose key may be asked for by somebody who knows the account. Without a row, an account is not there for others.
CREATE TABLE introductions (
    account TEXT    NOT NULL PRIMARY KEY
) STRICT;
