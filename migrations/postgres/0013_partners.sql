-- Partners: organisations with which the stewards agreed, their officers, and the keys of their programs.
-- Statements say everything; the columns beside them are what a request is decided by.
CREATE TABLE agreements (
    id          BYTEA    NOT NULL PRIMARY KEY, -- hash of the agree body
    partner     TEXT COLLATE "C" NOT NULL,
    scopes      TEXT COLLATE "C" NOT NULL, -- words with a space between
    from_s      BIGINT NOT NULL,
    until_s     BIGINT NOT NULL,
    reached_day BIGINT           -- since when it takes the place of older ones; never taken back
);
CREATE INDEX agreements_by_partner ON agreements (partner, from_s);

CREATE TABLE agreement_officers (
    agreement BYTEA NOT NULL REFERENCES agreements (id),
    officer   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agreement, officer)
);
CREATE INDEX agreement_officers_by_officer ON agreement_officers (officer);

CREATE TABLE agreement_voices (
    agreement BYTEA NOT NULL REFERENCES agreements (id),
    steward   TEXT COLLATE "C" NOT NULL,
    act       TEXT COLLATE "C" NOT NULL CHECK (act IN ('agree', 'halt')),
    statement TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (agreement, steward, act)
);

-- Stands by itself: after a restore it can be known that an agreement was halted which is not there.
CREATE TABLE agreement_halts (
    agreement BYTEA    NOT NULL PRIMARY KEY,
    day       BIGINT NOT NULL
);

CREATE TABLE clients (
    id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner TEXT COLLATE "C" NOT NULL
);
CREATE INDEX clients_by_partner ON clients (partner, id);

CREATE TABLE client_keys (
    id         BYTEA    NOT NULL PRIMARY KEY, -- hash of the client body
    client     TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    thumbprint TEXT COLLATE "C" NOT NULL,
    jwk        TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    from_s     BIGINT NOT NULL,
    until_s    BIGINT NOT NULL
);
CREATE INDEX client_keys_by_client ON client_keys (client, until_s);

CREATE TABLE client_voices (
    registration BYTEA NOT NULL REFERENCES client_keys (id),
    officer      TEXT COLLATE "C" NOT NULL,
    statement    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (registration, officer)
);

-- Stands by itself, for the same reason.
CREATE TABLE retired_keys (
    client     TEXT COLLATE "C" NOT NULL,
    thumbprint TEXT COLLATE "C" NOT NULL,
    day        BIGINT NOT NULL,
    statement  TEXT COLLATE "C" NOT NULL, -- empty when only the journal knew of it
    PRIMARY KEY (client, thumbprint)
);
