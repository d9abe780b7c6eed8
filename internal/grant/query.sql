-- name: Create :exec
INSERT INTO grants (id, testimony, owner, seq, grantee, accreditation, from_s, until_s, policy, max_reads)
VALUES (@id, @testimony, @owner, @seq, @grantee, @accreditation, @from_s, @until_s, sqlc.narg(policy), @max_reads);

-- name: CreatePart :exec
INSERT INTO grant_parts (grant_id, n, testimony, header_sha256, header)
VALUES (@grant_id, @n, @testimony, @header_sha256, @header);

-- name: PartToGrant :one
SELECT p.state, p.classic, p.payload_sha256, p.commitment
FROM parts AS p JOIN testimonies AS t ON t.id = p.testimony
WHERE p.testimony = @testimony AND p.n = @n AND t.owner = @owner AND t.erased = 0;

-- name: CountIn :execrows
UPDATE testimonies SET grants = grants + 1 WHERE id = @id AND grants < @most;

-- name: Owned :one
SELECT k.shred_key FROM testimonies AS t JOIN shred_keys AS k ON k.testimony = t.id
WHERE t.id = @id AND t.owner = @owner AND t.erased = 0;

-- name: Revoke :execrows
UPDATE grants SET ended_seq = @seq
WHERE id = @id AND testimony = @testimony AND owner = @owner AND ended_seq = 0;

-- name: LiveOnPart :many
SELECT g.id FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
WHERE gp.testimony = @testimony AND gp.n = @n AND gp.ended_seq = 0 AND gp.header IS NOT NULL AND g.revoked_day IS NULL AND g.until_s > @now_s
ORDER BY g.id;

-- name: LostOnPart :many
SELECT g.id FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
WHERE gp.testimony = @testimony AND gp.n = @n AND gp.ended_seq = 0 AND (gp.header IS NULL OR g.revoked_day IS NOT NULL) AND g.until_s > @now_s
ORDER BY g.id;

-- name: CarryName :exec
UPDATE grant_parts SET header_sha256 = @header_sha256, header = NULL, note = NULL, relock_seq = @relock_seq
WHERE grant_id = @grant_id AND n = @n AND testimony = @testimony;

-- name: CarryOver :execrows
UPDATE grant_parts SET header_sha256 = @header_sha256, header = @header, relock_seq = @relock_seq
WHERE grant_id = @grant_id AND n = @n AND testimony = @testimony;

-- name: DropHeaders :exec
UPDATE grant_parts SET header = NULL, note = NULL
WHERE testimony = @testimony AND n = @n AND header IS NOT NULL
  AND (relock_seq IS NULL OR relock_seq <> @relock_seq);

-- name: OnTestimony :many
SELECT id, seq, grantee, terms_seq, answer_seq, renewed, heard_seq FROM grants
WHERE testimony = @testimony AND seq > @after
ORDER BY seq
LIMIT CAST(@page AS BIGINT);

-- name: Given :one
SELECT id FROM grants WHERE id = @id AND testimony = @testimony;

-- name: RevokeAllOn :exec
UPDATE grants SET ended_seq = @seq WHERE testimony = @testimony AND ended_seq = 0;

-- name: DestroyHeadersOn :exec
UPDATE grant_parts SET header = NULL, note = NULL WHERE testimony = @testimony AND header IS NOT NULL;

-- name: Inbox :many
SELECT g.id, g.testimony, g.owner, g.seq, g.terms_seq, g.answer_seq, g.from_s, g.until_s, k.shred_key
FROM grants AS g JOIN shred_keys AS k ON k.testimony = g.testimony
WHERE g.grantee = @grantee AND g.id > @after AND g.revoked_day IS NULL AND g.until_s > @now_s
ORDER BY g.id
LIMIT CAST(@page AS BIGINT);

-- name: InboxParts :many
SELECT gp.n, gp.header_sha256, gp.relock_seq, p.length, p.payload_sha256
FROM grant_parts AS gp JOIN parts AS p ON p.testimony = gp.testimony AND p.n = gp.n
WHERE gp.grant_id = @grant_id AND gp.header IS NOT NULL
ORDER BY gp.n;

-- name: Granted :one
SELECT g.testimony, g.owner, g.seq, g.terms_seq, g.answer_seq, g.from_s, g.until_s FROM grants AS g
WHERE g.id = @id AND g.grantee = @grantee AND g.revoked_day IS NULL;

-- name: InForce :one
SELECT grantee, seq, terms_seq, until_s FROM grants
WHERE id = @id AND testimony = @testimony AND owner = @owner AND revoked_day IS NULL;

