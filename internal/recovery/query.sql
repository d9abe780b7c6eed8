-- name: Set :exec
INSERT INTO recoveries (account, id, seq, sha256, threshold, wait) VALUES (@account, @id, @seq, @sha256, @threshold, @wait);

-- name: Name :exec
INSERT INTO recovery_trustees (recovery, account, share) VALUES (@recovery, @account, @share);

-- name: OfAccount :one
SELECT id FROM recoveries WHERE account = @account;

-- name: Naming :many
SELECT r.id, r.account, r.seq, r.sha256, r.wait, t.answer, t.share
FROM recovery_trustees AS t JOIN recoveries AS r ON r.id = t.recovery
WHERE t.account = @account ORDER BY r.id;

-- name: NamedBy :one
SELECT r.id, r.account, r.seq, r.sha256, r.wait, t.answer
FROM recovery_trustees AS t JOIN recoveries AS r ON r.id = t.recovery
WHERE t.account = @account AND r.id = @recovery;

-- name: Answer :exec
UPDATE recovery_trustees SET answer = @answer WHERE recovery = @recovery AND account = @account;

-- name: Trustees :many
SELECT account, answer FROM recovery_trustees WHERE recovery = @recovery ORDER BY account;

-- name: CountClaims :one
SELECT COUNT(*) FROM claims WHERE claimant = @claimant;

-- name: Claim :exec
INSERT INTO claims (id, claimant, seq, sha256, account, recovery, day) VALUES (@id, @claimant, @seq, @sha256, @account, @recovery, @day);

-- name: ClaimsOn :many
SELECT id, claimant, seq, day FROM claims
WHERE account = @account AND recovery = @recovery AND vetoed = 0
  AND (CAST(sqlc.narg(claimant) AS TEXT) IS NULL OR claimant = CAST(sqlc.narg(claimant) AS TEXT))
ORDER BY day, id LIMIT CAST(@page AS BIGINT);

-- name: OneClaim :one
SELECT claimant, sha256, account, recovery, day, vetoed FROM claims WHERE id = @id;

-- name: AskClaim :exec
UPDATE claims SET asked = asked + 1 WHERE id = @id;

-- name: DropShare :exec
DELETE FROM claim_shares WHERE claim = @claim AND account = @account;

-- name: DropShares :exec
DELETE FROM claim_shares WHERE claim_shares.account = @account AND claim_shares.claim IN (SELECT c.id FROM claims AS c WHERE c.recovery = @recovery);

-- name: Give :exec
INSERT INTO claim_shares (claim, account, release_seq, share) VALUES (@claim, @account, @release_seq, @share);

-- name: Given :many
SELECT s.account, s.release_seq, s.share FROM claim_shares AS s
JOIN recovery_trustees AS t ON t.account = s.account AND t.recovery = @recovery
WHERE s.claim = @claim AND t.answer <> 'declined' ORDER BY s.account;

-- name: InForce :one
SELECT seq, threshold, wait FROM recoveries WHERE id = @id;

-- name: DropNamed :exec
DELETE FROM recovery_trustees WHERE recovery = @recovery;

-- name: Drop :exec
DELETE FROM recoveries WHERE id = @id;
