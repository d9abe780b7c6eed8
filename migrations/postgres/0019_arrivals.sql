-- A partner names what it brings, and its names are its own: two partners may use one name and learn nothing of each other.
ALTER TABLE deliveries ADD COLUMN named TEXT COLLATE "C" NOT NULL DEFAULT ''; -- what its partner calls it; item is what the vault does
UPDATE deliveries SET named = item;
CREATE UNIQUE INDEX deliveries_by_name ON deliveries (partner, named);

-- Large items on their way: what has come of each lies in pieces, and it is nobody's until it is whole.
CREATE TABLE arrivals (
    id            TEXT COLLATE "C"    NOT NULL PRIMARY KEY, -- of its shred key, too
    partner       TEXT COLLATE "C"    NOT NULL,
    client        TEXT COLLATE "C"    NOT NULL,             -- that signed the note; nobody else goes on with it
    named         TEXT COLLATE "C"    NOT NULL,
    tray          TEXT COLLATE "C"    NOT NULL,
    moved_day     BIGINT NOT NULL,             -- of the last bytes, or of its begin
    length        BIGINT NOT NULL,             -- of the whole payload
    received      BIGINT NOT NULL DEFAULT 0,
    header_sha256 BYTEA    NOT NULL,
    note_sha256   BYTEA    NOT NULL,
    blob          TEXT COLLATE "C"    NOT NULL,             -- the payload that the pieces are of
    header        BYTEA    NOT NULL,             -- sealed
    papers        BYTEA    NOT NULL              -- sealed: the delivery note and what came with it
);
CREATE UNIQUE INDEX arrivals_by_name ON arrivals (partner, named);
CREATE INDEX arrivals_by_age ON arrivals (moved_day, id);
