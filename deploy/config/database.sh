#!/bin/bash
# Start a database server. Without data it becomes the replica of $FOLLOWS, under the
# name $NODE, or, where that is empty, a primary. With data it is what it was: so an old
# primary whose replica was promoted must be started without its data
# (docs/operate/failover.md).
set -euo pipefail
if [ -n "${FOLLOWS:-}" ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
	umask 077
	pass=/var/lib/postgresql/data/pgpass
	printf '%s:*:*:replication:%s\n' "$FOLLOWS" "$(cat /run/secrets/replication_password)" > "$pass"
	rm -rf "$PGDATA"
	until pg_basebackup --pgdata="$PGDATA" --write-recovery-conf --checkpoint=fast --wal-method=stream \
		--dbname="host=$FOLLOWS user=replication application_name=$NODE passfile=$pass"; do
		rm -rf "$PGDATA"
		sleep 2
	done
fi
exec docker-entrypoint.sh postgres -c config_file=/etc/postgresql/postgresql.conf
