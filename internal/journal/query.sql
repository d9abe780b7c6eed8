-- name: Known :many
SELECT node, seq, sha256 FROM journal_known ORDER BY node, seq;

-- name: Highest :many
SELECT node, CAST(MAX(seq) AS BIGINT) AS seq FROM journal_known GROUP BY node ORDER BY node;

-- name: Know :exec
INSERT INTO journal_known (node, seq, sha256) VALUES (@node, @seq, @sha256) ON CONFLICT (node, seq) DO NOTHING;

-- name: ForgetBelow :execrows
DELETE FROM journal_known WHERE node = @node AND seq < @seq;

-- name: NewestBelow :one
SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS seq FROM journal_known WHERE node = @node AND seq < @before;

-- name: ForgetNode :exec
DELETE FROM journal_known WHERE node = @node;
