-- The code by which somebody she trusts can pause everything of hers. Only its hash is here.
CREATE TABLE pause_codes (
    account     TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES accounts (id),
    code_sha256 BYTEA NOT NULL
);
CREATE INDEX pause_codes_by_code ON pause_codes (code_sha256);

-- Codes that somebody sent, right and wrong ones alike, until they have been looked up.
CREATE TABLE pause_knocks (
    code_sha256 BYTEA NOT NULL PRIMARY KEY
);

-- What concerns an account as a whole and has to be seen by it: one row a day and kind.
CREATE TABLE notices (
    account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    day     BIGINT NOT NULL,
    kind    TEXT COLLATE "C" NOT NULL,
    times   BIGINT NOT NULL,
    PRIMARY KEY (account, day, kind)
);
