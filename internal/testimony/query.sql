-- name: Create :exec
INSERT INTO testimonies (id, owner, ordinal, created_day, events, card_sha256, card)
VALUES (@id, @owner, @ordinal, @created_day, @events, @card_sha256, @card);

-- name: Owned :one
SELECT ordinal, created_day, card FROM testimonies WHERE id = @id AND owner = @owner AND erased = 0;

-- name: SetCard :execrows
UPDATE testimonies SET card_sha256 = @card_sha256, card = @card
WHERE id = @id AND owner = @owner AND erased = 0;

-- name: List :many
SELECT t.id, t.ordinal, t.created_day, t.card, k.shred_key,
    (SELECT COUNT(*) FROM parts AS p WHERE p.testimony = t.id) AS parts
FROM testimonies AS t JOIN shred_keys AS k ON k.testimony = t.id
WHERE t.owner = @owner AND t.ordinal > @after AND t.erased = 0
ORDER BY t.ordinal
LIMIT CAST(@page AS BIGINT);

-- name: Standing :many
SELECT id FROM testimonies WHERE owner = @owner AND erased = 0 ORDER BY ordinal;

-- name: SetHeader :exec
UPDATE parts SET header_sha256 = @header_sha256, header = @header WHERE testimony = @testimony AND n = @n;

-- name: AddPart :exec
INSERT INTO parts (testimony, n, state, arrived, classic, length, payload_sha256, commitment, header_sha256, received_iss, received_seq, blob, header, payload)
VALUES (@testimony, @n, @state, @arrived, @classic, @length, @payload_sha256, @commitment, @header_sha256,
    sqlc.narg(received_iss), sqlc.narg(received_seq), sqlc.narg(blob), @header, @payload);

-- name: Part :one
SELECT n, state, arrived, classic, length, payload_sha256, commitment, header_sha256, received_iss, received_seq, blob
FROM parts WHERE testimony = @testimony AND n = @n;

-- name: Parts :many
SELECT n, state, arrived, classic, length, payload_sha256, commitment, header_sha256, received_iss, received_seq, blob, damage,
    CAST(COALESCE((SELECT MIN(p.from_b) FROM pieces AS p WHERE p.payload = parts.blob AND p.damage IS NOT NULL), -1) AS BIGINT) AS damaged_from
FROM parts WHERE testimony = @testimony ORDER BY n;

-- name: Content :one
SELECT length, payload_sha256, header_sha256, blob, header, payload FROM parts WHERE testimony = @testimony AND n = @n;

-- name: Adopt :execrows
UPDATE parts SET state = 'hers' WHERE testimony = @testimony AND n = @n AND state = 'received';

-- name: Relock :execrows
UPDATE parts SET length = @length, payload_sha256 = @payload_sha256, commitment = @commitment, header_sha256 = @header_sha256,
    classic = @classic, blob = sqlc.narg(blob), header = @header, payload = @payload, checked_day = 0, damage = NULL
WHERE testimony = @testimony AND n = @n AND payload_sha256 = @old_payload_sha256 AND state = 'hers';

-- name: DestroyParts :exec
DELETE FROM parts WHERE testimony = @testimony;

-- name: Begin :exec
INSERT INTO uploads (testimony, n, header_sha256, nonce, length, classic, begun_day, moved_day, received, header)
VALUES (@testimony, @n, @header_sha256, @nonce, @length, @classic, @day, @day, 0, @header);

-- name: Slot :one
SELECT n, header_sha256, nonce, length, received, moved_day, payload_sha256, blob FROM uploads WHERE testimony = @testimony AND n = @n;

-- name: Slots :many
SELECT n, header_sha256, nonce, length, received, begun_day, payload_sha256, blob, header FROM uploads WHERE testimony = @testimony ORDER BY n;

-- name: SlotContent :one
SELECT header_sha256, length, classic, payload_sha256, blob, header, payload FROM uploads WHERE testimony = @testimony AND n = @n;

-- name: Advance :execrows
UPDATE uploads SET received = @received, moved_day = @moved_day, payload_sha256 = @payload_sha256, blob = sqlc.narg(blob), payload = @payload
WHERE testimony = @testimony AND n = @n AND header_sha256 = @header_sha256 AND nonce = @nonce AND received = @was AND payload_sha256 IS NULL;

-- name: Tails :many
SELECT from_b, tail FROM tails WHERE testimony = @testimony AND n = @n ORDER BY from_b;

-- name: AddTail :exec
INSERT INTO tails (testimony, n, from_b, tail) VALUES (@testimony, @n, @from_b, @tail);

-- name: RewindSlot :exec
UPDATE uploads SET payload_sha256 = NULL, received = @received, blob = sqlc.narg(blob)
WHERE testimony = @testimony AND n = @n;

-- name: DropTails :exec
DELETE FROM tails WHERE testimony = @testimony AND n = @n;

-- name: DropSlot :exec
DELETE FROM uploads WHERE testimony = @testimony AND n = @n;

-- name: DropSlots :exec
DELETE FROM uploads WHERE testimony = @testimony;

-- name: StaleSlots :many
SELECT u.testimony, u.n, t.owner
FROM uploads AS u JOIN testimonies AS t ON t.id = u.testimony
WHERE u.moved_day < @before
ORDER BY u.testimony, u.n
LIMIT CAST(@page AS BIGINT);

-- name: Erase :execrows
UPDATE testimonies SET erased = 1, card = NULL WHERE id = @id AND owner = @owner AND erased = 0;

-- name: Owner :one
SELECT owner, erased FROM testimonies WHERE id = @id;
