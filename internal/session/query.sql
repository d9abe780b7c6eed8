-- name: Spend :execrows
INSERT INTO login_nonces (sha256, until_s) VALUES (@sha256, @until_s)
ON CONFLICT (sha256) DO NOTHING;

-- name: Forget :execrows
DELETE FROM login_nonces WHERE sha256 IN (
    SELECT n.sha256 FROM login_nonces n WHERE n.until_s < @before ORDER BY n.until_s LIMIT CAST(@most AS BIGINT));
