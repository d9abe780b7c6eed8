-- An upload under way keeps what has come, however its line breaks: whole pieces in the object store, and the tail behind them here.
ALTER TABLE uploads ADD COLUMN received BIGINT NOT NULL DEFAULT 0;  -- bytes of the payload that are kept
ALTER TABLE uploads ADD COLUMN moved_day BIGINT NOT NULL DEFAULT 0; -- of the last bytes, or of its begin
UPDATE uploads SET moved_day = begun_day;
UPDATE uploads SET received = length WHERE payload_sha256 IS NOT NULL;

-- The quota counts an upload's whole length from its begin on. Those begun before this counted when they were filled.
UPDATE accounts SET bytes = bytes + (
    SELECT COALESCE(SUM(u.length), 0) FROM uploads AS u JOIN testimonies AS t ON t.id = u.testimony
    WHERE t.owner = accounts.id AND u.payload_sha256 IS NULL
);

-- What has come behind the last piece, one row for each checkpoint, while it is too little for an object of its own.
CREATE TABLE tails (
    testimony TEXT COLLATE "C" NOT NULL,
    n         BIGINT NOT NULL,
    from_b    BIGINT NOT NULL, -- of the payload
    tail      BYTEA  NOT NULL, -- sealed; what came between two checkpoints
    PRIMARY KEY (testimony, n, from_b),
    FOREIGN KEY (testimony, n) REFERENCES uploads (testimony, n) ON DELETE CASCADE
);

-- Whose turn it is to write to an upload, and at which node. A node that counts no further is dead.
CREATE TABLE turn_nodes (
    node TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    beat BIGINT NOT NULL
);
CREATE TABLE turns (
    testimony TEXT COLLATE "C" NOT NULL,
    n         BIGINT NOT NULL,
    holder    TEXT COLLATE "C" NOT NULL,
    node      TEXT COLLATE "C" NOT NULL REFERENCES turn_nodes (node) ON DELETE CASCADE,
    wanted    BIGINT NOT NULL, -- 1 when somebody else waits for it
    PRIMARY KEY (testimony, n),
    FOREIGN KEY (testimony, n) REFERENCES uploads (testimony, n) ON DELETE CASCADE
);
CREATE INDEX turns_by_node ON turns (node, wanted);
