-- What she decides about release: terms that change, reads that are counted, pauses, policies.
ALTER TABLE grants ADD COLUMN policy TEXT COLLATE "C";                            -- of the policy statement it waits for
ALTER TABLE grants ADD COLUMN max_reads BIGINT NOT NULL DEFAULT 0;   -- of each part; 0 is as often as needed
ALTER TABLE grants ADD COLUMN terms_seq BIGINT NOT NULL DEFAULT 0;   -- of the newest statement that changed the terms; 0 none
ALTER TABLE grants ADD COLUMN held BIGINT NOT NULL DEFAULT 0;        -- 1 when a restore lost what she had narrowed: it serves nothing until she renews it
ALTER TABLE grants ADD COLUMN ended_seq BIGINT NOT NULL DEFAULT 0;   -- of the statement that revoked or withdrew it; 0 none
ALTER TABLE grant_parts ADD COLUMN reads BIGINT NOT NULL DEFAULT 0;  -- sessions begun

-- A row is a pause. Who reads looks for rows, who pauses writes one: no row of hers is in everybody's way.
CREATE TABLE pauses (
    account   TEXT COLLATE "C"    NOT NULL,
    testimony TEXT COLLATE "C"    NOT NULL,           -- '' is all of hers
    by_code   BIGINT NOT NULL DEFAULT 0, -- 1 when somebody she trusts did it
    PRIMARY KEY (account, testimony)
);
