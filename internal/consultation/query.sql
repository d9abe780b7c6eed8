-- name: Open :exec
INSERT INTO consultations (id, partner, opened_day, until_day, document, statement)
VALUES (@id, @partner, @opened_day, @until_day, @document, @statement);

-- name: Find :one
SELECT partner, opened_day, until_day, document, statement FROM consultations WHERE id = @id;

-- name: CountOf :one
SELECT COUNT(*) AS consultations FROM consultations WHERE partner = @partner;

-- name: Brought :one
SELECT COUNT(*) AS items FROM (
    SELECT d.item FROM deliveries AS d
    WHERE d.consultation = CAST(@consultation AS TEXT) AND NOT EXISTS (
        SELECT 1 FROM belongings AS r WHERE r.testimony = d.replaces AND r.consultation = d.consultation
    )
    UNION ALL
    SELECT b.testimony FROM belongings AS b WHERE b.consultation = CAST(@consultation AS TEXT)
) AS brought;

-- name: Taken :one
SELECT COUNT(*) AS items FROM deliveries AS d
WHERE d.consultation = CAST(@consultation AS TEXT) AND d.shown = 'taken' AND NOT EXISTS (
    SELECT 1 FROM belongings AS r WHERE r.testimony = d.replaces AND r.consultation = d.consultation
);

-- name: OwnerOf :one
SELECT owner FROM testimonies WHERE id = @id AND erased = 0;

-- name: CallOf :one
SELECT consultation FROM belongings WHERE testimony = @testimony;

-- name: Belong :exec
INSERT INTO belongings (testimony, consultation) VALUES (@testimony, @consultation);

-- name: Leave :exec
DELETE FROM belongings WHERE testimony = @testimony;

-- name: Heir :one
SELECT item FROM deliveries
WHERE replaces = CAST(@testimony AS TEXT) AND (consultation = CAST(@consultation AS TEXT) OR consultation IS NULL AND state IN ('taken', 'withdrawn'))
ORDER BY CASE state WHEN 'taken' THEN 0 WHEN 'withdrawn' THEN 1 WHEN 'waiting' THEN 2 ELSE 3 END, item
LIMIT 1;

-- name: Disinherit :exec
UPDATE deliveries SET consultation = NULL WHERE replaces = CAST(@testimony AS TEXT) AND consultation = CAST(@consultation AS TEXT);

-- name: Inherit :exec
UPDATE deliveries SET consultation = CAST(@consultation AS TEXT) WHERE item = @item;

-- name: Shown :one
SELECT base, shown, day FROM consultation_counts WHERE consultation = @consultation AND what = @what;

-- name: Release :exec
INSERT INTO consultation_counts (consultation, what, base, shown, day) VALUES (@consultation, @what, @base, @shown, @day)
ON CONFLICT (consultation, what) DO UPDATE SET base = excluded.base, shown = excluded.shown, day = excluded.day;
