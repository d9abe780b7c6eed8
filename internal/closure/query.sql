-- name: BeginGrants :exec
INSERT INTO closures (grant_id, ended_seq, owner, grantee, day, due_s)
SELECT g.id, g.ended_seq, g.owner, g.grantee, CAST(@day AS BIGINT), CAST(@due_s AS BIGINT)
FROM grants AS g WHERE g.owner = @owner AND g.ended_seq = @seq;

-- name: BeginParts :exec
INSERT INTO closures (grant_id, ended_seq, owner, grantee, day, due_s)
SELECT g.id, gp.ended_seq, g.owner, g.grantee, CAST(@day AS BIGINT), CAST(@due_s AS BIGINT)
FROM grant_parts AS gp JOIN grants AS g ON g.id = gp.grant_id
WHERE gp.testimony = @testimony AND gp.n = @n AND gp.ended_seq = @seq;

-- name: Silent :one
SELECT COUNT(*) FROM (
    SELECT c.grant_id FROM closures AS c WHERE c.grantee = @grantee AND c.owes = 1 AND c.due_s <= @now_s LIMIT 1
) AS late;

-- name: OfStatement :many
SELECT c.grant_id, g.testimony, g.ended_seq AS whole_seq
FROM closures AS c JOIN grants AS g ON g.id = c.grant_id
WHERE c.owner = @owner AND c.ended_seq = @seq
ORDER BY g.testimony, c.grant_id;

-- name: OfOwner :many
SELECT c.grant_id, c.ended_seq, c.owner, c.grantee, c.day, c.due_s, c.reply, c.reply_seq, g.testimony, g.seq,
    CAST((SELECT COUNT(*) FROM openings AS o JOIN grant_parts AS gp ON gp.grant_id = o.grant_id AND gp.n = o.n
        WHERE o.grant_id = c.grant_id AND gp.ended_seq = c.ended_seq) AS BIGINT) AS opened
FROM closures AS c JOIN grants AS g ON g.id = c.grant_id
WHERE c.owner = @owner AND (c.ended_seq > @after_seq OR c.ended_seq = @after_seq AND c.grant_id > @after_grant)
ORDER BY c.ended_seq, c.grant_id
LIMIT CAST(@page AS BIGINT);

-- name: OfGrantee :many
SELECT c.grant_id, c.ended_seq, c.owner, c.grantee, c.day, c.due_s, c.reply, c.reply_seq, g.testimony, g.seq,
    CAST((SELECT COUNT(*) FROM openings AS o JOIN grant_parts AS gp ON gp.grant_id = o.grant_id AND gp.n = o.n
        WHERE o.grant_id = c.grant_id AND gp.ended_seq = c.ended_seq) AS BIGINT) AS opened
FROM closures AS c JOIN grants AS g ON g.id = c.grant_id
WHERE c.grantee = @grantee AND (c.grant_id > @after_grant OR c.grant_id = @after_grant AND c.ended_seq > @after_seq)
ORDER BY c.grant_id, c.ended_seq
LIMIT CAST(@page AS BIGINT);

-- name: OfGrant :many
SELECT c.grant_id, c.ended_seq, c.owner, c.grantee, c.day, c.due_s, c.reply, c.reply_seq, g.testimony, g.seq,
    CAST((SELECT COUNT(*) FROM openings AS o JOIN grant_parts AS gp ON gp.grant_id = o.grant_id AND gp.n = o.n
        WHERE o.grant_id = c.grant_id AND gp.ended_seq = c.ended_seq) AS BIGINT) AS opened
FROM closures AS c JOIN grants AS g ON g.id = c.grant_id
WHERE c.grant_id = @grant_id
ORDER BY c.ended_seq;

-- name: Answer :exec
UPDATE closures SET reply = @reply, reply_seq = @reply_seq, owes = @owes
WHERE grant_id = @grant_id AND ended_seq = @ended_seq;
