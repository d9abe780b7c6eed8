-- name: Open :exec
INSERT INTO consultations (id, partner, opened_day, until_day, document, statement)
VALUES (@id, @partner, @opened_day, @until_day, @document, @statement);

-- name: Find :one
SELECT partner, opened_day, until_day, document, statement FROM consultations WHERE id = @id;

-- name: CountOf :one
SELECT COUNT(*) AS consultations FROM consultations WHERE partner = @partner;

-- name: Brought :one
SELECT COUNT(*) AS items FROM deliveries WHERE consultation = CAST(@consultation AS TEXT);

-- name: Taken :one
SELECT COUNT(*) AS items FROM deliveries WHERE consultation = CAST(@consultation AS TEXT) AND shown = 'taken';

-- name: Shown :one
SELECT base, shown, day FROM consultation_counts WHERE consultation = @consultation AND what = @what;

-- name: Release :exec
INSERT INTO consultation_counts (consultation, what, base, shown, day) VALUES (@consultation, @what, @base, @shown, @day)
ON CONFLICT (consultation, what) DO UPDATE SET base = excluded.base, shown = excluded.shown, day = excluded.day;
