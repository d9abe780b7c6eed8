-- name: Accounts :many
SELECT role, COUNT(*) AS n FROM accounts WHERE enrolled_day < @until_s GROUP BY role ORDER BY role;

-- name: Testimonies :one
SELECT CAST(COALESCE(SUM(1 - erased), 0) AS BIGINT) AS stand, CAST(COALESCE(SUM(erased), 0) AS BIGINT) AS erased, COUNT(DISTINCT owner) AS owners FROM testimonies WHERE created_day < @until_s;

-- name: Parts :one
SELECT COUNT(*) AS n, CAST(COALESCE(SUM(length), 0) AS BIGINT) AS bytes FROM parts;

-- name: Grants :one
SELECT COUNT(*) AS n, COUNT(DISTINCT grantee) AS readers, COUNT(DISTINCT owner) AS owners FROM grants
WHERE from_s < @until_s AND until_s > @from_s AND (revoked_day IS NULL OR revoked_day >= @from_s);

-- name: Openings :one
SELECT COUNT(*) AS n, COUNT(DISTINCT g.grantee) AS readers, COUNT(DISTINCT g.owner) AS owners FROM openings AS o JOIN grants AS g ON g.id = o.grant_id
WHERE o.opened_s < @until_s AND o.until_s >= @from_s;

-- name: OpeningsBy :one
SELECT COUNT(*) AS n, COUNT(DISTINCT g.owner) AS owners, COUNT(DISTINCT g.testimony) AS testimonies FROM openings AS o JOIN grants AS g ON g.id = o.grant_id
WHERE g.grantee = @grantee AND o.opened_s < @until_s AND o.until_s >= @from_s;

-- name: GrantsTo :one
SELECT COUNT(*) AS n, COUNT(DISTINCT owner) AS owners FROM grants
WHERE grantee = @grantee AND from_s < @until_s AND until_s > @from_s AND (revoked_day IS NULL OR revoked_day >= @from_s);

-- name: Attempts :one
SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) AS n FROM denials WHERE day >= @from_s AND day < @until_s;
