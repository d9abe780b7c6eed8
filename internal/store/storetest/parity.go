package storetest

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/store"
)

// Parity fails where the two schemas differ in what queries and errors depend
// on.
func Parity(t *testing.T, schema fs.FS) {
	t.Helper()
	for _, d := range Differences(t, schema) {
		t.Error(d)
	}
}

// Differences tells where the two schemas differ: in tables, columns, their types
// and whether they may be NULL or have a default, keys, indexes, references and
// triggers. A TEXT column that PostgreSQL would sort by a language is a
// difference, and so is a table that SQLite would not check (not STRICT).
func Differences(t *testing.T, schema fs.FS) []string {
	t.Helper()
	lite := describe(t, Open(t, Fresh(t, store.SQLite, schema)))
	post := describe(t, Open(t, Fresh(t, store.PostgreSQL, schema)))
	return append(only(store.SQLite, lite, post), only(store.PostgreSQL, post, lite)...)
}

func only(e store.Engine, mine, other []string) (lines []string) {
	for _, line := range mine {
		if !slices.Contains(other, line) {
			lines = append(lines, "only on "+string(e)+": "+line)
		}
	}
	return lines
}

// describe tells a schema in lines that are the same for the same schema.
func describe(t *testing.T, db *store.DB) (lines []string) {
	t.Helper()
	queries := sqliteCatalogue()
	if db.Engine() == store.PostgreSQL {
		queries = postgresCatalogue()
	}
	for _, q := range queries {
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			rows, err := tx.QueryContext(ctx, q)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					return err
				}
				lines = append(lines, line)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatalf("%s: %v", strings.TrimSpace(q), err)
		}
	}
	slices.Sort(lines)
	return lines
}

func sqliteCatalogue() []string {
	const ours = ` WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' `
	return []string{
		`SELECT 'table ' || t.name || CASE t.strict WHEN 1 THEN '' ELSE ' not strict' END FROM pragma_table_list AS t` + ours,

		`SELECT 'column ' || t.name || '.' || c.name || ' ' || c.type || CASE c."notnull" WHEN 1 THEN ' NOT NULL' ELSE '' END ||
			CASE WHEN c.dflt_value IS NULL THEN '' ELSE ' DEFAULT' END
		FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c` + ours,

		`SELECT 'key ' || t || ' (' || group_concat(c, ',') || ')' FROM (
			SELECT t.name AS t, c.name AS c FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c` + ours +
			`AND c.pk > 0 ORDER BY t.name, c.pk) GROUP BY t`,

		`SELECT CASE u WHEN 1 THEN 'unique ' ELSE 'index ' END || t || ' (' || group_concat(c, ',') || ')' || CASE p WHEN 1 THEN ' partial' ELSE '' END FROM (
			SELECT t.name AS t, i.name AS i, i."unique" AS u, i.partial AS p, c.name AS c
			FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS c` + ours +
			`AND i.origin <> 'pk' ORDER BY t.name, i.name, c.seqno) GROUP BY t, i, u, p`,

		`SELECT 'reference ' || t || ' (' || group_concat(f, ',') || ') to ' || r || ' ON DELETE ' || d FROM (
			SELECT t.name AS t, k.id AS id, k."table" AS r, k."from" AS f, k.on_delete AS d
			FROM pragma_table_list AS t JOIN pragma_foreign_key_list(t.name) AS k` + ours +
			`ORDER BY t.name, k.id, k.seq) GROUP BY t, id, r, d`,

		`SELECT 'trigger ' || name || ' on ' || tbl_name FROM sqlite_schema WHERE type = 'trigger'`,
	}
}

func postgresCatalogue() []string {
	return []string{
		`SELECT 'table ' || tablename FROM pg_tables WHERE schemaname = current_schema()`,

		`SELECT 'column ' || c.table_name || '.' || c.column_name || ' ' ||
			CASE c.data_type WHEN 'bytea' THEN 'BLOB' WHEN 'bigint' THEN 'INTEGER'
				WHEN 'text' THEN CASE coalesce(c.collation_name, '') WHEN 'C' THEN 'TEXT' ELSE 'TEXT not COLLATE "C"' END
				ELSE c.data_type END ||
			CASE c.is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END ||
			CASE WHEN c.column_default IS NULL THEN '' ELSE ' DEFAULT' END
		FROM information_schema.columns AS c JOIN pg_tables AS t ON t.schemaname = c.table_schema AND t.tablename = c.table_name
		WHERE c.table_schema = current_schema()`,

		`SELECT CASE WHEN i.indisprimary THEN 'key ' WHEN i.indisunique THEN 'unique ' ELSE 'index ' END || t.relname || ' (' ||
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k (att, n)
				JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.att) || ')' ||
			CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
		FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid JOIN pg_namespace AS s ON s.oid = t.relnamespace
		WHERE s.nspname = current_schema()`,

		`SELECT 'reference ' || t.relname || ' (' ||
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k (att, n)
				JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.att) || ') to ' || r.relname || ' ON DELETE ' ||
			CASE c.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
		FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN pg_namespace AS s ON s.oid = t.relnamespace WHERE c.contype = 'f' AND s.nspname = current_schema()`,

		`SELECT 'trigger ' || g.tgname || ' on ' || t.relname FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid
		JOIN pg_namespace AS s ON s.oid = t.relnamespace WHERE NOT g.tgisinternal AND s.nspname = current_schema()`,
	}
}
