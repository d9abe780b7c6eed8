-- What the database knows of each node's journal, so that a restored database is found to know less than was done.

-- A row is a line of a node's journal whose act is in this database. Of what lies below a node's lowest row
-- all is in it. Rows are only added beside others, so that acts of two nodes, or of one, never meet here.
CREATE TABLE journal_known (
    node   TEXT COLLATE "C" NOT NULL, -- what the operator calls it
    seq    BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    PRIMARY KEY (node, seq)
);

-- Erasures that were applied again after a restore had lost their place in her chain: her signed word, which
-- explains to her client why statements are empty. Ids and a hash, nothing of what was erased.
CREATE TABLE erasures (
    testimony TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    iss       TEXT COLLATE "C" NOT NULL,
    statement TEXT COLLATE "C" NOT NULL
);
CREATE INDEX erasures_by_iss ON erasures (iss);
