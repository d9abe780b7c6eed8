-- What a reader notes about a part, sealed to the reader's own key. It lives in the row of the reader's header and dies with it:
-- the check refuses whatever would destroy the one and leave the other.
ALTER TABLE grant_parts ADD COLUMN note BLOB CHECK (note IS NULL OR header IS NOT NULL); -- sealed as the header is
ALTER TABLE grant_parts ADD COLUMN noted INTEGER NOT NULL DEFAULT 0;                     -- 1 when there was a note as the header was destroyed, or is one

-- That a reader has told her that she was heard.
ALTER TABLE grants ADD COLUMN heard_seq INTEGER NOT NULL DEFAULT 0; -- of the reader's newest such reply, in the reader's chain; 0 none
