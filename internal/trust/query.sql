-- name: Owned :one
SELECT id FROM testimonies WHERE id = @id AND owner = @owner AND erased = 0;

-- name: Introduce :exec
INSERT INTO introductions (account) VALUES (@account) ON CONFLICT (account) DO NOTHING;

-- name: Withdraw :exec
DELETE FROM introductions WHERE account = @account;

-- name: Introduced :one
SELECT account FROM introductions WHERE account = @account;

-- name: CountOn :one
SELECT COUNT(id) FROM policies WHERE testimony = @testimony;

-- name: Create :exec
INSERT INTO policies (id, testimony, owner, seq, sha256, grantee, threshold, silence, wait, recipient_sha256, recipient)
VALUES (@id, @testimony, @owner, @seq, @sha256, @grantee, @threshold, @silence, @wait, sqlc.narg(recipient_sha256), sqlc.narg(recipient));

-- name: Name :exec
INSERT INTO policy_trustees (policy, account, share) VALUES (@policy, @account, @share);

-- name: Find :one
SELECT p.id, p.testimony, p.owner, p.seq, p.sha256, p.threshold, p.silence, p.wait, p.released_s
FROM policies AS p WHERE p.id = @id;

-- name: Votes :one
SELECT COUNT(account) FROM policy_trustees
WHERE policy = @policy AND released IS NOT NULL AND released_s >= @since;

-- name: Ask :exec
UPDATE policies SET asked = asked + 1 WHERE id = @id;

-- name: OnTestimony :many
SELECT id, seq, threshold, silence, wait, recipient FROM policies
WHERE testimony = @testimony AND seq > @after
ORDER BY seq
LIMIT CAST(@page AS BIGINT);

-- name: Trustees :many
SELECT account, answer, release_seq, released_s, released FROM policy_trustees
WHERE policy = @policy
ORDER BY account;

-- name: Named :one
SELECT p.id, p.testimony, p.owner, p.seq, p.sha256, p.threshold, p.silence, p.wait, t.answer, t.released_s, t.share
FROM policies AS p JOIN policy_trustees AS t ON t.policy = p.id
WHERE p.id = @id AND t.account = @account;

-- name: NamedIn :many
SELECT p.id, p.testimony, p.owner, p.seq, p.threshold, p.silence, p.wait, t.answer, t.released_s, t.share
FROM policies AS p JOIN policy_trustees AS t ON t.policy = p.id
WHERE t.account = @account AND p.id > @after
ORDER BY p.id
LIMIT CAST(@page AS BIGINT);

-- name: Agree :exec
UPDATE policy_trustees SET answer = 'agreed' WHERE policy = @policy AND account = @account;

-- name: Decline :exec
UPDATE policy_trustees SET answer = 'declined', release_seq = 0, released_s = 0, released = NULL
WHERE policy = @policy AND account = @account;

-- name: Vote :exec
UPDATE policy_trustees SET release_seq = @release_seq, released_s = @released_s, released = @released
WHERE policy = @policy AND account = @account;

-- name: Granted :one
SELECT g.testimony, g.owner, g.policy FROM grants AS g
WHERE g.id = @id AND g.grantee = @grantee AND g.revoked_day IS NULL AND g.policy IS NOT NULL;

-- name: NoteReleased :exec
UPDATE policies SET released_s = @released_s WHERE id = @id;

-- name: Silent :many
SELECT p.id, p.testimony, p.silence, p.wait FROM policies AS p
WHERE p.owner = @owner AND p.silence > 0 AND EXISTS (
    SELECT 1 FROM grants AS g
    WHERE g.testimony = p.testimony AND g.policy = p.id AND g.revoked_day IS NULL AND g.until_s > @now_s)
ORDER BY p.id;

-- name: ForgetTrustees :exec
DELETE FROM policy_trustees WHERE policy IN (SELECT p.id FROM policies AS p WHERE p.testimony = @testimony);

-- name: ForgetPolicies :exec
DELETE FROM policies WHERE testimony = @testimony;