-- name: Retermed :exec
UPDATE grants SET from_s = @from_s, until_s = @until_s, max_reads = @max_reads, terms_seq = @terms_seq WHERE id = @id;

-- name: Renewed :exec
UPDATE grants SET accreditation = @accreditation, held = 0, renewed = 1, answer_seq = 0 WHERE id = @id;

-- name: Askable :one
SELECT owner, answer_seq FROM grants WHERE id = @id AND grantee = @grantee AND revoked_day IS NULL AND until_s > @now_s;

-- name: AskAgain :execrows
UPDATE asks SET seq = @seq WHERE grant_id = @grant_id AND pending = 1;

-- name: Booked :many
SELECT a.booked_day FROM asks AS a JOIN grants AS g ON g.id = a.grant_id
WHERE a.booked_day >= @from_day AND g.owner = @owner;

-- name: Ask :exec
INSERT INTO asks (grant_id, seq, booked_day, shown_day) VALUES (@grant_id, @seq, @booked_day, @shown_day);

-- name: Asked :one
SELECT seq FROM asks WHERE grant_id = @grant_id AND pending = 1 AND shown_day <= @today;

-- name: Answered :exec
UPDATE grants SET answer_seq = @answer_seq WHERE id = @id;

-- name: CloseAsks :exec
UPDATE asks SET pending = 0 WHERE grant_id = @grant_id;

-- name: DeferAsks :exec
UPDATE asks SET shown_day = @until_day WHERE grant_id = @grant_id AND pending = 1 AND shown_day < @until_day;

-- name: DestroyAsksOn :exec
DELETE FROM asks WHERE grant_id IN (SELECT g.id FROM grants AS g WHERE g.testimony = @testimony);

-- name: Enter :execrows
UPDATE grants SET leases = leases + 1 WHERE id = @id AND grantee = @grantee AND revoked_day IS NULL;

-- name: Touch :exec
UPDATE grants SET leases = leases + 1 WHERE id = @id;

-- name: Standing :one
SELECT g.testimony, g.grantee, g.accreditation, g.from_s, g.until_s, g.revoked_day, g.held, g.max_reads, g.policy,
    CAST(COALESCE((SELECT MIN(gp.reads) FROM grant_parts AS gp WHERE gp.grant_id = g.id AND gp.header IS NOT NULL), 0) AS BIGINT) AS reads,
    CAST((SELECT COUNT(*) FROM pauses AS w WHERE w.account = g.owner AND (w.testimony = '' OR w.testimony = g.testimony)) AS BIGINT) AS pauses
FROM grants AS g WHERE g.id = @id;

-- name: Terms :one
SELECT owner, seq, terms_seq FROM grants WHERE id = @id;

-- name: CountRead :exec
UPDATE grant_parts SET reads = reads + 1 WHERE grant_id = @grant_id AND n = @n;

-- name: ToOpen :one
SELECT g.testimony, g.owner, g.until_s, g.max_reads, gp.reads, gp.header_sha256, gp.header, p.payload_sha256, p.length, p.blob, p.payload
FROM grants AS g
JOIN grant_parts AS gp ON gp.grant_id = g.id
JOIN parts AS p ON p.testimony = gp.testimony AND p.n = gp.n
WHERE g.id = @id AND g.grantee = @grantee AND gp.n = @n AND g.revoked_day IS NULL AND gp.header IS NOT NULL;

-- name: Current :one
SELECT id, until_s FROM openings
WHERE grant_id = @grant_id AND n = @n AND etag = @etag AND until_s > @now_s
ORDER BY opened_s DESC
LIMIT 1;

-- name: Open :exec
INSERT INTO openings (id, grant_id, n, opened_s, until_s, length, etag, fetched)
VALUES (@id, @grant_id, @n, @opened_s, @until_s, @length, @etag, @fetched);

-- name: Openings :many
SELECT id, n, opened_s, length, etag, fetched FROM openings WHERE grant_id = @grant_id ORDER BY opened_s, id;

-- name: Fetched :one
SELECT fetched FROM openings WHERE id = @id;

-- name: SetFetched :exec
UPDATE openings SET fetched = @fetched WHERE id = @id;

-- name: Lease :exec
INSERT INTO leases (id, testimony, grant_id, n, header_sha256, opening_id, from_b, to_b, renewed_s)
VALUES (@id, @testimony, @grant_id, @n, @header_sha256, @opening_id, @from_b, @to_b, @renewed_s);

