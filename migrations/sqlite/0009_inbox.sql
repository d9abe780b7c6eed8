-- A reader's inbox passes over what has ended without looking at its rows: they may be many, and nothing sweeps them.
DROP INDEX grants_by_grantee;
CREATE INDEX grants_by_grantee ON grants (grantee, id, revoked_day, until_s);
