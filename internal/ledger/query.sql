-- name: BeginChain :exec
INSERT INTO chains (iss, key, signer, seq, sha256, day) VALUES (@iss, @iss, @iss, @seq, @sha256, @day);

-- name: Advance :one
UPDATE chains SET seq = @seq, sha256 = @sha256, day = CASE WHEN day < CAST(@day AS BIGINT) THEN CAST(@day AS BIGINT) ELSE day END
WHERE key = @key AND signer = @key AND seq = @before AND sha256 = @prev
RETURNING iss, watched, claimed;

-- name: HandOver :one
UPDATE chains SET seq = @seq, sha256 = @sha256, key = @key, signer = @key,
    day = CASE WHEN day < CAST(@day AS BIGINT) THEN CAST(@day AS BIGINT) ELSE day END
WHERE iss = @iss AND signer = @signer AND seq = @before AND sha256 = @prev
RETURNING watched, claimed;

-- name: Head :one
SELECT seq, sha256 FROM chains WHERE iss = @iss;

-- name: OfKey :one
SELECT iss, signer, seq, sha256 FROM chains WHERE key = @key;

-- name: Uses :one
SELECT (SELECT COUNT(*) FROM chains WHERE iss = @key OR key = @key)
     + (SELECT COUNT(*) FROM rekeys WHERE rekeys.key = @key) AS uses;

-- name: SwitchKey :exec
UPDATE chains SET key = @key WHERE iss = @iss;

-- name: AddRekey :exec
INSERT INTO rekeys (account, seq, key) VALUES (@account, @seq, @key);

-- name: Rekeys :many
SELECT seq FROM rekeys WHERE account = @account ORDER BY seq;

-- name: AppendStatement :exec
INSERT INTO statements (iss, seq, sha256, testimony, day, body)
VALUES (@iss, @seq, @sha256, sqlc.narg(testimony), @day, @body);

-- name: Entries :many
SELECT seq, sha256, testimony, day, body FROM statements
WHERE iss = @iss AND seq > @after
ORDER BY seq
LIMIT CAST(@page AS BIGINT);

-- name: Entry :one
SELECT seq, sha256, testimony, day, body FROM statements
WHERE iss = @iss AND seq = @seq;

-- name: EmptyBodies :exec
UPDATE statements SET body = NULL WHERE iss = @iss AND testimony = @testimony AND body IS NOT NULL;

-- name: HashesAbout :many
SELECT sha256 FROM statements WHERE iss = @iss AND testimony = @testimony ORDER BY seq;

-- name: LastDay :one
SELECT day FROM chains WHERE iss = @iss;

-- name: AskAfter :exec
UPDATE chains SET asked = asked + 1 WHERE iss = @iss;

-- name: Watch :exec
UPDATE chains SET watched = COALESCE(watched, 0) WHERE iss = @iss;

-- name: SetWatched :exec
UPDATE chains SET watched = CAST(@day AS BIGINT) WHERE iss = @iss;

-- name: HeardOn :exec
UPDATE chains SET day = CAST(@day AS BIGINT) WHERE iss = @iss AND day < CAST(@day AS BIGINT);

-- name: Claimed :exec
UPDATE chains SET claimed = claimed + 1 WHERE iss = @iss;

-- name: Unclaimed :exec
UPDATE chains SET claimed = 0 WHERE iss = @iss;

-- name: OpenClaims :many
SELECT id FROM claims WHERE account = @account AND vetoed = 0 ORDER BY id;

-- name: VetoClaim :exec
UPDATE claims SET vetoed = 1 WHERE id = @id;

-- name: ForgetTrustees :exec
DELETE FROM recovery_trustees WHERE recovery IN (SELECT r.id FROM recoveries AS r WHERE r.account = @account);

-- name: ForgetRecovery :exec
DELETE FROM recoveries WHERE account = @account;
