-- A large payload is a row of pieces, so that what a broken line brought is kept and finishing copies nothing.
-- parts.blob and uploads.blob name a payload now, not an object of the store.
CREATE TABLE pieces (
    payload     TEXT    NOT NULL,        -- what a part or an upload names
    from_b      INTEGER NOT NULL,        -- where in the payload it begins
    length      INTEGER NOT NULL,
    blob        TEXT    NOT NULL UNIQUE, -- the object that holds it
    digest      BLOB,                    -- state of SHA-256 over the payload up to this piece's end; NULL where only the whole is known
    copied      INTEGER NOT NULL,        -- 1 once the second copy has it
    checked_day INTEGER NOT NULL,        -- when its fixity was found good last; 0: not yet
    PRIMARY KEY (payload, from_b)
) STRICT;
CREATE INDEX pieces_by_check ON pieces (checked_day, blob);
CREATE INDEX pieces_by_copy ON pieces (copied, blob);

INSERT INTO pieces (payload, from_b, length, blob, digest, copied, checked_day)
SELECT blob, 0, length, blob, NULL, 0, 0 FROM parts WHERE blob IS NOT NULL;
INSERT INTO pieces (payload, from_b, length, blob, digest, copied, checked_day)
SELECT blob, 0, length, blob, NULL, 0, 0 FROM uploads WHERE blob IS NOT NULL;
