-- name: AddPiece :exec
INSERT INTO pieces (payload, from_b, length, blob, digest, copied, checked_day)
VALUES (@payload, @from_b, @length, @blob, @digest, 0, 0);

-- name: Pieces :many
SELECT from_b, length, blob, digest, second FROM pieces WHERE payload = @payload ORDER BY from_b;

-- name: CountPieces :one
SELECT COUNT(*) AS pieces FROM pieces WHERE payload = @payload;

-- name: LastPiece :one
SELECT from_b, length, blob, digest FROM pieces WHERE payload = @payload ORDER BY from_b DESC LIMIT 1;

-- name: Drop :exec
DELETE FROM pieces WHERE payload = @payload;

-- name: DropFrom :exec
DELETE FROM pieces WHERE payload = @payload AND from_b >= @from_b;

-- name: InUse :one
SELECT COUNT(*) AS uses FROM pieces WHERE blob = @blob;

-- name: InUseSecond :one
SELECT COUNT(*) AS uses FROM pieces WHERE second = CAST(@blob AS TEXT);

-- name: Doom :exec
INSERT INTO doomed_blobs (blob, second, hold_s, testimony) VALUES (@blob, @second, @hold_s, sqlc.narg(testimony)) ON CONFLICT (blob) DO NOTHING;

-- name: Doomed :many
SELECT blob FROM doomed_blobs WHERE second = @second AND hold_s <= @now_s ORDER BY blob LIMIT CAST(@page AS BIGINT);

-- name: LeftOf :one
SELECT COUNT(*) AS blobs FROM doomed_blobs WHERE testimony = CAST(@testimony AS TEXT);

-- name: Undoom :exec
DELETE FROM doomed_blobs WHERE blob = @blob;

-- name: Release :exec
UPDATE doomed_blobs SET hold_s = 0 WHERE blob = @blob;

-- name: Pardon :execrows
DELETE FROM doomed_blobs WHERE blob = @blob AND hold_s > @now_s;
