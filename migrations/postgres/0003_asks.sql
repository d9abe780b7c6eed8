-- What readers ask of her, and what she answers.
ALTER TABLE grants ADD COLUMN renewed BIGINT NOT NULL DEFAULT 0;    -- 1 once she renewed it
ALTER TABLE grants ADD COLUMN answer_seq BIGINT NOT NULL DEFAULT 0; -- of her newest answer since; 0 none

CREATE TABLE asks (
    grant_id   TEXT COLLATE "C" NOT NULL REFERENCES grants (id),
    seq        BIGINT NOT NULL,            -- of the newest ask statement in the reader's chain
    booked_day BIGINT NOT NULL,            -- the day whose month it counts in
    shown_day  BIGINT NOT NULL,            -- before this day she does not see it
    pending    BIGINT NOT NULL DEFAULT 1,  -- 0 once she renewed or refused
    PRIMARY KEY (grant_id, seq)
);
CREATE INDEX asks_by_day ON asks (booked_day);
