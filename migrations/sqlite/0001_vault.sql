-- The first schema. Its twin for the other engine has the same tables and columns; a test compares them.

-- Who may act. A row says that a key has enrolled, as what and on which day; nothing about a person.
CREATE TABLE accounts (
    id           TEXT   NOT NULL PRIMARY KEY, -- RFC 7638 thumbprint of the signing key
    role         TEXT   NOT NULL CHECK (role IN ('participant', 'researcher', 'steward', 'partner')),
    key_sha256   BLOB   NOT NULL,             -- hash of the key statement, the first of the chain
    enrolled_day INTEGER NOT NULL,
    testimonies  INTEGER NOT NULL DEFAULT 0,  -- ordinal of the newest testimony; never falls
    bytes        INTEGER NOT NULL DEFAULT 0   -- stored payload bytes counted against the quota
) STRICT;
CREATE INDEX accounts_by_day ON accounts (enrolled_day);

-- The end of each account's chain; compare-and-set on this row puts her statements in order.
CREATE TABLE chains (
    iss    TEXT    NOT NULL PRIMARY KEY,
    seq    INTEGER NOT NULL,
    sha256 BLOB    NOT NULL
) STRICT;

-- Every accepted statement. Append-only but for body, which erasure empties.
-- body is sealed under the shred key of its testimony, or plain where it concerns none.
CREATE TABLE statements (
    iss       TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    sha256    BLOB    NOT NULL,
    testimony TEXT,
    day       INTEGER NOT NULL, -- of acceptance
    body      BLOB,
    PRIMARY KEY (iss, seq)
) STRICT;

-- One key per testimony. Destroying the row makes every sealed column of that testimony noise.
CREATE TABLE shred_keys (
    testimony TEXT NOT NULL PRIMARY KEY,
    shred_key BLOB NOT NULL
) STRICT;

CREATE TABLE testimonies (
    id          TEXT    NOT NULL PRIMARY KEY,
    owner       TEXT    NOT NULL REFERENCES accounts (id),
    ordinal     INTEGER NOT NULL, -- her first is 1: the order of her list
    erased      INTEGER NOT NULL DEFAULT 0,
    created_day INTEGER NOT NULL,
    card_sha256 BLOB    NOT NULL,
    events      INTEGER NOT NULL DEFAULT 0, -- custody events so far
    grants      INTEGER NOT NULL DEFAULT 0, -- that have not been revoked, counted against the limit
    card        BLOB,                       -- an age file to her, sealed
    UNIQUE (owner, ordinal)
) STRICT;

-- Large uploads under way: begun and signed, perhaps with their payload, not yet a part.
CREATE TABLE uploads (
    testimony      TEXT    NOT NULL REFERENCES testimonies (id),
    n              INTEGER NOT NULL,
    header_sha256  BLOB    NOT NULL,
    nonce          BLOB    NOT NULL,
    length         INTEGER NOT NULL,
    classic        INTEGER NOT NULL,
    begun_day      INTEGER NOT NULL,
    payload_sha256 BLOB,             -- set once the payload is durable
    blob           TEXT,
    header         BLOB    NOT NULL, -- sealed
    payload        BLOB,             -- sealed, when it is small enough for a row
    PRIMARY KEY (testimony, n)
) STRICT;

CREATE TABLE parts (
    testimony      TEXT    NOT NULL REFERENCES testimonies (id),
    n              INTEGER NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('received', 'hers')),
    arrived        INTEGER NOT NULL,  -- 1 when the server sealed it: flagged for ever
    classic        INTEGER NOT NULL,  -- 1 when wrapped to X25519: not post-quantum
    length         INTEGER NOT NULL,
    payload_sha256 BLOB    NOT NULL,
    commitment     BLOB    NOT NULL,
    header_sha256  BLOB    NOT NULL,
    received_iss   TEXT,              -- whose statement brought it
    received_seq   INTEGER,
    blob           TEXT,              -- where the payload lies; NULL when it is in this row
    header         BLOB    NOT NULL,  -- sealed
    payload        BLOB,              -- sealed; last, so that lists do not touch it
    PRIMARY KEY (testimony, n)
) STRICT;

-- Payload objects that no row names any more, until the object store has let go of them.
CREATE TABLE doomed_blobs (
    blob TEXT NOT NULL PRIMARY KEY
) STRICT;

CREATE TABLE grants (
    id            TEXT    NOT NULL PRIMARY KEY,
    testimony     TEXT    NOT NULL REFERENCES testimonies (id),
    owner         TEXT    NOT NULL,
    seq           INTEGER NOT NULL, -- of the grant statement in the owner's chain
    grantee       TEXT    NOT NULL,
    accreditation BLOB    NOT NULL,
    from_s        INTEGER NOT NULL, -- Unix seconds
    until_s       INTEGER NOT NULL,
    revoked_day   INTEGER,
    leases        INTEGER NOT NULL DEFAULT 0, -- taken so far; a lease and the end of the grant write the same row, so one sees the other
    CHECK (until_s > from_s)
) STRICT;
CREATE INDEX grants_by_grantee ON grants (grantee, id);
CREATE INDEX grants_by_testimony ON grants (testimony, seq);

CREATE TABLE grant_parts (
    grant_id      TEXT    NOT NULL REFERENCES grants (id),
    n             INTEGER NOT NULL,
    testimony     TEXT    NOT NULL,
    header_sha256 BLOB    NOT NULL,
    relock_seq    INTEGER,           -- of the newest relock statement that carried it over
    header        BLOB,              -- sealed; NULL once destroyed
    PRIMARY KEY (grant_id, n)
) STRICT;
CREATE INDEX grant_parts_by_part ON grant_parts (testimony, n);

