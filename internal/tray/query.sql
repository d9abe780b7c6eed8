-- name: Open :exec
INSERT INTO trays (id, account, code_sha256, opened_day, until_day, partner)
VALUES (@id, @account, @code_sha256, @opened_day, @until_day, @partner);

-- name: CountOpen :one
SELECT COUNT(*) AS trays FROM trays WHERE account = @account AND closed = 0;

-- name: ByCode :one
SELECT id, account FROM trays WHERE code_sha256 = @code_sha256 AND closed = 0 AND until_day > @today;

-- name: ByID :one
SELECT id, account FROM trays WHERE id = @id AND closed = 0 AND until_day > @today;

-- name: Of :many
SELECT t.id, t.opened_day, t.until_day, t.closed, t.items, t.partner, k.shred_key
FROM trays AS t JOIN shred_keys AS k ON k.testimony = t.id
WHERE t.account = @account AND t.id > @after
ORDER BY t.id
LIMIT CAST(@page AS BIGINT);

-- name: Whose :one
SELECT account, partner FROM trays WHERE id = @id;

-- name: Close :execrows
UPDATE trays SET closed = 1, code_sha256 = @nothing WHERE id = @id AND account = @account AND closed = 0;

-- name: CloseAgain :exec
UPDATE trays SET closed = 1, code_sha256 = @nothing WHERE id = @id AND closed = 0;

-- name: OpenOf :many
SELECT id FROM trays WHERE account = @account AND closed = 0 ORDER BY id;

-- name: Emptied :many
SELECT id FROM trays WHERE items = 0 AND (closed = 1 OR until_day <= @today) ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: Drop :exec
DELETE FROM trays WHERE id = @id;

-- name: Fill :execrows
UPDATE trays SET items = items + 1, bytes = bytes + CAST(@length AS BIGINT)
WHERE id = @id AND closed = 0 AND until_day > @today AND items < @most_items AND bytes + CAST(@length AS BIGINT) <= CAST(@most AS BIGINT);

-- name: Empty :exec
UPDATE trays SET items = items - 1, bytes = bytes - CAST(@length AS BIGINT) WHERE id = @id;

-- name: Charge :one
INSERT INTO partner_rooms (partner, bytes, changes) VALUES (@partner, @length, 1)
ON CONFLICT (partner) DO UPDATE SET bytes = partner_rooms.bytes + excluded.bytes, changes = partner_rooms.changes + 1
RETURNING bytes, changes;

-- name: AddItem :exec
INSERT INTO tray_items (id, tray, account, arrived_day, until_day, length, payload_sha256, commitment, header_sha256, blob, header, papers, payload)
VALUES (@id, @tray, @account, @arrived_day, @until_day, @length, @payload_sha256, @commitment, @header_sha256, sqlc.narg(blob), @header, @papers, @payload);

-- name: Items :many
SELECT i.id, i.tray, i.arrived_day, i.until_day, i.length, i.payload_sha256, i.commitment, i.header_sha256, i.papers, k.shred_key
FROM tray_items AS i JOIN shred_keys AS k ON k.testimony = i.id
WHERE i.account = @account AND i.until_day > @today AND i.id > @after
ORDER BY i.id
LIMIT CAST(@page AS BIGINT);

-- name: Item :one
SELECT id, tray, arrived_day, until_day, length, payload_sha256, commitment, header_sha256, blob, header, papers, payload
FROM tray_items WHERE id = @id AND account = @account AND until_day > @today;

-- name: ItemsOf :many
SELECT id FROM tray_items WHERE account = @account ORDER BY id;

-- name: Ended :many
SELECT id FROM tray_items WHERE until_day <= @today ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: Leaving :one
SELECT tray, account, length, blob FROM tray_items WHERE id = @id;

-- name: DropItem :exec
DELETE FROM tray_items WHERE id = @id;

-- name: Deliver :exec
INSERT INTO deliveries (item, named, partner, change, state, shown, brought_day, changed_day, length, note_sha256, consultation, replaces, replaces_n)
VALUES (@item, @named, @partner, @change, 'waiting', 'waiting', @day, @day, @length, @note_sha256, sqlc.narg(consultation), sqlc.narg(replaces), @replaces_n);

-- name: Delivery :one
SELECT partner, named, state, shown, length FROM deliveries WHERE item = @item;

-- name: Named :one
SELECT item, state, shown, brought_day, changed_day, length, note_sha256, acknowledged_day FROM deliveries WHERE partner = @partner AND named = @named;

-- name: Deliveries :many
SELECT named, change, shown, brought_day, changed_day, acknowledged_day FROM deliveries
WHERE partner = @partner AND change > @after
ORDER BY change
LIMIT CAST(@page AS BIGINT);

