package app

import (
	"context"
	"sync"
	"time"
)

// pruned is how many rows a pruning transaction removes at most, so that no
// request waits long behind it.
const pruned = 500

// heedEvery is how often codes are looked for that another node took before it
// died; its own a node looks up at once.
const heedEvery = 5 * time.Second

// fixityEvery is how often it is looked whether a check or a copy is due.
const fixityEvery = time.Minute

// job is work that no request waits for. It may be missed, repeated and run on
// several nodes at once.
type job struct {
	name  string
	every time.Duration
	run   func(ctx context.Context) error
}

func (v *vault) jobs() []job {
	return []job{
		{"forget used challenges", time.Minute, func(ctx context.Context) error { return drain(ctx, v.sessions.Prune) }},
		{"forget old answers", 10 * time.Minute, func(ctx context.Context) error { return drain(ctx, v.answers.Prune) }},
		{"delete payloads that were let go", time.Minute, func(ctx context.Context) error { v.payloads.Reap(ctx); return nil }},
		{"delete payloads that a crash left", time.Hour, v.sweep},
		{"remove traces of destroyed keys", 24 * time.Hour, v.testimonies.Scrub},
		{"give up old uploads", time.Hour, func(ctx context.Context) error { return v.testimonies.Expire(ctx, v.cfg.Uploads.Keep) }},
		{"end what nobody took out of a tray", time.Hour, v.trays.Sweep},
		{"forget forms that were sent long ago", time.Hour, v.forgetForms},
		{"end collections whose day has come", time.Hour, v.collections.Sweep},
		{"say how fixity stands", 24 * time.Hour, v.sayFixity},
		{"end leases of dead nodes", time.Minute, v.grants.Bury},
		{"forget what the journal and the database both know", time.Minute, v.pruneJournal},
		{"look at the clock", markEvery, v.markDay},
		{"agree with the other nodes which database is the latest", agreeEvery, v.agree},
		{"forget old webhooks", time.Hour, func(ctx context.Context) error { return drain(ctx, v.hooks.Prune) }},
		{"remind partners of withdrawals", time.Hour, v.hooks.Remind},
		{"look for the stewards' farewell", lookEvery, v.book.Look},
		{"drop the oldest files of the journal", 24 * time.Hour, v.dropJournal},
	}
}

func (v *vault) sweep(ctx context.Context) error {
	n, err := v.payloads.Sweep(ctx, v.cfg.GC.OrphanAge)
	if n > 0 {
		v.log.Info("deleted payloads that a crash left", "count", n)
	}
	return err
}

// drain prunes until less than a whole step is left.
func drain(ctx context.Context, prune func(context.Context, int64) (int64, error)) error {
	for {
		n, err := prune(ctx, pruned)
		if err != nil || n < pruned {
			return err
		}
	}
}

// background runs the jobs until ctx ends; the channel closes when the last one
// has.
func (v *vault) background(ctx context.Context) <-chan struct{} {
	finished := make(chan struct{})
	if v.app.still {
		close(finished)
		return finished
	}
	var running sync.WaitGroup
	for _, j := range v.jobs() {
		running.Go(func() { v.repeat(ctx, j) })
	}
	running.Go(func() { v.warnOfVersions(ctx) })
	running.Go(func() { v.denied.Run(ctx, time.Second) })
	running.Go(func() { v.pauses.Run(ctx, heedEvery) })
	running.Go(func() { v.fixity.Run(ctx, fixityEvery) })
	running.Go(func() { v.hooks.Run(ctx, hookEvery) })
	go func() { running.Wait(); close(finished) }()
	return finished
}

// repeat runs a job at once, for what a crash left, and then in its rhythm.
func (v *vault) repeat(ctx context.Context, j job) {
	tick := time.NewTicker(j.every)
	defer tick.Stop()
	for ctx.Err() == nil {
		err := j.run(ctx)
		if ctx.Err() == nil {
			v.counters.Job(j.name, err, v.app.Now())
		}
		if err != nil && ctx.Err() == nil {
			v.log.Error("a job failed and will be tried again", "job", j.name, "cause", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
