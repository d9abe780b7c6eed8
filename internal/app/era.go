package app

import (
	"context"
	"time"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
)

const (
	// agreeEvery is how often nodes compare which database they talk to.
	agreeEvery = time.Second
	// settling is for how many rounds after a failover the journals of nodes that
	// have ended are looked at: one that finds its own acts missing ends within the
	// first few.
	settling = 60
)

// agreement is where this node stands among the others.
type agreement struct {
	era    store.Era
	rounds int // of settling that are left
}

// agree makes sure that no node goes on with a database whose place another has taken,
// as far as any node has seen: each writes down the latest era it met beside its
// journal, where the others look. A node that sees neither the new database nor the
// folder learns nothing; that is what fencing is for (docs/operate/failover.md).
func (v *vault) agree(ctx context.Context) error {
	mine := v.db.Era()
	if mine.System == "" {
		return nil
	}
	latest, own, err := v.journal.Eras(mine.System)
	if err != nil {
		return err
	}
	if latest.Timeline > mine.Timeline {
		v.log.Warn("another node has seen the database on a later timeline: the server that this node talks to was replaced", "timeline", mine.Timeline, "later", latest.Timeline)
		v.db.Outlive(latest)
		mine = latest
	}
	if own != mine {
		if err := v.journal.KeepEra(mine); err != nil {
			return err
		}
	}
	return v.settle(ctx, mine)
}

// settle applies, after a failover, what nodes wrote that have ended. Before the first
// request that is the business of recover.
func (v *vault) settle(ctx context.Context, era store.Era) error {
	switch {
	case v.agreed.era == era:
	case v.agreed.era.System == "":
		v.agreed.era = era
	default:
		v.log.Warn("the database has failed over", "timeline", era.Timeline)
		v.agreed = agreement{era, settling}
	}
	if v.agreed.rounds == 0 {
		return nil
	}
	applied, err := v.journal.Settle(ctx, v.db, v.appliers())
	if err != nil {
		return err
	}
	v.agreed.rounds--
	v.logApplied(applied)
	if applied[journal.Erased] > 0 {
		return v.testimonies.Scrub(ctx)
	}
	return nil
}