-- One header delivered to one reader; ranges within until_s belong to it.
CREATE TABLE openings (
    id             TEXT    NOT NULL PRIMARY KEY,
    grant_id       TEXT    NOT NULL REFERENCES grants (id),
    n              INTEGER NOT NULL,
    opened_s       INTEGER NOT NULL,
    until_s        INTEGER NOT NULL,
    length         INTEGER NOT NULL, -- of header and payload together
    etag           BLOB    NOT NULL,
    fetched        BLOB    NOT NULL  -- merged byte ranges that left for the reader, at most; text "0-99,200-299"
) STRICT;
CREATE INDEX openings_by_grant ON openings (grant_id, n, opened_s);

-- A stream that may send for at most one second more without asking again. from_b and to_b say what it may
-- have sent when its node dies without a word.
CREATE TABLE leases (
    id            TEXT NOT NULL PRIMARY KEY,
    testimony     TEXT    NOT NULL,
    grant_id      TEXT NOT NULL,
    n             INTEGER NOT NULL,
    header_sha256 BLOB NOT NULL, -- of the header it serves; a re-lock changes it, and the lease is not renewed
    opening_id    TEXT NOT NULL,
    from_b        INTEGER NOT NULL,
    to_b          INTEGER NOT NULL,
    renewed_s     INTEGER NOT NULL
) STRICT;
CREATE INDEX leases_by_testimony ON leases (testimony);

-- What happened to a testimony, in order, sealed under its shred key.
CREATE TABLE events (
    testimony TEXT    NOT NULL REFERENCES testimonies (id),
    seq       INTEGER NOT NULL,
    event     BLOB    NOT NULL,
    PRIMARY KEY (testimony, seq)
) STRICT;

-- Refused attempts, one row per testimony, day and kind of attempt, written after the answer has gone.
CREATE TABLE denials (
    testimony TEXT    NOT NULL REFERENCES testimonies (id),
    day       INTEGER NOT NULL,
    kind      BLOB    NOT NULL, -- keyed hash of what is in event
    times     INTEGER NOT NULL,
    event     BLOB    NOT NULL, -- sealed
    PRIMARY KEY (testimony, day, kind)
) STRICT;

CREATE TABLE rosters (
    seq      INTEGER NOT NULL PRIMARY KEY,
    sha256   BLOB    NOT NULL,
    document BLOB    NOT NULL
) STRICT;

-- Approvals of roster documents, also of proposed ones that have not reached the threshold.
CREATE TABLE roster_approvals (
    sha256    BLOB    NOT NULL,
    steward   TEXT    NOT NULL,
    document  BLOB    NOT NULL,
    statement TEXT    NOT NULL,
    PRIMARY KEY (sha256, steward)
) STRICT;

CREATE TABLE applications (
    account    TEXT    NOT NULL PRIMARY KEY REFERENCES accounts (id),
    apply_sha256 BLOB  NOT NULL,
    statement  TEXT    NOT NULL
) STRICT;

CREATE TABLE accreditations (
    id         BLOB    NOT NULL PRIMARY KEY, -- hash of the accredit body
    account    TEXT    NOT NULL REFERENCES accounts (id),
    apply_sha256 BLOB  NOT NULL,               -- counts only while this is her newest application
    from_s     INTEGER NOT NULL,
    until_s    INTEGER NOT NULL,
    suspended_day INTEGER
) STRICT;
CREATE INDEX accreditations_by_account ON accreditations (account);

CREATE TABLE accreditation_voices (
    accreditation BLOB NOT NULL REFERENCES accreditations (id),
    steward       TEXT NOT NULL,
    act           TEXT NOT NULL CHECK (act IN ('accredit', 'suspend')),
    statement     TEXT NOT NULL,
    PRIMARY KEY (accreditation, steward, act)
) STRICT;

-- Not used yet. Using one deletes it, so that nothing tells who brought whom.
CREATE TABLE invitations (
    code_sha256 BLOB    NOT NULL PRIMARY KEY,
    role        TEXT    NOT NULL,
    invited_by  TEXT    NOT NULL,
    until_s     INTEGER NOT NULL
) STRICT;

CREATE TABLE login_nonces (
    sha256  BLOB    NOT NULL PRIMARY KEY,
    until_s INTEGER NOT NULL
) STRICT;
CREATE INDEX login_nonces_by_time ON login_nonces (until_s);

CREATE TABLE idempotency (
    account  TEXT    NOT NULL,
    idem_key TEXT    NOT NULL,
    request  BLOB    NOT NULL, -- hash of method, route and body; for plaintext bodies of key, length and metadata only
    status   INTEGER NOT NULL, -- 0 while in flight
    until_s  INTEGER NOT NULL,
    answer   BLOB    NOT NULL,
    PRIMARY KEY (account, idem_key)
) STRICT;
CREATE INDEX idempotency_by_time ON idempotency (until_s);

-- Chains only grow: a statement's place and hash never change, and only erasure may empty its body.
CREATE TRIGGER statements_stay BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;
CREATE TRIGGER statements_keep_their_place BEFORE UPDATE ON statements
WHEN OLD.iss <> NEW.iss OR OLD.seq <> NEW.seq OR OLD.sha256 <> NEW.sha256 OR OLD.testimony IS NOT NEW.testimony
  OR OLD.day <> NEW.day OR NEW.body IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'statements are append-only'); END;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
