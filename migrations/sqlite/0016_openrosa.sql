-- Forms that partners hand out to phones, who may send filled ones, and what has come of each. What came itself lies in trays.
CREATE TABLE field_forms (
    id            TEXT    NOT NULL PRIMARY KEY,
    partner       TEXT    NOT NULL,
    tray          TEXT    NOT NULL, -- of the collection
    form_sha256   BLOB    NOT NULL, -- names the form by its own id, so that a new version takes the place of the old one
    document      BLOB    NOT NULL, -- as phones get it: it is on every phone, and holds the partner's public key
    added_day     INTEGER NOT NULL,
    withdrawn_day INTEGER NOT NULL  -- 0 while it is handed out
) STRICT;
CREATE INDEX field_forms_by_partner ON field_forms (partner, id);
CREATE INDEX field_forms_by_tray ON field_forms (tray, withdrawn_day);

CREATE TABLE collectors (
    id            TEXT    NOT NULL PRIMARY KEY,
    partner       TEXT    NOT NULL,
    tray          TEXT    NOT NULL, -- of the collection
    token_sha256  BLOB    NOT NULL,
    former_sha256 BLOB    NOT NULL, -- of the token before it, which is good until former_day
    former_day    INTEGER NOT NULL,
    made_day      INTEGER NOT NULL,
    until_day     INTEGER NOT NULL,
    revoked       INTEGER NOT NULL,
    refused_day   INTEGER NOT NULL  -- on which the partner was told last that something was refused
) STRICT;
CREATE UNIQUE INDEX collectors_by_token ON collectors (token_sha256);
CREATE INDEX collectors_by_former ON collectors (former_sha256);
CREATE INDEX collectors_by_partner ON collectors (partner, id);

-- A filled form on its way: what says whether a repetition is one. Nothing in it can be read back.
CREATE TABLE submissions (
    id              TEXT    NOT NULL PRIMARY KEY,
    tray            TEXT    NOT NULL,
    instance_sha256 BLOB    NOT NULL,
    manifest_sha256 BLOB    NOT NULL,
    until_day       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX submissions_by_instance ON submissions (tray, instance_sha256);
CREATE INDEX submissions_by_end ON submissions (until_day);

CREATE TABLE submission_files (
    submission TEXT NOT NULL REFERENCES submissions (id) ON DELETE CASCADE,
    file_mac   BLOB NOT NULL, -- of its name, under a key that is in the manifest only
    item       TEXT NOT NULL,
    PRIMARY KEY (submission, file_mac)
) STRICT;
