-- name: Apply :exec
INSERT INTO applications (account, apply_sha256, statement) VALUES (@account, @apply_sha256, @statement)
ON CONFLICT (account) DO UPDATE SET apply_sha256 = excluded.apply_sha256, statement = excluded.statement;

-- name: Application :one
SELECT account, apply_sha256, statement FROM applications WHERE account = @account;

-- name: Applications :many
SELECT account, apply_sha256, statement FROM applications
WHERE account > @after
ORDER BY account
LIMIT CAST(@page AS BIGINT);

-- name: Add :exec
INSERT INTO accreditations (id, account, apply_sha256, from_s, until_s)
VALUES (@id, @account, @apply_sha256, @from_s, @until_s);


-- name: Count :one
SELECT COUNT(id) FROM accreditations WHERE account = @account;

-- name: AddVoice :exec
INSERT INTO accreditation_voices (accreditation, steward, act, statement)
VALUES (@accreditation, @steward, @act, @statement);

-- name: Suspend :exec
UPDATE accreditations SET suspended_day = @suspended_day WHERE id = @id AND suspended_day IS NULL;

-- name: Standing :many
SELECT a.account, a.from_s, a.until_s, a.suspended_day, a.apply_sha256, p.apply_sha256 AS newest_apply_sha256, v.steward, r.sha256 AS roster_sha256
FROM accreditations a
JOIN applications p ON p.account = a.account
JOIN accreditation_voices v ON v.accreditation = a.id
JOIN rosters r ON r.seq = (SELECT MAX(seq) FROM rosters)
WHERE a.id = @id AND v.act = 'accredit';

-- name: Voices :many
SELECT a.id, a.account, a.from_s, a.until_s, a.suspended_day, a.apply_sha256, v.steward, v.act, v.statement
FROM accreditations a
JOIN accreditation_voices v ON v.accreditation = a.id
WHERE a.account >= @low AND a.account <= @high
ORDER BY a.account, a.from_s, a.id, v.act, v.steward;

-- name: Voice :one
SELECT steward FROM accreditation_voices WHERE accreditation = @accreditation AND steward = @steward AND act = @act;
