package grant

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// facts are what the decision about a grant rests on, all read in tx. Reads are
// those of its least read part; whoever decides about one part puts in its own.
func (g *Grants) facts(ctx context.Context, tx store.Tx, grant id.ID) (release.Facts, error) {
	row, err := grantdb.New(tx).Standing(ctx, string(grant))
	if err != nil {
		return release.Facts{}, fmt.Errorf("read how a grant stands: %w", err)
	}
	f := release.Facts{
		Revoked: row.RevokedDay.Valid, Held: row.Held != 0, Paused: row.Pauses != 0,
		From: row.FromS, Until: row.UntilS, Reads: row.Reads, MaxReads: row.MaxReads,
	}
	if f.Accredited, err = g.Reader.Live(ctx, tx, row.Accreditation, id.Thumbprint(row.Grantee), g.Now().Unix()); err != nil {
		return f, err
	}
	if row.Policy.Valid {
		f.Policy, err = g.Policy(ctx, tx, id.ID(row.Policy.String))
	}
	return f, err
}

// state is how a grant stands now.
func (g *Grants) state(ctx context.Context, tx store.Tx, grant id.ID) (release.State, error) {
	f, err := g.facts(ctx, tx, grant)
	if err != nil {
		return "", err
	}
	return release.Decide(f, g.Now().Unix()), nil
}
