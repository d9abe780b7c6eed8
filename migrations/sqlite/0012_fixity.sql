-- Fixity: every stored byte is compared with what it was, now and then, and healed from a second copy where there is one.
ALTER TABLE pieces ADD COLUMN second TEXT;                           -- the object of the second store that holds the copy
ALTER TABLE pieces ADD COLUMN claimed_s INTEGER NOT NULL DEFAULT 0;  -- until when (Unix seconds) one node checks or copies it; a vault's own time, nobody's act
ALTER TABLE pieces ADD COLUMN suspect INTEGER NOT NULL DEFAULT 0;    -- 1 when it is to be checked before all others
ALTER TABLE pieces ADD COLUMN damage TEXT;                           -- what is wrong with it: damaged, missing, short or long; NULL for nothing known
ALTER TABLE pieces ADD COLUMN damage_day INTEGER NOT NULL DEFAULT 0; -- when that was found last
CREATE UNIQUE INDEX pieces_by_second ON pieces (second);
CREATE INDEX pieces_by_suspect ON pieces (suspect, blob);
CREATE INDEX pieces_by_damage ON pieces (damage, damage_day, blob);

ALTER TABLE parts ADD COLUMN checked_day INTEGER NOT NULL DEFAULT 0; -- when its own row was looked at last; 0: not yet
ALTER TABLE parts ADD COLUMN claimed_s INTEGER NOT NULL DEFAULT 0;   -- until when one node looks at it
ALTER TABLE parts ADD COLUMN damage TEXT;                            -- of what lies in its own row
ALTER TABLE parts ADD COLUMN healed_day INTEGER NOT NULL DEFAULT 0;  -- when its feed said so last
CREATE INDEX parts_by_check ON parts (checked_day, testimony, n);
CREATE INDEX parts_by_blob ON parts (blob);
CREATE INDEX uploads_by_blob ON uploads (blob);

ALTER TABLE doomed_blobs ADD COLUMN second INTEGER NOT NULL DEFAULT 0; -- 1 when the object lies in the second store
ALTER TABLE doomed_blobs ADD COLUMN hold_s INTEGER NOT NULL DEFAULT 0; -- it may still be being written until then (Unix seconds)
ALTER TABLE doomed_blobs ADD COLUMN testimony TEXT;                    -- the erased one that it is left of
CREATE INDEX doomed_blobs_by_testimony ON doomed_blobs (testimony);
