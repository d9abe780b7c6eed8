package grant

import (
	"context"
	"crypto/sha256"
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

// sessionTag tells sessions apart: by the file, and an export from an opening.
func sessionTag(row grantdb.ToOpenRow, export bool) []byte {
	tag := agefile.Tag(row.HeaderSha256, row.PayloadSha256)
	if export {
		tag = sha256.Sum256(append([]byte(Exported+" "), tag[:]...))
	}
	return tag[:]
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
