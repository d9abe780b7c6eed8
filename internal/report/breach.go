package report

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/report/reportdb"
	"github.com/relatingfield/vault/internal/store"
)

// Breach says what came into whose hands, and when that began and ended.
type Breach struct {
	What        Lost
	Reader      id.Thumbprint // the researcher, where What is Reader
	From, Until time.Time
	Kept        int // days that backups are kept
}

// Lost is what somebody has who should not.
type Lost string

// What can be lost.
const (
	Database Lost = "database" // the database, or a backup of it
	Objects  Lost = "objects"  // the object store, or a copy of it
	Keys     Lost = "keys"     // the server's own keys
	Machine  Lost = "machine"  // control of a machine that serves
	Reader   Lost = "reader"   // the words of a researcher, or a computer with what was opened
)

// ErrLost reports another word.
var ErrLost = fmt.Errorf("say what came into other hands: %s, %s, %s, %s or %s", Database, Objects, Keys, Machine, Reader)

// facts are the numbers of a worksheet.
type facts struct {
	roles    []reportdb.AccountsRow
	stands   reportdb.TestimoniesRow
	parts    reportdb.PartsRow
	grants   reportdb.GrantsRow
	openings reportdb.OpeningsRow
	given    reportdb.GrantsToRow
	opened   reportdb.OpeningsByRow
	denied   int64
}

// Worksheet writes what an authority asks after a breach, with the numbers from the
// vault's rows and custody filled in, as Markdown.
func (b Breach) Worksheet(ctx context.Context, db *store.DB, w io.Writer) error {
	words, ok := taken[b.What]
	if !ok || (b.What == Reader) != (b.Reader != "") {
		return ErrLost
	}
	var f facts
	err := db.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		f, err = b.count(ctx, reportdb.New(tx))
		return err
	})
	if err != nil {
		return fmt.Errorf("count for the worksheet: %w", err)
	}
	p := &printer{w: w}
	p.line("# Worksheet for a breach: %s\n", words.title)
	p.line("From %s until %s (UTC). Numbers are of the vault as it is now, and of that time where something can be told from it.", b.From.UTC().Format(time.DateOnly), b.Until.UTC().Format(time.DateOnly))
	p.line("%s and %s mark what is not in it. The clock of 72 hours (GDPR article 33) runs from when you knew: %s.\n", Operator, Counsel, Operator)
	p.list("## What they have", words.has)
	p.list("## What they have not", words.not)
	b.numbers(p, f)
	p.list("## Do now, in this order", words.do)
	p.list("## Whom to tell", tell)
	return p.err
}

func (b Breach) count(ctx context.Context, q *reportdb.Queries) (f facts, err error) {
	from, until := b.From.Unix(), b.Until.Unix()
	steps := []func() error{
		func() (err error) { f.roles, err = q.Accounts(ctx, until); return err },
		func() (err error) { f.stands, err = q.Testimonies(ctx, until); return err },
		func() (err error) { f.parts, err = q.Parts(ctx); return err },
		func() (err error) {
			f.grants, err = q.Grants(ctx, reportdb.GrantsParams{UntilS: until, FromS: from})
			return err
		},
		func() (err error) {
			f.openings, err = q.Openings(ctx, reportdb.OpeningsParams{UntilS: until, FromS: from})
			return err
		},
		func() (err error) {
			f.given, err = q.GrantsTo(ctx, reportdb.GrantsToParams{Grantee: string(b.Reader), UntilS: until, FromS: from})
			return err
		},
		func() (err error) {
			f.opened, err = q.OpeningsBy(ctx, reportdb.OpeningsByParams{Grantee: string(b.Reader), UntilS: until, FromS: from})
			return err
		},
		func() (err error) {
			f.denied, err = q.Attempts(ctx, reportdb.AttemptsParams{FromS: from, UntilS: until})
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (b Breach) numbers(p *printer, f facts) {
	p.line("## How many\n")
	if b.What == Reader {
		p.line("* The researcher held %d grants of %d people in that time, and opened %d times: %d testimonies of %d people.", f.given.N, f.given.Owners, f.opened.N, f.opened.Testimonies, f.opened.Owners)
		p.line("* These people see each opening in their feed. Who they are is known to themselves, and perhaps to the researcher.\n")
		return
	}
	for _, r := range f.roles {
		p.line("* accounts, %s: %d", r.Role, r.N)
	}
	p.line("* testimonies: %d, of %d accounts; %d erased ones, of which places and hashes remain", f.stands.Stand, f.stands.Owners, f.stands.Erased)
	p.line("* parts: %d, %d bytes, all sealed", f.parts.N, f.parts.Bytes)
	p.line("* grants in force in that time: %d, from %d people to %d researchers", f.grants.N, f.grants.Owners, f.grants.Readers)
	p.line("* openings in that time: %d, by %d researchers, of testimonies of %d people; refused attempts: %d", f.openings.N, f.openings.Readers, f.openings.Owners, f.denied)
	p.line("* a backup of up to %d days also holds what was erased since, sealed\n", b.Kept)
}

func (p *printer) list(title string, lines []string) {
	p.line("%s\n", title)
	for _, l := range lines {
		p.line("* %s", l)
	}
	p.line("")
}
