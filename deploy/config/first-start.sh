#!/bin/bash
# Run once by the image, when db-1 has no data: the vault's role, its database, and
# the role that replicates.
set -euo pipefail
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
	--set=vault="$(cat /run/secrets/vault_password)" \
	--set=replication="$(cat /run/secrets/replication_password)" <<'SQL'
SET log_statement = none;
CREATE ROLE vault LOGIN PASSWORD :'vault';
CREATE ROLE replication LOGIN REPLICATION PASSWORD :'replication';
CREATE DATABASE vault OWNER vault ENCODING 'UTF8' TEMPLATE template0;
GRANT pg_checkpoint TO vault;
\connect vault
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO vault;
-- From its next start on, the server answers a commit only when db-2 has it too.
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (db_1, db_2)';
SQL
