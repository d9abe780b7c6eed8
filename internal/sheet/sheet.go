// Package sheet writes what may be told of exported parts as rows: a CSV file for
// spreadsheets, JSON for programs, and a zip that Uwazi imports.
//
// Promises: a row tells no more than its Row, which the caller has reduced to what
// her terms allow; every time is a whole day; no cell of a CSV file is a formula in
// a spreadsheet, whoever wrote what is in it and whichever separator the
// spreadsheet expects; no name in a zip is a path. The same rows give the same
// bytes.
//
// Assumes: rows of grants that may be exported at all. Does not: open, fetch or
// decide anything, or know of parts that are not in the rows. Nothing counts what
// was left out.
//
// CSV is RFC 4180 in UTF-8 with CRLF. metadata.csv begins with a byte order mark,
// without which the most common spreadsheet shows Arabic as nonsense; import.csv of
// Uwazi has none, because there it would belong to the name of the first column.
// JSON has none (RFC 8259, section 8.1). Columns and words: docs/exports.md.
package sheet

import (
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Row is one exported part, as far as it may be told.
type Row struct {
	Item      int64  // its place in the export, from 1
	From      int64  // the Item that it was made from; 0 where that is not in the export
	Vault     string // id, base64url
	Grant     id.ID
	Statement string // SHA-256 of the statement in force, base64url
	Terms     statement.Terms
	Info      envelope.PartInfo // without what the terms leave out
	Exported  int64             // Unix seconds; the day of it is told
}

// speaker is the row's speaker, as she is called; empty for nobody.
func (r Row) speaker() envelope.Person {
	for _, p := range r.Info.People {
		if p.Role == envelope.Speaker {
			return p
		}
	}
	return envelope.Person{}
}

// called is how somebody is called by what is told of them.
func called(p envelope.Person) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Pseudonym != "":
		return p.Pseudonym
	case p.FirstName != "" && p.Initial != "":
		return p.FirstName + " " + strings.TrimSuffix(p.Initial, ".") + "."
	}
	return p.FirstName
}

// captured is the day on which the part was made, where that is told.
func (r Row) captured() string {
	if c := r.Info.Captured; c != nil && c.Time != 0 {
		return date(c.Time)
	}
	return ""
}

func (r Row) device() string {
	if c := r.Info.Captured; c != nil {
		return c.Device
	}
	return ""
}

// date is a day as programs read it.
func date(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }

// lastDate is the day that a term ending before unix ends with.
func lastDate(unix int64) string { return date(unix - 1) }

// texts are the values of a vocabulary as they are written.
func texts[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, string(v))
	}
	slices.Sort(out)
	return out
}
