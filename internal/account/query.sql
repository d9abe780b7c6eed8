-- name: Find :one
SELECT role, key_sha256 FROM accounts WHERE id = @id;

-- name: OfKey :one
SELECT a.id, a.role FROM chains AS c JOIN accounts AS a ON a.id = c.iss WHERE c.key = @key;

-- name: Open :exec
INSERT INTO accounts (id, role, key_sha256, enrolled_day) VALUES (@id, @role, @key_sha256, @enrolled_day);

-- name: EnrolledOn :one
SELECT COUNT(id) FROM accounts WHERE enrolled_day = @enrolled_day;

-- name: Charge :one
UPDATE accounts SET bytes = bytes + CAST(@amount AS BIGINT)
WHERE id = @id AND (CAST(@amount AS BIGINT) <= 0 OR bytes + CAST(@amount AS BIGINT) <= CAST(@most AS BIGINT))
RETURNING bytes;

-- name: NextOrdinal :one
UPDATE accounts SET testimonies = testimonies + 1
WHERE id = @id AND testimonies < CAST(@most AS BIGINT)
RETURNING testimonies;

-- name: Invite :exec
INSERT INTO invitations (code_sha256, role, invited_by, until_s) VALUES (@code_sha256, @role, @invited_by, @until_s);

-- name: OpenInvitations :one
SELECT COUNT(code_sha256) FROM invitations WHERE invited_by = @invited_by;

-- name: DropEndedInvitations :exec
DELETE FROM invitations WHERE until_s <= @now;

-- name: UseInvitation :one
DELETE FROM invitations
WHERE code_sha256 = @code_sha256 AND role = @role AND until_s > @now
RETURNING invited_by;
