-- name: Piece :one
SELECT payload, from_b, length, blob, digest, second, damage FROM pieces WHERE blob = @blob;

-- name: StateAt :one
SELECT digest FROM pieces WHERE payload = @payload AND from_b + length = CAST(@at AS BIGINT);

-- name: PiecesOf :many
SELECT blob, from_b, length FROM pieces WHERE payload = @payload ORDER BY from_b;

-- name: PartOf :one
SELECT testimony, n, length, payload_sha256, healed_day FROM parts WHERE blob = CAST(@payload AS TEXT);

-- name: UploadOf :one
SELECT testimony, n, length, payload_sha256 FROM uploads WHERE blob = CAST(@payload AS TEXT);

-- name: ItemOf :one
SELECT length, payload_sha256 FROM tray_items WHERE blob = CAST(@payload AS TEXT);

-- name: Suspects :many
SELECT blob, length FROM pieces WHERE suspect = 1 AND claimed_s <= @now_s ORDER BY blob LIMIT CAST(@page AS BIGINT);

-- name: Due :many
SELECT blob, length FROM pieces WHERE checked_day <= @before AND damage IS NULL AND claimed_s <= @now_s
ORDER BY checked_day, blob LIMIT CAST(@page AS BIGINT);

-- name: Ailing :many
SELECT blob, length FROM pieces WHERE damage IS NOT NULL AND damage_day < @today AND claimed_s <= @now_s
ORDER BY blob LIMIT CAST(@page AS BIGINT);

-- name: Uncopied :many
SELECT blob, length FROM pieces WHERE copied = 0 AND damage IS NULL AND claimed_s <= @now_s ORDER BY blob LIMIT CAST(@page AS BIGINT);

-- name: Behind :many
SELECT blob, length, payload, from_b FROM pieces
WHERE (payload > @payload OR payload = @payload AND from_b > @from_b) AND claimed_s <= @now_s
ORDER BY payload, from_b LIMIT CAST(@page AS BIGINT);

-- name: Witnesses :many
SELECT blob FROM pieces WHERE blob <> @blob AND damage IS NULL ORDER BY checked_day DESC, blob DESC LIMIT CAST(@page AS BIGINT);

-- name: Claim :execrows
UPDATE pieces SET claimed_s = @until_s WHERE blob = @blob AND claimed_s <= @now_s;

-- name: Suspect :exec
UPDATE pieces SET suspect = 1 WHERE blob = @blob AND damage_day < @today;

-- name: Queue :exec
UPDATE pieces SET suspect = 1 WHERE blob = @blob AND damage_day < @today AND checked_day < @today;

-- name: Unclaim :exec
UPDATE pieces SET claimed_s = 0 WHERE blob = @blob;

-- name: Good :execrows
UPDATE pieces SET checked_day = @day, damage = NULL, damage_day = 0, suspect = 0, claimed_s = 0 WHERE blob = @blob;

-- name: Bad :execrows
UPDATE pieces SET damage = @damage, damage_day = @day, suspect = 0, claimed_s = 0 WHERE blob = @blob;

-- name: Replace :execrows
UPDATE pieces SET blob = @anew, checked_day = @day, damage = NULL, damage_day = 0, suspect = 0, claimed_s = 0 WHERE blob = @blob;

-- name: Copied :execrows
UPDATE pieces SET second = @second, copied = 1, checked_day = @day, claimed_s = 0 WHERE blob = @blob AND copied = 0 AND second IS NULL;

-- name: Uncopy :execrows
UPDATE pieces SET second = NULL, copied = 0 WHERE blob = @blob AND second = @second;

-- name: BadIn :one
SELECT COUNT(*) AS pieces FROM pieces WHERE payload = @payload AND damage IS NOT NULL;

-- name: Told :exec
UPDATE parts SET healed_day = @day WHERE testimony = @testimony AND n = @n;

-- name: DueRows :many
SELECT testimony, n, payload_sha256 FROM parts WHERE checked_day <= @before AND claimed_s <= @now_s
ORDER BY checked_day, testimony, n LIMIT CAST(@page AS BIGINT);

-- name: ClaimRow :execrows
UPDATE parts SET claimed_s = @until_s WHERE testimony = @testimony AND n = @n AND claimed_s <= @now_s;

-- name: Row :one
SELECT header_sha256, header, payload_sha256, payload, blob, damage FROM parts WHERE testimony = @testimony AND n = @n;

-- name: LookedAt :execrows
UPDATE parts SET checked_day = @day, damage = sqlc.narg(damage), claimed_s = 0
WHERE testimony = @testimony AND n = @n AND payload_sha256 = @payload_sha256 AND header_sha256 = @header_sha256;

-- name: Volume :one
SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) AS bytes FROM pieces;

-- name: CountPieces :one
SELECT COUNT(*) AS pieces, CAST(COALESCE(SUM(length), 0) AS BIGINT) AS bytes, CAST(COALESCE(SUM(copied), 0) AS BIGINT) AS copied,
    CAST(COALESCE(MIN(checked_day), 0) AS BIGINT) AS oldest
FROM pieces;

-- name: CountBad :many
SELECT damage, COUNT(*) AS pieces, CAST(COALESCE(SUM(length), 0) AS BIGINT) AS bytes FROM pieces WHERE damage IS NOT NULL GROUP BY damage ORDER BY damage;

-- name: CountRows :one
SELECT COUNT(*) AS parts, CAST(COALESCE(MIN(checked_day), 0) AS BIGINT) AS oldest FROM parts;

-- name: CountBadRows :one
SELECT COUNT(*) AS parts FROM parts WHERE damage IS NOT NULL;

-- name: ForgetCopies :execrows
UPDATE pieces SET second = NULL, copied = 0 WHERE second IS NOT NULL;

-- name: ForgetDoomed :execrows
DELETE FROM doomed_blobs WHERE second = 1;

-- name: CountDoomed :many
SELECT second, COUNT(*) AS objects FROM doomed_blobs GROUP BY second ORDER BY second;
