package app

import (
	"context"
	"time"
)

// agreeEvery is how often nodes compare which database they talk to.
const agreeEvery = time.Second

// agree makes sure that no node goes on with a database whose place another has taken,
// as far as any node has seen: each writes down the latest era it met beside its
// journal, where the others look. A node that sees neither the new database nor the
// folder learns nothing; that is what fencing is for (docs/operate/failover.md).
func (v *vault) agree(context.Context) error {
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
	if own == mine {
		return nil
	}
	return v.journal.KeepEra(mine)
}
