package grant

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Exported is the detail of the custody event of an export.
const Exported = "export"

// Export is Open for a reader who takes the part out of the vault's world: into a
// text, a data set, a broadcast. It is an opening of its own, with its own event
// and counted as a read, also while a session of Open goes on: she sees that it
// left. ErrExport says that the terms in force do not allow it; only somebody who
// could open the part now is told so, everybody else gets ErrNotFound.
//
// What it cannot do: keep somebody from opening the part and copying it. An
// honest client asks for an export; what the dishonest do is in the terms they
// broke, and in her feed.
func (g *Grants) Export(ctx context.Context, caller account.Caller, grant id.ID, n int64, pick Pick) (*Opening, error) {
	return g.begin(ctx, caller, grant, n, &Opening{grants: g, grantee: caller.ID, export: true}, pick)
}

func (o *Opening) detail() string {
	if o.export {
		return Exported
	}
	return ""
}

// sessionTag tells sessions apart: by the file, and an export from an opening. That
// of an export is the longer one, so that it is told from an opening also when the
// file is long gone.
func sessionTag(row grantdb.ToOpenRow, export bool) []byte {
	tag := agefile.Tag(row.HeaderSha256, row.PayloadSha256)
	if export {
		return append(tag[:], Exported...)
	}
	return tag[:]
}

func isExport(sessionTag []byte) bool { return len(sessionTag) > sha256.Size }

// exports lists the leases of exports of a testimony whose terms do not allow any.
func (g *Grants) exports(ctx context.Context, tx store.Tx, testimony id.ID) ([]grantdb.CondemnedRow, error) {
	rows, err := grantdb.New(tx).LeasesOn(ctx, string(testimony))
	if err != nil {
		return nil, fmt.Errorf("list leases: %w", err)
	}
	var out []grantdb.CondemnedRow
	for _, r := range rows {
		if !isExport(r.Etag) {
			continue
		}
		err := g.mayExport(ctx, tx, id.ID(r.GrantID))
		if errors.Is(err, ErrExport) {
			out = append(out, grantdb.CondemnedRow{ID: r.ID, OpeningID: r.OpeningID, FromB: r.FromB, ToB: r.ToB})
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mayExport asks the terms in force.
func (g *Grants) mayExport(ctx context.Context, tx store.Tx, grant id.ID) error {
	s, err := g.governing(ctx, tx, grant)
	if err != nil {
		return err
	}
	terms, ok := statement.TermsOf(s.Body)
	if !ok {
		return fmt.Errorf("read terms: statement %d sets none", s.Seq)
	}
	if !terms.Exportable() {
		return ErrExport
	}
	return nil
}

// governing is the statement whose terms count now: the newest that renewed or
// narrowed the grant, or the grant itself.
func (g *Grants) governing(ctx context.Context, tx store.Tx, grant id.ID) (*statement.Statement, error) {
	row, err := grantdb.New(tx).Terms(ctx, string(grant))
	if err != nil {
		return nil, fmt.Errorf("find terms: %w", err)
	}
	seq := row.Seq
	if row.TermsSeq != 0 {
		seq = row.TermsSeq
	}
	return g.Ledger.Statement(ctx, tx, id.Thumbprint(row.Owner), seq)
}
