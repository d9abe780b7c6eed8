-- Partners: organisations with which the stewards agreed, their officers, and the keys of their programs.
-- Statements say everything; the columns beside them are what a request is decided by.
CREATE TABLE agreements (
    id          BLOB    NOT NULL PRIMARY KEY, -- hash of the agree body
    partner     TEXT    NOT NULL,
    scopes      TEXT    NOT NULL, -- words with a space between
    from_s      INTEGER NOT NULL,
    until_s     INTEGER NOT NULL,
    reached_day INTEGER           -- since when it takes the place of older ones; never taken back
) STRICT;
CREATE INDEX agreements_by_partner ON agreements (partner, from_s);

CREATE TABLE agreement_officers (
    agreement BLOB NOT NULL REFERENCES agreements (id),
    officer   TEXT NOT NULL,
    PRIMARY KEY (agreement, officer)
) STRICT;
CREATE INDEX agreement_officers_by_officer ON agreement_officers (officer);

CREATE TABLE agreement_voices (
    agreement BLOB NOT NULL REFERENCES agreements (id),
    steward   TEXT NOT NULL,
    act       TEXT NOT NULL CHECK (act IN ('agree', 'halt')),
    statement TEXT NOT NULL,
    PRIMARY KEY (agreement, steward, act)
) STRICT;

-- Stands by itself: after a restore it can be known that an agreement was halted which is not there.
CREATE TABLE agreement_halts (
    agreement BLOB    NOT NULL PRIMARY KEY,
    day       INTEGER NOT NULL
) STRICT;

CREATE TABLE clients (
    id      TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL
) STRICT;
CREATE INDEX clients_by_partner ON clients (partner, id);

CREATE TABLE client_keys (
    id         BLOB    NOT NULL PRIMARY KEY, -- hash of the client body
    client     TEXT    NOT NULL REFERENCES clients (id),
    thumbprint TEXT    NOT NULL,
    jwk        TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    from_s     INTEGER NOT NULL,
    until_s    INTEGER NOT NULL
) STRICT;
CREATE INDEX client_keys_by_client ON client_keys (client, until_s);

CREATE TABLE client_voices (
    registration BLOB NOT NULL REFERENCES client_keys (id),
    officer      TEXT NOT NULL,
    statement    TEXT NOT NULL,
    PRIMARY KEY (registration, officer)
) STRICT;

-- Stands by itself, for the same reason.
CREATE TABLE retired_keys (
    client     TEXT    NOT NULL,
    thumbprint TEXT    NOT NULL,
    day        INTEGER NOT NULL,
    statement  TEXT    NOT NULL, -- empty when only the journal knew of it
    PRIMARY KEY (client, thumbprint)
) STRICT;
