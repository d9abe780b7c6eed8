package report

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/store"
)

// Write says in words what there is, without handing any of it over. kept is how many
// days backups are kept.
func (d Demand) Write(w io.Writer, now time.Time, kept int) error {
	p := &printer{w: w}
	p.line("What this vault holds about the account %s, on %s.", d.Account, now.UTC().Format(time.DateOnly))
	p.line("It is all that its operator can hand over; testimonyd report demand --rows writes it out.")
	if len(d.Rows) == 0 {
		p.line("\nNothing. No row names this account, and nothing that was left of one says so.")
		d.absent(p, kept)
		return p.err
	}
	d.tables(p)
	d.readable(p)
	p.line("\nSealed, and opened by nothing that is here")
	p.line("  %d long columns of the rows above, and %d pieces of payloads with %d bytes in the object store.", d.sealed(), d.Objects, d.Bytes)
	p.line("  The keys are made from words that only she has, and her readers theirs. There is no other way in, and none can be built for what is stored already.")
	d.absent(p, kept)
	return p.err
}

// printer keeps the first error of writing.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (d Demand) tables(p *printer) {
	p.line("\nIn the database: %d rows", len(d.Rows))
	counts, columns := map[string]int{}, map[string][]string{}
	for _, r := range d.Rows {
		counts[r.Table]++
		if counts[r.Table] > 1 {
			continue
		}
		for _, c := range r.Cells {
			columns[r.Table] = append(columns[r.Table], c.Column.Name)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(counts)) {
		p.line("  %-22s %5d  %s", table, counts[table], strings.Join(columns[table], ", "))
	}
	p.line("In the journal of restrictions: %d records", len(d.Lines))
}

func (d Demand) readable(p *printer) {
	p.line("\nReadable for the operator")
	acts := map[string]int{}
	for _, a := range d.Acts {
		acts[cmp.Or(string(a.Act), "erased")]++
	}
	p.line("  %d acts that the account signed%s: %s", len(d.Acts), d.between(), list(acts))
	p.line("    each with its day and its terms: which part, which reader, for what, until when; no word of a testimony, no title, no name of hers")
	events := map[string]int{}
	for _, e := range d.Events {
		events[string(e.Kind)]++
	}
	p.line("  %d events of its testimonies: %s", len(d.Events), list(events))
	p.line("    openings with the reader's account and the second, everything else with the day")
	p.line("  Accounts are hashes of keys. Those of researchers and stewards are publicly tied to their names, those of participants to nothing here.")
}

func (d Demand) between() string {
	if len(d.Acts) == 0 {
		return ""
	}
	return fmt.Sprintf(" from %s to %s", day(d.Acts[0].Day), day(d.Acts[len(d.Acts)-1].Day))
}

func list(counts map[string]int) string {
	if len(counts) == 0 {
		return "none"
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(out, ", ")
}

// sealed counts the long columns: what is in them was sealed by a client, or under a
// key of the vault around what a client had sealed.
func (d Demand) sealed() (n int) {
	for _, r := range d.Rows {
		for _, c := range r.Cells {
			if c.Column.Type == "BLOB" && c.Size > short {
				n++
			}
		}
	}
	return n
}

// short is how long a hash or a name is at most; what is longer was sealed.
const short = 64

func (d Demand) absent(p *printer, kept int) {
	p.line("\nNot here, because it is never asked for, stored or written down")
	p.line("  names, birthdays, e-mail and postal addresses, telephone numbers, passwords of participants; network addresses, kinds of devices, hours of their acts; recordings, texts, pictures or file names in the clear; keys that open any.")
	p.line("\nElsewhere")
	p.line("  Backups of up to %d days hold older states of the same, erased things still sealed to their owner among them.", kept)
	p.line("  What a proxy, a provider of the network or of the machine keeps is not known here. %s", Operator)
	p.line("  Whether any of this must be handed over, and to whom, is for a lawyer to say. %s", Counsel)
}

// WriteRows writes everything that there is as JSON, one object a line: rows, acts,
// events, records of the journal. Long columns are lengths only: the sealed bytes
// themselves are in backups and in the object store, under the names in the rows.
func (d Demand) WriteRows(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	var err error
	put := func(v any) {
		if err == nil {
			err = out.Encode(v)
		}
	}
	for _, r := range d.Rows {
		put(map[string]any{"table": r.Table, "row": r.plain()})
	}
	for _, a := range d.Acts {
		put(map[string]any{"act": a})
	}
	for _, e := range d.Events {
		put(map[string]any{"event": e})
	}
	for _, l := range d.Lines {
		put(map[string]any{"journal": json.RawMessage(l)})
	}
	return err
}

func (r Row) plain() map[string]any {
	out := map[string]any{}
	for _, c := range r.Cells {
		out[c.Column.Name] = value(c)
	}
	return out
}

func value(c store.Cell) any {
	switch {
	case c.Null:
		return nil
	case c.Column.Type == "INTEGER":
		return json.Number(c.Text)
	case c.Column.Type == "TEXT":
		return c.Text
	case c.Size > short:
		return map[string]any{"sealed_bytes": c.Size}
	default:
		return base64.RawURLEncoding.EncodeToString([]byte(c.Text))
	}
}
