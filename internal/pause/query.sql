-- name: Pause :exec
INSERT INTO pauses (account, testimony, by_code) VALUES (@account, @testimony, @by_code)
ON CONFLICT (account, testimony) DO NOTHING;

-- name: Lift :exec
DELETE FROM pauses WHERE account = @account AND testimony = @testimony;

-- name: Standing :many
SELECT testimony, by_code FROM pauses WHERE account = @account ORDER BY testimony;

-- name: Stands :one
SELECT COUNT(*) FROM pauses WHERE account = @account AND (testimony = '' OR testimony = @testimony);

-- name: Owned :one
SELECT id FROM testimonies WHERE id = @id AND owner = @owner AND erased = 0;

-- name: SetCode :exec
INSERT INTO pause_codes (account, code_sha256) VALUES (@account, @code_sha256)
ON CONFLICT (account) DO UPDATE SET code_sha256 = excluded.code_sha256;

-- name: EndCode :exec
DELETE FROM pause_codes WHERE account = @account;

-- name: HasCode :one
SELECT COUNT(*) FROM pause_codes WHERE account = @account;

-- name: Knock :exec
INSERT INTO pause_knocks (code_sha256) VALUES (@code_sha256) ON CONFLICT (code_sha256) DO NOTHING;

-- name: Knocks :many
SELECT code_sha256 FROM pause_knocks ORDER BY code_sha256 LIMIT CAST(@page AS BIGINT);

-- name: Heard :exec
DELETE FROM pause_knocks WHERE code_sha256 = @code_sha256;

-- name: Holders :many
SELECT account FROM pause_codes WHERE code_sha256 = @code_sha256 ORDER BY account;
