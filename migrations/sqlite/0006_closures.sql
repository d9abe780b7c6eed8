-- What becomes of a grant, or of some of its parts, after she has ended it.
ALTER TABLE grant_parts ADD COLUMN ended_seq INTEGER NOT NULL DEFAULT 0; -- of the statement that ended the part; 0 while it stands
ALTER TABLE grant_parts ADD COLUMN ended_payload BLOB;                   -- digest of the payload that its header opened when it was destroyed; NULL where that was gone before

CREATE INDEX grants_by_owner ON grants (owner, ended_seq, id);

-- What the reader owes for it: an answer, by due_s. One row per grant and statement that ended it or parts of it.
CREATE TABLE closures (
    grant_id  TEXT NOT NULL REFERENCES grants (id),
    ended_seq INTEGER NOT NULL,           -- of her statement, in her chain
    owner     TEXT NOT NULL,
    grantee   TEXT NOT NULL,
    day       INTEGER NOT NULL,           -- on which it ended and stood in the reader's inbox
    due_s     INTEGER NOT NULL,           -- the first second at which the answer is late
    owes      INTEGER NOT NULL DEFAULT 1, -- 0 once the answer that was due is there
    reply     TEXT NOT NULL DEFAULT '' CHECK (reply IN ('', 'acknowledged', 'kept', 'destroyed')),
    reply_seq INTEGER NOT NULL DEFAULT 0, -- of the newest reply, in the reader's chain
    PRIMARY KEY (grant_id, ended_seq)
) STRICT;
CREATE INDEX closures_by_owner ON closures (owner, ended_seq, grant_id);
CREATE INDEX closures_by_grantee ON closures (grantee, grant_id, ended_seq);
CREATE INDEX closures_owed ON closures (grantee, owes, due_s);
