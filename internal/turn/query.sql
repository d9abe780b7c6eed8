-- name: AddNode :exec
INSERT INTO turn_nodes (node, beat) VALUES (@node, 0) ON CONFLICT (node) DO NOTHING;

-- name: Take :execrows
INSERT INTO turns (testimony, n, holder, node, wanted) VALUES (@testimony, @n, @holder, @node, 0)
ON CONFLICT (testimony, n) DO NOTHING;

-- name: Want :exec
UPDATE turns SET wanted = 1 WHERE testimony = @testimony AND n = @n;

-- name: Holder :one
SELECT t.holder, t.node, b.beat FROM turns AS t JOIN turn_nodes AS b ON b.node = t.node WHERE t.testimony = @testimony AND t.n = @n;

-- name: End :exec
DELETE FROM turns WHERE testimony = @testimony AND n = @n AND holder = @holder;

-- name: Beat :exec
UPDATE turn_nodes SET beat = beat + 1 WHERE node = @node;

-- name: Wanted :many
SELECT holder FROM turns WHERE node = @node AND wanted = 1;

-- name: Bury :exec
DELETE FROM turn_nodes WHERE node = @node AND beat = @beat;

-- name: Leave :exec
DELETE FROM turn_nodes WHERE turn_nodes.node = @node AND NOT EXISTS (SELECT 1 FROM turns AS t WHERE t.node = turn_nodes.node);

-- name: BuryOthers :exec
DELETE FROM turn_nodes WHERE node <> @node;
