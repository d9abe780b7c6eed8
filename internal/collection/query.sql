-- name: Open :exec
INSERT INTO collections (account, partner, tray, opened_day, until_day, statement)
VALUES (@account, @partner, @tray, @opened_day, @until_day, @statement);

-- name: Find :one
SELECT partner, tray, opened_day, until_day, over, statement FROM collections WHERE account = @account;

-- name: Count :one
SELECT COUNT(*) AS collections FROM collections WHERE partner = @partner AND over = 0;

-- name: OfPartner :many
SELECT account, tray, opened_day, until_day, over, statement FROM collections
WHERE partner = @partner AND account > @after
ORDER BY account
LIMIT CAST(@page AS BIGINT);

-- name: Ended :many
SELECT account FROM collections WHERE over = 0 AND until_day <= @today ORDER BY account LIMIT CAST(@page AS BIGINT);

-- name: Ending :many
SELECT account, partner, tray FROM collections WHERE over = 0 AND warned = 0 AND until_day <= @before ORDER BY account LIMIT CAST(@page AS BIGINT);

-- name: Warned :exec
UPDATE collections SET warned = 1 WHERE account = @account;

-- name: Over :execrows
UPDATE collections SET over = 1 WHERE account = @account AND over = 0;
