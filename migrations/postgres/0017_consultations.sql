-- Consultations: named calls of partners, to which what they bring may belong.
CREATE TABLE consultations (
    id         TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    partner    TEXT COLLATE "C"    NOT NULL,
    opened_day BIGINT NOT NULL,
    until_day  BIGINT NOT NULL, -- the first day on which nothing more belongs to it
    document   BYTEA    NOT NULL, -- what is asked, for what and on which terms; public
    statement  TEXT COLLATE "C"    NOT NULL  -- of the officer who opened it; empty where a program registered it
);
CREATE INDEX consultations_by_partner ON consultations (partner, id);

-- What was said last of a count, so that asking again says it again. base is the true count that it was made of.
CREATE TABLE consultation_counts (
    consultation TEXT COLLATE "C"    NOT NULL REFERENCES consultations (id),
    what         TEXT COLLATE "C"    NOT NULL,
    base         BIGINT NOT NULL,
    shown        BIGINT NOT NULL,
    day          BIGINT NOT NULL, -- of the release
    PRIMARY KEY (consultation, what)
);
CREATE INDEX deliveries_by_consultation ON deliveries (consultation, shown);
