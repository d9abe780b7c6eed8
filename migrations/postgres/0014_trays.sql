-- Trays: where partners put what they bring, sealed, for an account that has not signed for it.

-- Whoever knows the code may put items in. The code is hashed together with its partner: a row does not say whose tray it is at.
CREATE TABLE trays (
    id          TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    account     TEXT COLLATE "C"    NOT NULL REFERENCES accounts (id),
    code_sha256 BYTEA    NOT NULL UNIQUE,    -- of partner and code; random once the tray is closed
    closed      BIGINT NOT NULL DEFAULT 0,
    opened_day  BIGINT NOT NULL,
    until_day   BIGINT NOT NULL,           -- the first day on which nothing more is taken
    items       BIGINT NOT NULL DEFAULT 0, -- that wait
    bytes       BIGINT NOT NULL DEFAULT 0, -- of their payloads
    partner     BYTEA    NOT NULL            -- sealed under the tray's own shred key
);
CREATE INDEX trays_by_account ON trays (account, id);
CREATE INDEX trays_by_end ON trays (until_day, id);

-- What waits in a tray. Each has a shred key of its own, so that what is refused is gone and nothing else.
CREATE TABLE tray_items (
    id             TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    tray           TEXT COLLATE "C"    NOT NULL REFERENCES trays (id),
    account        TEXT COLLATE "C"    NOT NULL,
    arrived_day    BIGINT NOT NULL,
    until_day      BIGINT NOT NULL,  -- the first day on which it is gone
    length         BIGINT NOT NULL,
    payload_sha256 BYTEA    NOT NULL,
    commitment     BYTEA    NOT NULL,
    header_sha256  BYTEA    NOT NULL,
    blob           TEXT COLLATE "C",              -- where the payload lies; NULL when it is in this row
    header         BYTEA    NOT NULL,  -- sealed
    papers         BYTEA    NOT NULL,  -- sealed: the delivery note and what came with it
    payload        BYTEA               -- sealed; last, so that lists do not touch it
);
CREATE INDEX tray_items_by_account ON tray_items (account, id);
CREATE INDEX tray_items_by_tray ON tray_items (tray, id);
CREATE INDEX tray_items_by_end ON tray_items (until_day, id);
CREATE INDEX tray_items_by_blob ON tray_items (blob);

-- What became of what a partner brought: all that the partner is ever told. It names nobody.
CREATE TABLE deliveries (
    item             TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    partner          TEXT COLLATE "C"    NOT NULL,
    change           BIGINT NOT NULL,  -- the partner's count of changes when shown changed last: the order of its list
    state            TEXT COLLATE "C"    NOT NULL CHECK (state IN ('waiting', 'taken', 'refused', 'expired', 'withdrawn')),
    shown            TEXT COLLATE "C"    NOT NULL CHECK (shown IN ('waiting', 'taken', 'refused', 'expired', 'withdrawn')), -- to the partner; her own acts a day later
    brought_day      BIGINT NOT NULL,
    changed_day      BIGINT NOT NULL,  -- of state
    length           BIGINT NOT NULL,  -- of the payload
    note_sha256      BYTEA    NOT NULL,
    consultation     TEXT COLLATE "C",
    replaces         TEXT COLLATE "C",              -- testimony of a collection that it is sealed anew from
    replaces_n       BIGINT NOT NULL DEFAULT 0,
    acknowledged_day BIGINT NOT NULL DEFAULT 0 -- of a withdrawal; 0: not yet
);
CREATE UNIQUE INDEX deliveries_by_partner ON deliveries (partner, change);
CREATE INDEX deliveries_by_state ON deliveries (state, shown, changed_day);
CREATE INDEX deliveries_owed ON deliveries (partner, state, acknowledged_day, changed_day);
CREATE INDEX deliveries_by_replaced ON deliveries (replaces, replaces_n);

-- What a partner has waiting in all trays together, and how often the state of anything it brought has changed.
CREATE TABLE partner_rooms (
    partner TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    bytes   BIGINT NOT NULL,
    changes BIGINT NOT NULL
);

-- How a part came that somebody else brought: it stays with the part for ever.
CREATE TABLE part_papers (
    testimony TEXT COLLATE "C"    NOT NULL REFERENCES testimonies (id),
    n         BIGINT NOT NULL,
    papers    BYTEA    NOT NULL, -- sealed under the testimony's shred key
    PRIMARY KEY (testimony, n)
);

-- What she has withdrawn of what a partner brought her, for her list of endings.
CREATE TABLE withdrawn_deliveries (
    item    TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    account TEXT COLLATE "C"    NOT NULL,
    day     BIGINT NOT NULL
);
CREATE INDEX withdrawn_deliveries_by_account ON withdrawn_deliveries (account, day, item);

-- Accounts under the keys of a partner, for women who are not present, for field forms and for old holdings.
CREATE TABLE collections (
    account    TEXT COLLATE "C"    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    partner    TEXT COLLATE "C"    NOT NULL,
    tray       TEXT COLLATE "C"    NOT NULL,
    opened_day BIGINT NOT NULL,
    until_day  BIGINT NOT NULL,            -- the first day on which it and all in it is gone
    warned     BIGINT NOT NULL DEFAULT 0,  -- 1 once the partner was told that it expires
    over       BIGINT NOT NULL DEFAULT 0,
    statement  TEXT COLLATE "C"    NOT NULL             -- of the officer who opened it
);
CREATE INDEX collections_by_partner ON collections (partner, account);
CREATE INDEX collections_by_end ON collections (over, until_day);
