-- The first schema. Its twin for the other engine has the same tables and columns; a test compares them.

-- Who may act. A row says that a key has enrolled, as what and on which day; nothing about a person.
CREATE TABLE accounts (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- RFC 7638 thumbprint of the signing key
    role         TEXT COLLATE "C" NOT NULL CHECK (role IN ('participant', 'researcher', 'steward', 'partner')),
    key_sha256   BYTEA NOT NULL,             -- hash of the key statement, the first of the chain
    enrolled_day BIGINT NOT NULL,
    testimonies  BIGINT NOT NULL DEFAULT 0,  -- ordinal of the newest testimony; never falls
    bytes        BIGINT NOT NULL DEFAULT 0   -- stored payload bytes counted against the quota
);
CREATE INDEX accounts_by_day ON accounts (enrolled_day);

-- The end of each account's chain; compare-and-set on this row puts her statements in order.
CREATE TABLE chains (
    iss    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seq    BIGINT NOT NULL,
    sha256 BYTEA NOT NULL
);

-- Every accepted statement. Append-only but for body, which erasure empties.
-- body is sealed under the shred key of its testimony, or plain where it concerns none.
CREATE TABLE statements (
    iss       TEXT COLLATE "C" NOT NULL,
    seq       BIGINT NOT NULL,
    sha256    BYTEA NOT NULL,
    testimony TEXT COLLATE "C",
    day       BIGINT NOT NULL, -- of acceptance
    body      BYTEA,
    PRIMARY KEY (iss, seq)
);

-- One key per testimony. Destroying the row makes every sealed column of that testimony noise.
CREATE TABLE shred_keys (
    testimony TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    shred_key BYTEA NOT NULL
);

CREATE TABLE testimonies (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner       TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    ordinal     BIGINT NOT NULL, -- her first is 1: the order of her list
    erased      BIGINT NOT NULL DEFAULT 0,
    created_day BIGINT NOT NULL,
    card_sha256 BYTEA NOT NULL,
    events      BIGINT NOT NULL DEFAULT 0, -- custody events so far
    grants      BIGINT NOT NULL DEFAULT 0, -- that have not been revoked, counted against the limit
    card        BYTEA,                       -- an age file to her, sealed
    UNIQUE (owner, ordinal)
);

-- Large uploads under way: begun and signed, perhaps with their payload, not yet a part.
CREATE TABLE uploads (
    testimony      TEXT COLLATE "C" NOT NULL REFERENCES testimonies (id),
    n              BIGINT NOT NULL,
    header_sha256  BYTEA NOT NULL,
    nonce          BYTEA NOT NULL,
    length         BIGINT NOT NULL,
    classic        BIGINT NOT NULL,
    begun_day      BIGINT NOT NULL,
    payload_sha256 BYTEA,             -- set once the payload is durable
    blob           TEXT COLLATE "C",
    header         BYTEA NOT NULL, -- sealed
    payload        BYTEA,             -- sealed, when it is small enough for a row
    PRIMARY KEY (testimony, n)
);

CREATE TABLE parts (
    testimony      TEXT COLLATE "C" NOT NULL REFERENCES testimonies (id),
    n              BIGINT NOT NULL,
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('received', 'hers')),
    arrived        BIGINT NOT NULL,  -- 1 when the server sealed it: flagged for ever
    classic        BIGINT NOT NULL,  -- 1 when wrapped to X25519: not post-quantum
    length         BIGINT NOT NULL,
    payload_sha256 BYTEA NOT NULL,
    commitment     BYTEA NOT NULL,
    header_sha256  BYTEA NOT NULL,
    received_iss   TEXT COLLATE "C",              -- whose statement brought it
    received_seq   BIGINT,
    blob           TEXT COLLATE "C",              -- where the payload lies; NULL when it is in this row
    header         BYTEA NOT NULL,  -- sealed
    payload        BYTEA,              -- sealed; last, so that lists do not touch it
    PRIMARY KEY (testimony, n)
);

