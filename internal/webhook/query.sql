-- name: AddEndpoint :exec
INSERT INTO webhook_endpoints (id, partner, target, types, hmac, state, day, failing_day, root, generation, old_root, old_until_s)
VALUES (@id, @partner, @target, @types, @hmac, @state, @day, 0, @root, 1, '', 0);

-- name: CountEndpoints :one
SELECT COUNT(*) FROM webhook_endpoints WHERE partner = @partner;

-- name: Endpoints :many
SELECT id, partner, target, types, hmac, state, day, failing_day, root, generation, old_root, old_until_s
FROM webhook_endpoints WHERE partner = @partner ORDER BY day, id;

-- name: Endpoint :one
SELECT id, partner, target, types, hmac, state, day, failing_day, root, generation, old_root, old_until_s
FROM webhook_endpoints WHERE id = @id;

-- name: ChangeEndpoint :exec
UPDATE webhook_endpoints SET target = @target, types = @types, hmac = @hmac, state = @state, failing_day = 0 WHERE id = @id;

-- name: Rotate :exec
UPDATE webhook_endpoints SET target = @target, root = @root, generation = generation + 1, old_root = @old_root, old_until_s = @old_until_s WHERE id = @id;

-- name: DeleteEndpoint :execrows
DELETE FROM webhook_endpoints WHERE id = @id AND partner = @partner;

-- name: Listening :many
SELECT id, types FROM webhook_endpoints WHERE partner = @partner ORDER BY id;

-- name: AddEvent :exec
INSERT INTO webhook_events (id, partner, type, subject, day, owed, told_day) VALUES (@id, @partner, @type, @subject, @day, @owed, 0);

-- name: AddDelivery :exec
INSERT INTO webhook_deliveries (endpoint, event, day, state, due_s, holder, attempts, outcome, status)
VALUES (@endpoint, @event, @day, 'waiting', 0, '', 0, '', 0);

-- name: Due :many
SELECT h.id FROM webhook_endpoints AS h
WHERE h.state = 'on' AND h.id > @after AND EXISTS (
    SELECT 1 FROM webhook_deliveries AS d WHERE d.endpoint = h.id AND d.state = 'waiting' AND d.due_s <= @now_s)
ORDER BY h.id LIMIT CAST(@page AS BIGINT);

-- name: Claim :execrows
UPDATE webhook_deliveries SET holder = @holder, due_s = @until_s, attempts = attempts + 1
WHERE webhook_deliveries.endpoint = @endpoint AND webhook_deliveries.event IN (
    SELECT d.event FROM webhook_deliveries AS d
    WHERE d.endpoint = @endpoint AND d.state = 'waiting' AND d.due_s <= @now_s
    ORDER BY d.due_s, d.event LIMIT CAST(@page AS BIGINT));

-- name: Claimed :many
SELECT d.event, d.attempts, e.type, e.subject, e.day
FROM webhook_deliveries AS d JOIN webhook_events AS e ON e.id = d.event
WHERE d.endpoint = @endpoint AND d.state = 'waiting' AND d.due_s = @until_s AND d.holder = @holder
ORDER BY d.event;

-- name: Finish :exec
UPDATE webhook_deliveries SET state = @state, due_s = @due_s, holder = '', outcome = @outcome, status = @status
WHERE endpoint = @endpoint AND event = @event AND holder = @holder;

-- name: GiveBack :exec
UPDATE webhook_deliveries SET due_s = 0, holder = '', attempts = attempts - 1
WHERE endpoint = @endpoint AND event = @event AND holder = @holder;

-- name: GiveAllBack :exec
UPDATE webhook_deliveries SET due_s = 0, holder = '' WHERE holder <> '';

-- name: Well :exec
UPDATE webhook_endpoints SET failing_day = 0 WHERE id = @id AND failing_day <> 0;

-- name: Failing :exec
UPDATE webhook_endpoints SET failing_day = @day WHERE id = @id AND failing_day = 0;

-- name: Gone :exec
UPDATE webhook_endpoints SET state = 'gone' WHERE id = @id AND state = 'on';

-- name: Deliveries :many
SELECT d.event, d.day, d.state, d.attempts, d.outcome, d.status, e.type, e.subject
FROM webhook_deliveries AS d JOIN webhook_events AS e ON e.id = d.event
WHERE d.endpoint = @endpoint AND (d.day < @day OR d.day = @day AND d.event > @event)
ORDER BY d.day DESC, d.event LIMIT CAST(@page AS BIGINT);

-- name: Replay :execrows
UPDATE webhook_deliveries SET state = 'waiting', due_s = 0, attempts = 0
WHERE endpoint = @endpoint AND event = @event AND state <> 'waiting';

-- name: ReplayDead :execrows
UPDATE webhook_deliveries SET state = 'waiting', due_s = 0, attempts = 0
WHERE endpoint = @endpoint AND day >= @since AND state = 'dead';

-- name: Delivery :one
SELECT state FROM webhook_deliveries WHERE endpoint = @endpoint AND event = @event;

-- name: Owed :many
SELECT id, subject, day FROM webhook_events
WHERE owed = 1 AND partner = @partner AND day <= @until_day AND (day > @day OR day = @day AND id > @event)
ORDER BY day, id LIMIT CAST(@page AS BIGINT);

-- name: OverduePartners :many
SELECT partner, CAST(COUNT(*) AS BIGINT) AS withdrawals, CAST(MIN(day) AS BIGINT) AS since FROM webhook_events
WHERE owed = 1 AND day <= @until_day AND partner > @after
GROUP BY partner ORDER BY partner LIMIT CAST(@page AS BIGINT);

-- name: ToRemind :many
SELECT id, partner, subject FROM webhook_events
WHERE owed = 1 AND day <= @before AND told_day <= @before ORDER BY partner, day, id LIMIT CAST(@page AS BIGINT);

-- name: Reminded :execrows
UPDATE webhook_events SET told_day = @day WHERE id = @id AND owed = 1 AND told_day <= @before;

-- name: Acknowledge :exec
UPDATE webhook_events SET owed = 0 WHERE subject = @subject AND partner = @partner AND owed = 1;

-- name: Prune :execrows
DELETE FROM webhook_events WHERE webhook_events.id IN (
    SELECT e.id FROM webhook_events AS e WHERE e.day < @before AND e.owed = 0 ORDER BY e.day, e.id LIMIT CAST(@most AS BIGINT));

-- name: SwitchOff :exec
UPDATE webhook_endpoints SET state = 'off' WHERE id = @id;
