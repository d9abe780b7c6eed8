-- Webhooks: where a partner wants to hear of what it brought, and what it has not heard yet. Times of people's acts are days.
CREATE TABLE webhook_endpoints (
    id          TEXT    NOT NULL PRIMARY KEY,
    partner     TEXT    NOT NULL,
    target      BLOB NOT NULL,            -- where to, sealed under a key of the server that is not in this database
    types       TEXT    NOT NULL,            -- which events, with commas; empty: all
    hmac        INTEGER NOT NULL,         -- 1 when it is signed for receivers that know no public keys, too
    state       TEXT    NOT NULL,            -- on, off (by the partner) or gone (the receiver said 410)
    day         INTEGER NOT NULL,         -- of its beginning
    failing_day INTEGER NOT NULL,         -- since when nothing was taken; 0: it is well
    root        TEXT    NOT NULL,            -- which secret of the server its keys are derived from; the name of it, not the secret
    generation  INTEGER NOT NULL,         -- of its signing key
    old_root    TEXT    NOT NULL,            -- the same of the key before it; empty: none
    old_until_s INTEGER NOT NULL          -- until when both sign (Unix seconds); the vault's own time, nobody's act
) STRICT;
CREATE INDEX webhook_endpoints_by_partner ON webhook_endpoints (partner, id);

CREATE TABLE webhook_events (
    id       TEXT    NOT NULL PRIMARY KEY,
    partner  TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,               -- the opaque id of what it is about
    day      INTEGER NOT NULL,
    owed     INTEGER NOT NULL,            -- 1 while the partner has to acknowledge it
    told_day INTEGER NOT NULL             -- when it was last reminded of that; 0: not yet
) STRICT;
CREATE INDEX webhook_events_by_owed ON webhook_events (owed, partner, day, id);
CREATE INDEX webhook_events_by_subject ON webhook_events (subject);
CREATE INDEX webhook_events_by_day ON webhook_events (day, id);

CREATE TABLE webhook_deliveries (
    endpoint TEXT    NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event    TEXT    NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
    day      INTEGER NOT NULL,            -- the event's
    state    TEXT    NOT NULL,               -- waiting, delivered or dead
    due_s    INTEGER NOT NULL,            -- not before (Unix seconds); 0: at once. While a node has it: until when
    holder   TEXT    NOT NULL,               -- what a node has claimed together; empty: nobody has it
    attempts INTEGER NOT NULL,            -- that have begun
    outcome  TEXT    NOT NULL,               -- of the last one: answered, timeout or unreachable; empty: none yet
    status   INTEGER NOT NULL,            -- what the receiver answered last; 0: nothing
    PRIMARY KEY (endpoint, event)
) STRICT;
CREATE INDEX webhook_deliveries_by_due ON webhook_deliveries (endpoint, state, due_s, event);
CREATE INDEX webhook_deliveries_by_day ON webhook_deliveries (endpoint, day, event);
CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event);
