-- name: Finish :execrows
-- An answer that has outlived its time is as good as none, whether or not it has been pruned.
INSERT INTO idempotency (account, idem_key, request, status, until_s, answer)
VALUES (@account, @idem_key, @request, @status, @until_s, @answer)
ON CONFLICT (account, idem_key) DO UPDATE
SET request = excluded.request, status = excluded.status, until_s = excluded.until_s, answer = excluded.answer
WHERE idempotency.until_s < CAST(@now AS BIGINT);

-- name: Recall :one
SELECT request, status, answer FROM idempotency
WHERE account = @account AND idem_key = @idem_key AND until_s >= @now;

-- name: Forget :execrows
DELETE FROM idempotency WHERE idempotency.idem_key IN (
    SELECT i.idem_key FROM idempotency i WHERE i.until_s < @before ORDER BY i.until_s
    LIMIT CAST(@most AS BIGINT));
