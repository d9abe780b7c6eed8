-- Trustees and silence.

-- The day of her last act, whatever it was. Whoever relies on her silence writes asked, so that an act of hers
-- and an opening in the same moment have one order, in which they also commit.
ALTER TABLE chains ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chains ADD COLUMN watched BIGINT; -- NULL while no policy asks about her silence; else the last day of which the journal knows
UPDATE chains SET day = COALESCE((SELECT MAX(s.day) FROM statements AS s WHERE s.iss = chains.iss), 0);

-- What has to happen before the grants that name it open. Its statement stands in her chain.
CREATE TABLE policies (
    id               TEXT COLLATE "C"    NOT NULL PRIMARY KEY, -- of the statement
    testimony        TEXT COLLATE "C"    NOT NULL REFERENCES testimonies (id),
    owner            TEXT COLLATE "C"    NOT NULL,
    seq              BIGINT NOT NULL,             -- in the owner's chain
    sha256           BYTEA    NOT NULL,             -- of the statement: what trustees answer to
    grantee          TEXT COLLATE "C"    NOT NULL,
    threshold        BIGINT NOT NULL,             -- 0 without trustees
    silence          BIGINT NOT NULL,             -- seconds; 0 when it plays no part
    wait             BIGINT NOT NULL,
    recipient_sha256 BYTEA,                         -- of the shared key; NULL without trustees
    recipient        BYTEA,                         -- its text, which is public, sealed
    asked            BIGINT NOT NULL DEFAULT 0,   -- times that somebody relied on it; answers and votes write it too, so that one sees the other
    released_s       BIGINT NOT NULL DEFAULT 0    -- when the reader last got shares for the first time; 0 never
);
CREATE INDEX policies_by_testimony ON policies (testimony, seq);
CREATE INDEX policies_by_owner ON policies (owner, silence);

CREATE TABLE policy_trustees (
    policy      TEXT COLLATE "C"    NOT NULL REFERENCES policies (id),
    account     TEXT COLLATE "C"    NOT NULL,
    answer      TEXT COLLATE "C"    NOT NULL DEFAULT '' CHECK (answer IN ('', 'agreed', 'declined')),
    release_seq BIGINT NOT NULL DEFAULT 0, -- of the newest release statement, in the trustee's chain; 0 none
    released_s  BIGINT NOT NULL DEFAULT 0,
    share       BYTEA    NOT NULL,           -- an age file to the trustee, sealed
    released    BYTEA,                       -- an age file to the reader, sealed; NULL while there is none
    PRIMARY KEY (policy, account)
);
CREATE INDEX policy_trustees_by_account ON policy_trustees (account, policy);

-- Whose key may be asked for by somebody who knows the account. Without a row, an account is not there for others.
CREATE TABLE introductions (
    account TEXT COLLATE "C" NOT NULL PRIMARY KEY
);
