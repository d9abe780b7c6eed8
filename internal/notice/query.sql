-- name: Post :exec
INSERT INTO notices (account, day, kind, times) VALUES (@account, @day, @kind, 1)
ON CONFLICT (account, day, kind) DO UPDATE SET times = notices.times + 1;

-- name: Newest :many
SELECT day, kind, times FROM notices WHERE account = @account ORDER BY day DESC, kind LIMIT CAST(@page AS BIGINT);
