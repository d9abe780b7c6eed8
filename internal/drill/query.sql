-- name: Accounts :many
SELECT iss, seq, sha256 FROM chains WHERE iss > @after ORDER BY iss LIMIT CAST(@page AS BIGINT);

-- name: KeysOf :one
SELECT COUNT(*) AS shred_keys FROM shred_keys WHERE testimony = @testimony;

-- name: OpenGrants :one
SELECT COUNT(*) AS grants FROM grants WHERE id = @id AND revoked_day IS NULL;

-- name: StandingAccreditations :one
SELECT COUNT(*) AS accreditations FROM accreditations WHERE id = @id AND suspended_day IS NULL;

-- name: Payloads :many
SELECT blob, length, payload_sha256 FROM parts WHERE blob IS NOT NULL ORDER BY payload_sha256 LIMIT CAST(@page AS BIGINT);
