package grant

import (
	"context"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// look lists the leases under which nothing may be sent any more.
type look func(ctx context.Context) ([]grantdb.CondemnedRow, error)

// Settle returns when no stream of the testimony sends under a grant or header
// that has ended or not begun: at once when there is none, after leaseTerm at the most. What
// a silent node may have sent is recorded as fetched.
func (g *Grants) Settle(ctx context.Context, testimony id.ID) error {
	g.gate.wake(testimony)
	return g.settle(ctx, func(ctx context.Context) ([]grantdb.CondemnedRow, error) { return g.condemned(ctx, testimony) })
}

// SettlePaused is Settle for everything of an account that is paused.
//
// Whoever revokes writes the row that whoever opens writes as well, so that one
// of the two sees the other. A pause of everything has no such row: it would stand
// in the way of every reader of hers. It looks for leases in a serializable
// transaction instead. An opening that saw no pause, and whose lease the look did
// not see, would have to come before the pause, the pause before the look, and
// the look before the opening: no order allows that, so the database refuses the
// opening, which tries again and finds the pause.
func (g *Grants) SettlePaused(ctx context.Context, owner id.Thumbprint) error {
	g.gate.wakeAll(owner)
	return g.settle(ctx, func(ctx context.Context) ([]grantdb.CondemnedRow, error) { return g.paused(ctx, owner) })
}

// CutPaused has this node look now whether its streams may go on, and waits for
// nobody. Every node looks by itself within leaseTerm.
func (g *Grants) CutPaused(owner id.Thumbprint) { g.gate.wakeAll(owner) }

func (g *Grants) settle(ctx context.Context, look look) error {
	for until := g.Tick().Add(leaseTerm + settleSlack); ; {
		left, err := look(ctx)
		if err != nil || len(left) == 0 {
			return err
		}
		if g.Tick().After(until) {
			return g.bury(ctx, left)
		}
		if err := pause(ctx, settlePoll); err != nil {
			return err
		}
	}
}

func (g *Grants) condemned(ctx context.Context, testimony id.ID) ([]grantdb.CondemnedRow, error) {
	var c condemned
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		return store.Together(ctx, tx, c.looks(g, testimony)...)
	})
	return c.leases(), err
}

// condemned are leases under which nothing may be sent any more: what they are for
// has ended, or its terms allow no export. One may be both.
type condemned struct{ ended, exports []grantdb.CondemnedRow }

func (c *condemned) looks(g *Grants, testimony id.ID) []store.Work {
	return []store.Work{
		func(ctx context.Context, tx store.Tx) (err error) {
			c.ended, err = grantdb.New(tx).Condemned(ctx, grantdb.CondemnedParams{Testimony: string(testimony), NowS: g.Now().Unix()})
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			c.exports, err = g.exports(ctx, tx, testimony)
			return err
		},
	}
}

func (c *condemned) leases() []grantdb.CondemnedRow {
	if len(c.ended) > 0 {
		return c.ended
	}
	return c.exports
}

// paused looks in a transaction that could write: see SettlePaused.
func (g *Grants) paused(ctx context.Context, owner id.Thumbprint) ([]grantdb.CondemnedRow, error) {
	var rows []grantdb.CondemnedRow
	err := g.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		found, err := grantdb.New(tx).PausedLeases(ctx, string(owner))
		rows = nil
		for _, r := range found {
			rows = append(rows, grantdb.CondemnedRow(r))
		}
		return err
	})
	return rows, err
}
