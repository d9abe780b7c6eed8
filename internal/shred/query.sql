-- name: CreateKey :exec
INSERT INTO shred_keys (testimony, shred_key) VALUES (@testimony, @shred_key);

-- name: Key :one
SELECT shred_key FROM shred_keys WHERE testimony = @testimony;

-- name: DestroyKey :execrows
DELETE FROM shred_keys WHERE testimony = @testimony;
