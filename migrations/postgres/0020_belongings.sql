-- The consultation that a testimony of a collection belongs to, so that it is counted there. It goes with the testimony.
CREATE TABLE belongings (
    testimony    TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES testimonies (id),
    consultation TEXT COLLATE "C" NOT NULL REFERENCES consultations (id)
);
CREATE INDEX belongings_by_consultation ON belongings (consultation);