-- Payload objects that no row names any more, until the object store has let go of them.
CREATE TABLE doomed_blobs (
    blob TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

CREATE TABLE grants (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    testimony     TEXT COLLATE "C" NOT NULL REFERENCES testimonies (id),
    owner         TEXT COLLATE "C" NOT NULL,
    seq           BIGINT NOT NULL, -- of the grant statement in the owner's chain
    grantee       TEXT COLLATE "C" NOT NULL,
    accreditation BYTEA NOT NULL,
    from_s        BIGINT NOT NULL, -- Unix seconds
    until_s       BIGINT NOT NULL,
    revoked_day   BIGINT,
    leases        BIGINT NOT NULL DEFAULT 0, -- taken so far; a lease and the end of the grant write the same row, so one sees the other
    CHECK (until_s > from_s)
);
CREATE INDEX grants_by_grantee ON grants (grantee, id);
CREATE INDEX grants_by_testimony ON grants (testimony, seq);

CREATE TABLE grant_parts (
    grant_id      TEXT COLLATE "C" NOT NULL REFERENCES grants (id),
    n             BIGINT NOT NULL,
    testimony     TEXT COLLATE "C" NOT NULL,
    header_sha256 BYTEA NOT NULL,
    relock_seq    BIGINT,           -- of the newest relock statement that carried it over
    header        BYTEA,              -- sealed; NULL once destroyed
    PRIMARY KEY (grant_id, n)
);
CREATE INDEX grant_parts_by_part ON grant_parts (testimony, n);

-- One header delivered to one reader; ranges within until_s belong to it.
CREATE TABLE openings (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    grant_id       TEXT COLLATE "C" NOT NULL REFERENCES grants (id),
    n              BIGINT NOT NULL,
    opened_s       BIGINT NOT NULL,
    until_s        BIGINT NOT NULL,
    length         BIGINT NOT NULL, -- of header and payload together
    etag           BYTEA NOT NULL,
    fetched        BYTEA NOT NULL  -- merged byte ranges that left for the reader, at most; text "0-99,200-299"
);
CREATE INDEX openings_by_grant ON openings (grant_id, n, opened_s);

-- A stream that may send for at most one second more without asking again. from_b and to_b say what it may
-- have sent when its node dies without a word.
CREATE TABLE leases (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    testimony     TEXT COLLATE "C" NOT NULL,
    grant_id      TEXT COLLATE "C" NOT NULL,
    n             BIGINT NOT NULL,
    header_sha256 BYTEA NOT NULL, -- of the header it serves; a re-lock changes it, and the lease is not renewed
    opening_id    TEXT COLLATE "C" NOT NULL,
    from_b        BIGINT NOT NULL,
    to_b          BIGINT NOT NULL,
    renewed_s     BIGINT NOT NULL
);
CREATE INDEX leases_by_testimony ON leases (testimony);

-- What happened to a testimony, in order, sealed under its shred key.
CREATE TABLE events (
    testimony TEXT COLLATE "C" NOT NULL REFERENCES testimonies (id),
    seq       BIGINT NOT NULL,
    event     BYTEA NOT NULL,
    PRIMARY KEY (testimony, seq)
);

-- Refused attempts, one row per testimony, day and kind of attempt, written after the answer has gone.
CREATE TABLE denials (
    testimony TEXT COLLATE "C" NOT NULL REFERENCES testimonies (id),
    day       BIGINT NOT NULL,
    kind      BYTEA NOT NULL, -- keyed hash of what is in event
    times     BIGINT NOT NULL,
    event     BYTEA NOT NULL, -- sealed
    PRIMARY KEY (testimony, day, kind)
);

CREATE TABLE rosters (
    seq      BIGINT NOT NULL PRIMARY KEY,
    sha256   BYTEA NOT NULL,
    document BYTEA NOT NULL
);

-- Approvals of roster documents, also of proposed ones that have not reached the threshold.
CREATE TABLE roster_approvals (
    sha256    BYTEA NOT NULL,
    steward   TEXT COLLATE "C" NOT NULL,
    document  BYTEA NOT NULL,
    statement TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (sha256, steward)
);

CREATE TABLE applications (
    account    TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES accounts (id),
    apply_sha256 BYTEA NOT NULL,
    statement  TEXT COLLATE "C" NOT NULL
);

CREATE TABLE accreditations (
    id         BYTEA NOT NULL PRIMARY KEY, -- hash of the accredit body
    account    TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    apply_sha256 BYTEA NOT NULL,               -- counts only while this is her newest application
    from_s     BIGINT NOT NULL,
    until_s    BIGINT NOT NULL,
    suspended_day BIGINT
);
CREATE INDEX accreditations_by_account ON accreditations (account);

CREATE TABLE accreditation_voices (
    accreditation BYTEA NOT NULL REFERENCES accreditations (id),
    steward       TEXT COLLATE "C" NOT NULL,
    act           TEXT COLLATE "C" NOT NULL CHECK (act IN ('accredit', 'suspend')),
    statement     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (accreditation, steward, act)
);

-- Not used yet. Using one deletes it, so that nothing tells who brought whom.
CREATE TABLE invitations (
    code_sha256 BYTEA NOT NULL PRIMARY KEY,
    role        TEXT COLLATE "C" NOT NULL,
    invited_by  TEXT COLLATE "C" NOT NULL,
    until_s     BIGINT NOT NULL
);

CREATE TABLE login_nonces (
    sha256  BYTEA NOT NULL PRIMARY KEY,
    until_s BIGINT NOT NULL
);
CREATE INDEX login_nonces_by_time ON login_nonces (until_s);

CREATE TABLE idempotency (
    account  TEXT COLLATE "C" NOT NULL,
    idem_key TEXT COLLATE "C" NOT NULL,
    request  BYTEA NOT NULL, -- hash of method, route and body; for plaintext bodies of key, length and metadata only
    status   BIGINT NOT NULL, -- 0 while in flight
    until_s  BIGINT NOT NULL,
    answer   BYTEA NOT NULL,
    PRIMARY KEY (account, idem_key)
);
CREATE INDEX idempotency_by_time ON idempotency (until_s);

-- Chains only grow: a statement's place and hash never change, and only erasure may empty its body.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER statements_stay BEFORE DELETE ON statements
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER statements_keep_their_place BEFORE UPDATE ON statements
    FOR EACH ROW WHEN (OLD.iss <> NEW.iss OR OLD.seq <> NEW.seq OR OLD.sha256 <> NEW.sha256
        OR OLD.testimony IS DISTINCT FROM NEW.testimony OR OLD.day <> NEW.day OR NEW.body IS NOT NULL)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
