package housetest

import (
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

func queryRules() []Rule {
	return []Rule{
		{"one-sql-two-engines", "what one engine takes and the other misreads fails in production, silently", checkQueries},
		{"queries-beside-domains", "a query that no generator saw was never checked against the schema", checkQueryPlaces},
		{"queries-are-generated", "a query that the generator does not know is checked by nobody", checkGenerated},
	}
}

type ban struct {
	what    *regexp.Regexp
	instead string
}

// bans returns what a query must not contain; docs/adr/0003 has the reasons.
func bans() []ban {
	list := []struct{ what, instead string }{
		{`::`, "write CAST(x AS TEXT) or CAST(x AS BIGINT)"},
		{`\bnow\s*\(|\bCURRENT_(TIMESTAMP|DATE|TIME)\b`, "pass the time as a parameter in Unix milliseconds"},
		{`\bI?LIKE\b`, "its case rules differ; compare whole values"},
		{`\bANY\s*\(`, "SQLite has none; run one query per value"},
		{`\bsqlc\.slice\b`, "it generates broken SQL; run one query per value"},
		{`\bFOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)\b`, "transactions are serialisable already"},
		{`\bSELECT\s+(DISTINCT\s+)?\*|\bRETURNING\s+\*|\b\w+\.\*`, "name the columns"},
		{`\([^()]*,[^()]*\)\s*(=|<>|<=?|>=?)\s*\(`, "row values are mistyped; compare column by column"},
		{`\bAS\s*(NOT\s+)?(MATERIALIZED\s*)?\(\s*(INSERT|UPDATE|DELETE)\b`, "SQLite has no writes in WITH; run two statements"},
		{`\bCOLLATE\b`, "collation belongs to the schema"},
		{`\bLIMIT\s+@`, "write LIMIT CAST(@n AS BIGINT)"},
		{`\$\d`, "name the parameter: @name"},
		{`\bTRUNCATE\b|\bILIKE\b|\bINTERVAL\b|\bdate_trunc\b|\brandom\s*\(`, "the engines differ"},
	}
	var out []ban
	for _, b := range list {
		out = append(out, ban{regexp.MustCompile(`(?i)` + b.what), b.instead})
	}
	return out
}

var (
	sqlComment    = regexp.MustCompile(`--[^\n]*`)
	sqlText       = regexp.MustCompile(`'[^']*'`)
	sqlCast       = regexp.MustCompile(`(?i)\bCAST\s*\([^;]*?\bAS\s+(\w+)\s*\)`)
	sqlUpsertFrom = regexp.MustCompile(`(?is)\bINSERT\b[^;]*\bSELECT\b[^;]*\bON\s+CONFLICT\b`)
	sqlWhereTrue  = regexp.MustCompile(`(?i)\bWHERE\s+true\b|\bWHERE\b[^;]*\bON\s+CONFLICT\b`)
	sqlStatement  = regexp.MustCompile(`(?s)^\s*(SELECT\s.+\sFROM\s|(?i)INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX|UNIQUE|TRIGGER)\s|ALTER\s+TABLE\s)`)
)

// bare is SQL without comments and without the inside of texts, with every
// line where it was.
func bare(sql string) string {
	return sqlText.ReplaceAllString(sqlComment.ReplaceAllString(sql, ""), "''")
}

func checkQueries(t Tree, report Report) {
	for _, f := range t.Files {
		if !strings.HasSuffix(f.Path, ".sql") || within(f.Dir(), "migrations") || strings.Contains(f.Path, "testdata/") {
			continue
		}
		sql := bare(f.Text)
		for _, b := range bans() {
			if at := b.what.FindStringIndex(sql); at != nil {
				report(f, lineAt(sql, at[0]), "%q: %s", strings.TrimSpace(sql[at[0]:at[1]]), b.instead)
			}
		}
		for _, m := range sqlCast.FindAllStringSubmatchIndex(sql, -1) {
			if kind := strings.ToUpper(sql[m[2]:m[3]]); kind != "TEXT" && kind != "BIGINT" {
				report(f, lineAt(sql, m[0]), "CAST to %s; only TEXT and BIGINT mean the same on both engines", kind)
			}
		}
		for _, at := range sqlUpsertFrom.FindAllStringIndex(sql, -1) {
			if !sqlWhereTrue.MatchString(sql[at[0]:at[1]]) {
				report(f, lineAt(sql, at[0]), "INSERT … SELECT … ON CONFLICT needs WHERE true, or SQLite reads ON as a join")
			}
		}
	}
}

func lineAt(s string, at int) int { return 1 + strings.Count(s[:at], "\n") }

// checkQueryPlaces allows SQL in Go only where engines and their schema are the
// subject, and query files only beside the domain that owns them.
func checkQueryPlaces(t Tree, report Report) {
	for _, f := range t.Files {
		if strings.HasSuffix(f.Path, ".sql") && !within(f.Dir(), "migrations", "internal/store") && !strings.Contains(f.Path, "testdata/") &&
			path.Base(f.Path) != "query.sql" {
			report(f, 0, "queries stand in query.sql beside their domain, schema in migrations")
		}
		if !f.Product() || within(f.Dir(), "internal/store", "internal/bench", "internal/soak", "internal/housetest") {
			continue
		}
		literals(f, func(s string, n ast.Node) {
			if sqlStatement.MatchString(s) {
				report(f, f.line(n), "SQL in Go; write it in query.sql and generate")
			}
		})
	}
}

// generatorConfig is where the generator is told which queries there are.
const generatorConfig = "internal/tools/sqlc.yaml"

func checkGenerated(t Tree, report Report) {
	at := slices.IndexFunc(t.Files, func(f File) bool { return f.Path == generatorConfig })
	for _, f := range t.Files {
		if path.Base(f.Path) != "query.sql" || !within(f.Dir(), "internal") {
			continue
		}
		entry := "../" + strings.TrimPrefix(f.Path, "internal/")
		if at < 0 || !strings.Contains(t.Files[at].Text, entry) {
			report(f, 0, "%s has no entry for %s; add one and run make generate", generatorConfig, entry)
		}
	}
}
