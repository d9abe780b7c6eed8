-- name: AddPiece :exec
INSERT INTO pieces (payload, from_b, length, blob, digest, copied, checked_day)
VALUES (@payload, @from_b, @length, @blob, @digest, 0, 0);

-- name: Pieces :many
SELECT from_b, length, blob, digest FROM pieces WHERE payload = @payload ORDER BY from_b;

-- name: LastPiece :one
SELECT from_b, length, blob, digest FROM pieces WHERE payload = @payload ORDER BY from_b DESC LIMIT 1;

-- name: Drop :exec
DELETE FROM pieces WHERE payload = @payload;

-- name: InUse :one
SELECT COUNT(*) AS uses FROM pieces WHERE blob = @blob;

-- name: Doom :exec
INSERT INTO doomed_blobs (blob) VALUES (@blob) ON CONFLICT (blob) DO NOTHING;

-- name: Doomed :many
SELECT blob FROM doomed_blobs ORDER BY blob LIMIT CAST(@page AS BIGINT);

-- name: Undoom :exec
DELETE FROM doomed_blobs WHERE blob = @blob;