-- name: Become :execrows
UPDATE deliveries SET state = @state, changed_day = @day WHERE item = @item AND state = @was;

-- name: Unshown :many
SELECT item FROM deliveries
WHERE state = @state AND shown = @shown AND changed_day < @before
ORDER BY item LIMIT CAST(@page AS BIGINT);

-- name: Show :exec
UPDATE deliveries SET shown = @shown, change = @change WHERE item = @item;

-- name: CallsOf :one
SELECT d.consultation AS own, b.consultation AS of_replaced FROM deliveries AS d LEFT JOIN belongings AS b ON b.testimony = d.replaces
WHERE d.partner = @partner AND d.named = @named;

-- name: CountWith :exec
UPDATE deliveries SET consultation = NULL
WHERE item = @item AND consultation = (SELECT b.consultation FROM belongings AS b WHERE b.testimony = @testimony);

-- name: ForgetReplaced :exec
UPDATE deliveries SET replaces = NULL, replaces_n = 0 WHERE replaces = CAST(@testimony AS TEXT);

-- name: Acknowledge :execrows
UPDATE deliveries SET acknowledged_day = @day WHERE item = @item AND partner = @partner AND state = 'withdrawn' AND acknowledged_day = 0;

-- name: Owes :one
SELECT COUNT(*) AS owed FROM (
    SELECT d.item FROM deliveries AS d
    WHERE d.partner = @partner AND d.state = 'withdrawn' AND d.acknowledged_day = 0 AND d.changed_day < @before LIMIT 1
) AS late;

-- name: AddPapers :exec
INSERT INTO part_papers (testimony, n, papers) VALUES (@testimony, @n, @papers);

-- name: Papers :many
SELECT n, papers FROM part_papers WHERE testimony = @testimony ORDER BY n;

-- name: DropPapers :exec
DELETE FROM part_papers WHERE testimony = @testimony;

-- name: WithPapers :many
SELECT DISTINCT p.testimony FROM part_papers AS p JOIN testimonies AS t ON t.id = p.testimony WHERE t.owner = @owner ORDER BY p.testimony;

-- name: NoteWithdrawn :exec
INSERT INTO withdrawn_deliveries (item, account, day) VALUES (@item, @account, @day) ON CONFLICT (item) DO NOTHING;

-- name: WithdrawnOf :many
SELECT w.item, w.day, d.partner, d.named, d.acknowledged_day
FROM withdrawn_deliveries AS w JOIN deliveries AS d ON d.item = w.item
WHERE w.account = @account AND (w.day > @after_day OR w.day = @after_day AND w.item > @after)
ORDER BY w.day, w.item
LIMIT CAST(@page AS BIGINT);

-- name: Unclaimed :one
SELECT COUNT(*) AS parts FROM parts AS p
WHERE p.testimony = CAST(@testimony AS TEXT) AND NOT EXISTS (
    SELECT 1 FROM deliveries AS d WHERE d.replaces = p.testimony AND d.replaces_n = p.n AND d.state IN ('taken', 'withdrawn')
);

-- name: HasPart :one
SELECT COUNT(*) AS parts FROM parts WHERE testimony = @testimony AND n = @n;

-- name: OwnerOf :one
SELECT owner, erased FROM testimonies WHERE id = @id;

-- name: Begin :exec
INSERT INTO arrivals (id, partner, client, named, tray, moved_day, length, header_sha256, note_sha256, blob, header, papers)
VALUES (@id, @partner, @client, @named, @tray, @moved_day, @length, @header_sha256, @note_sha256, @blob, @header, @papers);

-- name: Arriving :one
SELECT a.id, a.client, a.tray, a.moved_day, a.length, a.received, a.header_sha256, a.note_sha256, a.blob, a.header, a.papers, t.account
FROM arrivals AS a JOIN trays AS t ON t.id = a.tray
WHERE a.partner = @partner AND a.named = @named AND t.closed = 0 AND t.until_day > @today;

-- name: BegunBefore :one
SELECT client, note_sha256 FROM arrivals WHERE partner = @partner AND named = @named;

-- name: CountArriving :one
SELECT COUNT(*) AS arrivals FROM arrivals WHERE partner = @partner;

-- name: Advance :execrows
UPDATE arrivals SET received = @received, moved_day = @moved_day WHERE id = @id AND received = @was;

-- name: GiveUp :one
DELETE FROM arrivals WHERE partner = @partner AND named = @named AND client = @client RETURNING id, length, blob;

-- name: Stale :many
SELECT partner, named, client FROM arrivals WHERE moved_day < @before ORDER BY moved_day, id LIMIT CAST(@page AS BIGINT);

-- name: WaitingDigests :one
SELECT header_sha256, payload_sha256 FROM tray_items WHERE id = @id;