-- name: Renew :execrows
UPDATE leases SET renewed_s = @now_s
WHERE leases.id = @id AND EXISTS (
    SELECT 1 FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
    WHERE g.id = leases.grant_id AND gp.n = leases.n AND gp.header_sha256 = leases.header_sha256
      AND gp.header IS NOT NULL AND g.revoked_day IS NULL AND g.until_s > @now_s);

-- name: EndLease :execrows
DELETE FROM leases WHERE id = @id;

-- name: Condemned :many
SELECT l.id, l.opening_id, l.from_b, l.to_b
FROM leases AS l
WHERE l.testimony = @testimony AND NOT EXISTS (
    SELECT 1 FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
    WHERE g.id = l.grant_id AND gp.n = l.n AND gp.header_sha256 = l.header_sha256
      AND gp.header IS NOT NULL AND g.revoked_day IS NULL AND g.from_s <= @now_s AND g.until_s > @now_s)
ORDER BY l.id;

-- name: LeasesOn :many
SELECT l.id, l.grant_id, l.opening_id, l.from_b, l.to_b, o.etag
FROM leases AS l JOIN openings AS o ON o.id = l.opening_id
WHERE l.testimony = @testimony
ORDER BY l.id;

-- name: PausedLeases :many
SELECT l.id, l.opening_id, l.from_b, l.to_b
FROM testimonies AS t JOIN leases AS l ON l.testimony = t.id
WHERE t.owner = @owner AND EXISTS (
    SELECT 1 FROM pauses AS w WHERE w.account = t.owner AND (w.testimony = '' OR w.testimony = l.testimony))
ORDER BY l.id;

-- name: Sessions :many
SELECT n, etag FROM openings WHERE grant_id = @grant_id AND until_s > @now_s ORDER BY n;

-- name: Unpause :exec
DELETE FROM pauses WHERE testimony = @testimony;

-- name: StaleLeases :many
SELECT id, opening_id, from_b, to_b FROM leases WHERE renewed_s < @before ORDER BY id LIMIT CAST(@page AS BIGINT);

-- name: Whose :one
SELECT testimony, owner FROM grants WHERE id = @id;

-- name: RevokeAgain :execrows
UPDATE grants SET revoked_day = @day WHERE id = @id AND revoked_day IS NULL;

-- name: EndPartAgain :exec
UPDATE grant_parts SET header = NULL, note = NULL WHERE grant_id = @grant_id AND n = @n AND header IS NOT NULL;

-- name: HoldAgain :exec
UPDATE grants SET held = 1 WHERE id = @id AND revoked_day IS NULL AND seq < @before AND terms_seq < @before;

-- name: ReadAgain :exec
UPDATE grant_parts SET reads = @reads WHERE grant_id = @grant_id AND n = @n AND reads < @reads;

-- name: HoldAll :execrows
UPDATE grants SET held = 1 WHERE revoked_day IS NULL AND held = 0;

-- name: PolicyToName :one
SELECT testimony, owner, grantee, recipient_sha256 FROM policies WHERE id = @id;

-- name: SilentLeases :many
SELECT l.id, l.opening_id, l.from_b, l.to_b
FROM policies AS p
JOIN grants AS g ON g.testimony = p.testimony AND g.policy = p.id
JOIN leases AS l ON l.testimony = g.testimony AND l.grant_id = g.id
WHERE p.owner = @owner AND p.silence > 0
ORDER BY l.id;

-- name: PolicyOf :one
SELECT policy FROM grants WHERE id = @id;

-- name: Withdraw :exec
UPDATE grants SET ended_seq = @seq
WHERE owner = @owner AND ended_seq = 0
  AND (CAST(sqlc.narg(testimony) AS TEXT) IS NULL OR testimony = CAST(sqlc.narg(testimony) AS TEXT))
  AND (CAST(sqlc.narg(grantee) AS TEXT) IS NULL OR grantee = CAST(sqlc.narg(grantee) AS TEXT));

-- name: WithdrawPart :exec
UPDATE grant_parts SET ended_seq = @seq, header = NULL, note = NULL, ended_payload = CASE WHEN header IS NULL THEN NULL ELSE (
    SELECT p.payload_sha256 FROM parts AS p WHERE p.testimony = grant_parts.testimony AND p.n = grant_parts.n) END
WHERE grant_parts.testimony = @testimony AND grant_parts.n = @n AND grant_parts.ended_seq = 0 AND EXISTS (
    SELECT 1 FROM grants AS g WHERE g.id = grant_parts.grant_id AND g.owner = @owner AND g.ended_seq = 0
      AND (CAST(sqlc.narg(grantee) AS TEXT) IS NULL OR g.grantee = CAST(sqlc.narg(grantee) AS TEXT)));

