package thieftest

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// smallFile is the size in bytes up to which every window of a piece is tried.
// What is larger is a database as a file, whose rows are pieces too, or a
// recording.
const smallFile = 64 << 10

// Folder gives every file below dir.
func Folder(dir string) ([]Piece, error) {
	var out []Piece
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		out = append(out, Piece{path, b})
		return err
	})
	return out, err
}

// Database gives every value of every table. listing is the query that lists the
// names of the tables on the engine.
func Database(ctx context.Context, db *sql.DB, listing string) ([]Piece, error) {
	tables, err := values(ctx, db, "tables", listing)
	if err != nil {
		return nil, err
	}
	var out []Piece
	for _, t := range tables {
		name := string(t.Data)
		rows, err := values(ctx, db, name, `SELECT * FROM "`+strings.ReplaceAll(name, `"`, `""`)+`"`)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

func values(ctx context.Context, db *sql.DB, table, query string) ([]Piece, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []Piece
	for rows.Next() {
		row := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		for i, v := range row {
			if len(v) > 0 {
				out = append(out, Piece{table + "." + columns[i], append([]byte(nil), v...)})
			}
		}
	}
	return out, rows.Err()
}

// sealedAt tells whether sealed content lies there: in the object folder, or in
// the columns for it once the outer seal is off.
func sealedAt(where string) bool {
	object := strings.Contains(where, "/objects/")
	column := regexp.MustCompile(`^(parts|uploads)\.payload without|^testimonies\.card without`).MatchString(where)
	return object || column
}

func recipientText() *regexp.Regexp { return regexp.MustCompile(`age1(pq1)?[02-9ac-hj-np-z]{50,}`) }

// decoded reads the texts in every small piece that could spell bytes: twice, for
// signed statements hold base64 within base64.
func decoded(pieces []Piece) []Piece {
	once := decodedOnce(pieces)
	return append(once, decodedOnce(once)...)
}

func decodedOnce(pieces []Piece) (out []Piece) {
	spelled := regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}`)
	for _, p := range pieces {
		if len(p.Data) > smallFile {
			continue
		}
		for _, s := range spelled.FindAllString(string(p.Data), -1) {
			for _, b := range spellings(s) {
				out = append(out, Piece{"the text in " + p.Where, b})
			}
		}
	}
	return out
}

func spellings(s string) (out [][]byte) {
	for _, decode := range []func(string) ([]byte, error){
		base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, hex.DecodeString,
	} {
		if b, err := decode(s); err == nil && len(b) >= 12 {
			out = append(out, b)
		}
	}
	return out
}
