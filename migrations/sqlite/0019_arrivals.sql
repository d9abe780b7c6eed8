-- A partner names what it brings, and its names are its own: two partners may use one name and learn nothing of each other.
ALTER TABLE deliveries ADD COLUMN named TEXT NOT NULL DEFAULT ''; -- what its partner calls it; item is what the vault does
UPDATE deliveries SET named = item;
CREATE UNIQUE INDEX deliveries_by_name ON deliveries (partner, named);

-- Large items on their way: what has come of each lies in pieces, and it is nobody's until it is whole.
CREATE TABLE arrivals (
    id            TEXT    NOT NULL PRIMARY KEY, -- of its shred key, too
    partner       TEXT    NOT NULL,
    client        TEXT    NOT NULL,             -- that signed the note; nobody else goes on with it
    named         TEXT    NOT NULL,
    tray          TEXT    NOT NULL,
    moved_day     INTEGER NOT NULL,             -- of the last bytes, or of its begin
    length        INTEGER NOT NULL,             -- of the whole payload
    received      INTEGER NOT NULL DEFAULT 0,
    header_sha256 BLOB    NOT NULL,
    note_sha256   BLOB    NOT NULL,
    blob          TEXT    NOT NULL,             -- the payload that the pieces are of
    header        BLOB    NOT NULL,             -- sealed
    papers        BLOB    NOT NULL              -- sealed: the delivery note and what came with it
) STRICT;
CREATE UNIQUE INDEX arrivals_by_name ON arrivals (partner, named);
CREATE INDEX arrivals_by_age ON arrivals (moved_day, id);
