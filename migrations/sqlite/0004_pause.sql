-- The code by which somebody she trusts can pause everything of hers. Only its hash is here.
CREATE TABLE pause_codes (
    account     TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    code_sha256 BLOB NOT NULL
) STRICT;
CREATE INDEX pause_codes_by_code ON pause_codes (code_sha256);

-- Codes that somebody sent, right and wrong ones alike, until they have been looked up.
CREATE TABLE pause_knocks (
    code_sha256 BLOB NOT NULL PRIMARY KEY
) STRICT;

-- What concerns an account as a whole and has to be seen by it: one row a day and kind.
CREATE TABLE notices (
    account TEXT    NOT NULL REFERENCES accounts (id),
    day     INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    times   INTEGER NOT NULL,
    PRIMARY KEY (account, day, kind)
) STRICT;
