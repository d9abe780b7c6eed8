package housetest

import (
	"regexp"
	"slices"
	"strings"
)

func schemaRules() []Rule {
	return []Rule{
		{"no-identity-columns", "what has no column cannot be stored, stolen or subpoenaed (promise P7)", checkIdentity},
		{"plain-column-types", "the two engines agree on few types", checkColumnTypes},
	}
}

var (
	createTable = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s*\(`)
	addColumn   = regexp.MustCompile(`(?i)\bALTER\s+TABLE\s+(\w+)\s+ADD\s+COLUMN\s+([^;]+)`)
	constraint  = regexp.MustCompile(`(?i)^(CONSTRAINT|PRIMARY|UNIQUE|FOREIGN|CHECK|EXCLUDE)\b`)
	oddType     = regexp.MustCompile(`(?i)\b(TIMESTAMPTZ?|DATE|TIME|INTERVAL|JSONB?|UUID|SERIAL|BIGSERIAL|VARCHAR|CHAR|REAL|FLOAT\d?|DOUBLE|NUMERIC|DECIMAL|INET|CIDR|MACADDR)\b`)
	whose       = regexp.MustCompile(`(?i)^(e?mail|phone|tel|msisdn|ip|ipv[46]|addr|address|host|hostname|agent|useragent|ua|device|imei|cookie|` +
		`name|firstname|lastname|surname|username|login|nick|nickname|title|language|lang|locale|country|city|town|place|location|geo|lat|lon|birth|` +
		`birthday|dob|gender|sex|nationality|religion|ethnicity|passport)$`)
)

// allowedColumns are columns whose name looks like an identity and is none.
func allowedColumns() []string {
	return []string{
		"migration.name",        // the file name of a schema change
		"schema_migration.name", // the same
	}
}

// column is one column of a table as a migration declares it.
type column struct {
	table, name, rest string
	line              int
}

// columns reads the columns that a migration makes, and after which text each
// table ends.
func columns(sql string) (cols []column, tails map[string]string) {
	tails = map[string]string{}
	for _, m := range createTable.FindAllStringSubmatchIndex(sql, -1) {
		end := closing(sql, m[1]-1)
		table := strings.ToLower(sql[m[2]:m[3]])
		tail, _, _ := strings.Cut(sql[min(end+1, len(sql)):], ";")
		tails[table] = strings.ToUpper(strings.TrimSpace(tail))
		at := m[1]
		for _, piece := range splitTop(sql[m[1]:end]) {
			cols = appendColumn(cols, table, piece, lineAt(sql, at+len(piece)-len(strings.TrimLeft(piece, " \t\n"))))
			at += len(piece) + 1
		}
	}
	for _, m := range addColumn.FindAllStringSubmatchIndex(sql, -1) {
		cols = appendColumn(cols, strings.ToLower(sql[m[2]:m[3]]), sql[m[4]:m[5]], lineAt(sql, m[0]))
	}
	return cols, tails
}

func appendColumn(cols []column, table, piece string, line int) []column {
	piece = strings.TrimSpace(piece)
	if piece == "" || constraint.MatchString(piece) {
		return cols
	}
	name, rest, _ := strings.Cut(piece, " ")
	return append(cols, column{table, strings.ToLower(strings.Trim(name, `"`)), rest, line})
}

// closing is the place of the parenthesis that closes the one at open.
func closing(s string, open int) int {
	depth := 0
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// splitTop cuts at the commas that stand in no parenthesis.
func splitTop(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

func migrations(t Tree, visit func(f File, cols []column, tails map[string]string)) {
	for _, f := range t.Files {
		if within(f.Dir(), "migrations") && strings.HasSuffix(f.Path, ".sql") {
			cols, tails := columns(bare(f.Text))
			visit(f, cols, tails)
		}
	}
}

func checkIdentity(t Tree, report Report) {
	migrations(t, func(f File, cols []column, _ map[string]string) {
		for _, c := range cols {
			if slices.ContainsFunc(strings.Split(c.name, "_"), whose.MatchString) && !slices.Contains(allowedColumns(), c.table+"."+c.name) {
				report(f, c.line, "column %s.%s is named like an identity; seal it, or do not keep it", c.table, c.name)
			}
		}
	})
}

func checkColumnTypes(t Tree, report Report) {
	migrations(t, func(f File, cols []column, tails map[string]string) {
		sqlite := within(f.Dir(), "migrations/sqlite")
		for _, c := range cols {
			rest := strings.ToUpper(c.rest)
			switch {
			case oddType.MatchString(rest):
				report(f, c.line, "column %s.%s: use TEXT, BIGINT and the engine's bytes", c.table, c.name)
			case sqlite && strings.HasPrefix(rest, "BYTEA"):
				report(f, c.line, "column %s.%s: BYTEA stores digits as a number on SQLite; write BLOB", c.table, c.name)
			case !sqlite && strings.HasPrefix(rest, "TEXT") && !strings.Contains(rest, `COLLATE "C"`):
				report(f, c.line, `column %s.%s: write TEXT COLLATE "C", or the engines order differently`, c.table, c.name)
			case !sqlite && (strings.HasPrefix(rest, "INTEGER") || strings.HasPrefix(rest, "INT ") || rest == "INT"):
				report(f, c.line, "column %s.%s: write BIGINT", c.table, c.name)
			}
		}
		for table, tail := range tails {
			if sqlite && !strings.Contains(tail, "STRICT") {
				report(f, 0, "table %s is not STRICT", table)
			}
		}
	})
}
