-- name: Newest :one
SELECT sha256 FROM rosters ORDER BY seq DESC LIMIT 1;

-- name: Founding :one
SELECT document FROM rosters WHERE seq = 0;

-- name: AddRoster :exec
INSERT INTO rosters (seq, sha256, document) VALUES (@seq, @sha256, @document);

-- name: Rosters :many
SELECT seq, sha256, document FROM rosters ORDER BY seq;

-- name: EffectiveApprovals :many
SELECT r.seq, a.statement FROM rosters r
JOIN roster_approvals a ON a.sha256 = r.sha256
ORDER BY r.seq, a.steward;

-- name: Approvers :many
SELECT steward FROM roster_approvals WHERE sha256 = @sha256 ORDER BY steward;

-- name: AddApproval :exec
INSERT INTO roster_approvals (sha256, steward, document, statement) VALUES (@sha256, @steward, @document, @statement);

-- name: TakeBack :exec
DELETE FROM roster_approvals
WHERE steward = @steward AND NOT EXISTS (SELECT 1 FROM rosters r WHERE r.sha256 = roster_approvals.sha256);

-- name: DropProposals :exec
DELETE FROM roster_approvals
WHERE NOT EXISTS (SELECT 1 FROM rosters r WHERE r.sha256 = roster_approvals.sha256);

-- name: Approvals :many
SELECT statement FROM roster_approvals WHERE sha256 = @sha256 ORDER BY steward;
