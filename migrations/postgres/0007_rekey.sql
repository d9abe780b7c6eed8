-- Changing her words: the account stays the thumbprint of its first key, and its chain goes on with another.
ALTER TABLE chains ADD COLUMN key TEXT COLLATE "C" NOT NULL DEFAULT '';    -- thumbprint of the key that is good now
ALTER TABLE chains ADD COLUMN signer TEXT COLLATE "C" NOT NULL DEFAULT ''; -- of the key that the chain itself goes on with; another than key only after a restore that lost her rekey statement
UPDATE chains SET key = iss, signer = iss;
CREATE UNIQUE INDEX chains_by_key ON chains (key);

-- Where chains changed hands. A key that was used once is never taken again.
CREATE TABLE rekeys (
    account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    seq     BIGINT NOT NULL, -- of the rekey statement
    key     TEXT COLLATE "C" NOT NULL UNIQUE,
    PRIMARY KEY (account, seq)
);
