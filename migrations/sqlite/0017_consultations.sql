-- Consultations: named calls of partners, to which what they bring may belong.
CREATE TABLE consultations (
    id         TEXT    NOT NULL PRIMARY KEY,
    partner    TEXT    NOT NULL,
    opened_day INTEGER NOT NULL,
    until_day  INTEGER NOT NULL, -- the first day on which nothing more belongs to it
    document   BLOB    NOT NULL, -- what is asked, for what and on which terms; public
    statement  TEXT    NOT NULL  -- of the officer who opened it; empty where a program registered it
) STRICT;
CREATE INDEX consultations_by_partner ON consultations (partner, id);

-- What was said last of a count, so that asking again says it again. base is the true count that it was made of.
CREATE TABLE consultation_counts (
    consultation TEXT    NOT NULL REFERENCES consultations (id),
    what         TEXT    NOT NULL,
    base         INTEGER NOT NULL,
    shown        INTEGER NOT NULL,
    day          INTEGER NOT NULL, -- of the release
    PRIMARY KEY (consultation, what)
) STRICT;
CREATE INDEX deliveries_by_consultation ON deliveries (consultation, shown);