-- name: TouchWithout :exec
UPDATE grants SET leases = leases + 1
WHERE grants.testimony = @testimony AND grants.id IN (SELECT gp.grant_id FROM grant_parts AS gp WHERE gp.testimony = @testimony AND gp.n = @n AND gp.ended_seq = @seq);

-- name: RevokeEmptied :exec
UPDATE grants SET ended_seq = @seq
WHERE grants.testimony = @testimony AND grants.ended_seq = 0
  AND grants.id IN (SELECT gp.grant_id FROM grant_parts AS gp WHERE gp.testimony = @testimony AND gp.n = @n AND gp.ended_seq = @seq)
  AND NOT EXISTS (SELECT 1 FROM grant_parts AS rest WHERE rest.grant_id = grants.id AND rest.ended_seq = 0);

-- name: EndParts :exec
UPDATE grant_parts SET ended_seq = @seq, header = NULL, note = NULL, ended_payload = CASE WHEN header IS NULL THEN NULL ELSE (
    SELECT p.payload_sha256 FROM parts AS p WHERE p.testimony = grant_parts.testimony AND p.n = grant_parts.n) END
WHERE grant_parts.ended_seq = 0 AND grant_parts.grant_id IN (SELECT g.id FROM grants AS g WHERE g.owner = @owner AND g.ended_seq = @seq);

-- name: CountEnded :exec
UPDATE testimonies SET grants = grants - (
    SELECT COUNT(*) FROM grants AS g WHERE g.owner = @owner AND g.ended_seq = @seq AND g.revoked_day IS NULL AND g.testimony = testimonies.id)
WHERE testimonies.id IN (SELECT e.testimony FROM grants AS e WHERE e.owner = @owner AND e.ended_seq = @seq);

-- name: EndGrants :exec
UPDATE grants SET revoked_day = @day WHERE owner = @owner AND ended_seq = @seq AND revoked_day IS NULL;

-- name: EndedParts :many
SELECT gp.n, gp.header_sha256, gp.ended_payload, p.payload_sha256
FROM grant_parts AS gp LEFT JOIN parts AS p ON p.testimony = gp.testimony AND p.n = gp.n
WHERE gp.grant_id = @grant_id AND gp.ended_seq = @ended_seq
ORDER BY gp.n;

-- name: CondemnedOf :many
SELECT l.id, l.opening_id, l.from_b, l.to_b
FROM leases AS l JOIN grants AS o ON o.id = l.grant_id
WHERE o.owner = @owner AND NOT EXISTS (
    SELECT 1 FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
    WHERE g.id = l.grant_id AND gp.n = l.n AND gp.header_sha256 = l.header_sha256
      AND gp.header IS NOT NULL AND g.revoked_day IS NULL)
ORDER BY l.id;

-- name: DestroyHeaders :exec
UPDATE grant_parts SET header = NULL, note = NULL WHERE grant_id = @grant_id AND header IS NOT NULL;

-- name: CountOut :exec
UPDATE testimonies SET grants = grants - 1 WHERE id = @id;

-- name: RevokeOnAgain :exec
UPDATE grants SET revoked_day = @day WHERE testimony = @testimony AND revoked_day IS NULL;

-- name: Noting :one
SELECT gp.testimony FROM grants AS g JOIN grant_parts AS gp ON gp.grant_id = g.id
WHERE g.id = @id AND g.grantee = @grantee AND g.revoked_day IS NULL AND g.until_s > @now_s AND gp.n = @n AND gp.header IS NOT NULL;

-- name: Note :exec
UPDATE grant_parts SET note = @note, noted = 1 WHERE grant_id = @grant_id AND n = @n AND header IS NOT NULL;

-- name: Unnote :exec
UPDATE grant_parts SET note = NULL, noted = 0 WHERE grant_id = @grant_id AND n = @n AND header IS NOT NULL;

-- name: Notes :many
SELECT n, note FROM grant_parts WHERE grant_id = @grant_id AND note IS NOT NULL ORDER BY n;

-- name: CountNoted :one
SELECT COUNT(*) FROM grant_parts WHERE grant_id = @grant_id AND ended_seq = @ended_seq AND noted = 1;

-- name: Hearing :one
SELECT g.testimony FROM grants AS g
WHERE g.id = @id AND g.grantee = @grantee AND g.heard_seq = 0 AND EXISTS (SELECT 1 FROM openings AS o WHERE o.grant_id = g.id);

-- name: Heard :exec
UPDATE grants SET heard_seq = @seq WHERE id = @id;
