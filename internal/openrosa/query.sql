-- name: AddForm :exec
INSERT INTO field_forms (id, partner, tray, form_sha256, document, added_day, withdrawn_day)
VALUES (@id, @partner, @tray, @form_sha256, @document, @added_day, 0);

-- name: Supersede :many
UPDATE field_forms SET withdrawn_day = @day WHERE tray = @tray AND form_sha256 = @form_sha256 AND withdrawn_day = 0 RETURNING id;

-- name: Forms :many
SELECT id, tray, document, added_day, withdrawn_day FROM field_forms
WHERE partner = @partner AND id > @after
ORDER BY id
LIMIT CAST(@page AS BIGINT);

-- name: CountForms :one
SELECT COUNT(*) AS forms FROM field_forms WHERE partner = @partner AND withdrawn_day = 0;

-- name: Offered :many
SELECT id, document FROM field_forms WHERE tray = @tray AND withdrawn_day = 0 ORDER BY id;

-- name: Form :one
SELECT document FROM field_forms WHERE id = @id AND tray = @tray AND withdrawn_day = 0;

-- name: Withdraw :execrows
UPDATE field_forms SET withdrawn_day = @day WHERE id = @id AND partner = @partner AND withdrawn_day = 0;

-- name: HasForm :one
SELECT COUNT(*) AS forms FROM field_forms WHERE id = @id AND partner = @partner;

-- name: WithdrawAgain :exec
UPDATE field_forms SET withdrawn_day = @day WHERE id = @id AND withdrawn_day = 0;

-- name: ForgetForms :execrows
DELETE FROM field_forms WHERE id IN (SELECT f.id FROM field_forms AS f WHERE f.withdrawn_day > 0 AND f.withdrawn_day <= @before ORDER BY f.id LIMIT CAST(@page AS BIGINT));

-- name: AddCollector :exec
INSERT INTO collectors (id, partner, tray, token_sha256, former_sha256, former_day, made_day, until_day, revoked, refused_day)
VALUES (@id, @partner, @tray, @token_sha256, @former_sha256, 0, @made_day, @until_day, 0, 0);

-- name: CountCollectors :one
SELECT COUNT(*) AS collectors FROM collectors WHERE partner = @partner AND revoked = 0 AND until_day > @today;

-- name: Collectors :many
SELECT id, tray, made_day, until_day, revoked FROM collectors
WHERE partner = @partner AND id > @after
ORDER BY id
LIMIT CAST(@page AS BIGINT);

-- name: Collector :one
SELECT tray, token_sha256, until_day, revoked FROM collectors WHERE id = @id AND partner = @partner;

-- name: ByToken :one
SELECT id, partner, tray FROM collectors
WHERE (token_sha256 = @token_sha256 OR (former_sha256 = @token_sha256 AND former_day > @today)) AND revoked = 0 AND until_day > @today;

-- name: Rotate :exec
UPDATE collectors SET token_sha256 = @token_sha256, former_sha256 = @former_sha256, former_day = @former_day, until_day = @until_day WHERE id = @id;

-- name: Revoke :execrows
UPDATE collectors SET revoked = 1 WHERE id = @id AND partner = @partner AND revoked = 0;

-- name: RevokeAgain :exec
UPDATE collectors SET revoked = 1 WHERE id = @id;

-- name: ForgetCollectors :execrows
DELETE FROM collectors WHERE id IN (SELECT c.id FROM collectors AS c WHERE c.until_day <= @before ORDER BY c.id LIMIT CAST(@page AS BIGINT));

-- name: NoteRefused :execrows
UPDATE collectors SET refused_day = @today WHERE id = @id AND refused_day < @today;

-- name: Submission :one
SELECT id, manifest_sha256 FROM submissions WHERE tray = @tray AND instance_sha256 = @instance_sha256 AND until_day > @today;

-- name: DropSubmission :exec
DELETE FROM submissions WHERE tray = @tray AND instance_sha256 = @instance_sha256 AND until_day <= @today;

-- name: AddSubmission :exec
INSERT INTO submissions (id, tray, instance_sha256, manifest_sha256, until_day)
VALUES (@id, @tray, @instance_sha256, @manifest_sha256, @until_day);

-- name: Files :many
SELECT file_mac FROM submission_files WHERE submission = @submission ORDER BY file_mac;

-- name: AddFile :exec
INSERT INTO submission_files (submission, file_mac, item) VALUES (@submission, @file_mac, @item);

-- name: ForgetSubmissions :execrows
DELETE FROM submissions WHERE id IN (SELECT s.id FROM submissions AS s WHERE s.until_day <= @today ORDER BY s.id LIMIT CAST(@page AS BIGINT));
