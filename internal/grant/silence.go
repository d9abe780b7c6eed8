package grant

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
)

// State is how a grant stands now, within tx.
func (g *Grants) State(ctx context.Context, tx store.Tx, grant id.ID) (release.State, error) {
	return g.state(ctx, tx, grant)
}

// rely is for a transaction that opens what a policy allows.
func (g *Grants) rely(ctx context.Context, tx store.Tx, grant id.ID, f release.Facts) error {
	if f.Policy == nil {
		return nil
	}
	policy, err := grantdb.New(tx).PolicyOf(ctx, string(grant))
	if err != nil {
		return fmt.Errorf("find policy of a grant: %w", err)
	}
	return g.Rely(ctx, tx, id.ID(policy.String))
}

// SettleSilence returns when no stream of the owner's sends under a policy that
// asks for silence: she has just been heard, so every such lease is void, and no
// new one is given before she has been silent again. What a silent node may have
// sent is recorded as fetched.
func (g *Grants) SettleSilence(ctx context.Context, owner id.Thumbprint) error {
	g.gate.wakeAll(owner)
	return g.settle(ctx, func(ctx context.Context) ([]grantdb.CondemnedRow, error) { return g.silent(ctx, owner) })
}

// silent lists the leases of streams under a policy with silence.
func (g *Grants) silent(ctx context.Context, owner id.Thumbprint) ([]grantdb.CondemnedRow, error) {
	var rows []grantdb.CondemnedRow
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := grantdb.New(tx).SilentLeases(ctx, string(owner))
		rows = nil
		for _, r := range found {
			rows = append(rows, grantdb.CondemnedRow(r))
		}
		return err
	})
	return rows, err
}
