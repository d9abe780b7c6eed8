-- name: Number :one
UPDATE testimonies SET events = events + @more
WHERE id = @id AND erased = 0
RETURNING events;

-- name: Record :exec
INSERT INTO events (testimony, seq, event) VALUES (@testimony, @seq, @event);

-- name: Events :many
SELECT seq, event FROM events
WHERE testimony = @testimony AND seq > @after
ORDER BY seq
LIMIT CAST(@page AS BIGINT);

-- name: DestroyEvents :exec
DELETE FROM events WHERE testimony = @testimony;

-- name: Deny :exec
INSERT INTO denials (testimony, day, kind, times, event)
VALUES (@testimony, @day, @kind, @times, @event)
ON CONFLICT (testimony, day, kind) DO UPDATE SET times = denials.times + excluded.times;

-- name: Denials :many
SELECT day, times, event FROM denials WHERE testimony = @testimony ORDER BY day, kind;

-- name: DestroyDenials :exec
DELETE FROM denials WHERE testimony = @testimony;

-- name: Owned :one
SELECT events FROM testimonies WHERE id = @id AND owner = @owner AND erased = 0;

-- name: OwnerOf :one
SELECT owner FROM testimonies WHERE id = @id AND erased = 0;

-- name: TestimonyOf :one
SELECT testimony FROM grants WHERE id = @id;
