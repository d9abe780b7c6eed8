package trialtest_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/trialtest"
	"github.com/relatingfield/vault/migrations"
)

// One after the other, whatever anybody does and whatever goes wrong, the service
// answers as the model does, and what stands in its rows and feeds is what the
// model says.
func TestTheServiceDoesWhatTheModelSays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		site := trialtest.Open(t, db)
		site.Leap(300 * time.Millisecond)
		rapid.Check(t, func(rt *rapid.T) { live(rt, site) })
	})
}

// The same when the line to the database breaks at a commit, before or after the
// database has heard it: nobody knows which, and nothing is half done.
func TestAnUncertainCommitIsDoneOrNot(t *testing.T) {
	c := pgtest.New(t, pgtest.Options{TCP: true, NoFsync: true})
	line := trialtest.Between(t, c.Addr())
	site := trialtest.Open(t, storetest.Open(t, store.Config{Engine: store.PostgreSQL, Migrations: migrations.Files, AutoMigrate: true, Volatile: true,
		MaxConns: 4, URL: "postgres://vault@" + line.Addr() + "/postgres?sslmode=disable"}))
	site.Line = line
	site.Leap(300 * time.Millisecond)
	rapid.Check(t, func(rt *rapid.T) { live(rt, site) })
	if site.Known.Done == 0 || site.Known.Not == 0 {
		t.Errorf("of what was uncertain %d were done and %d not: both must happen", site.Known.Done, site.Known.Not)
	}
}

// live is a while in which people act one after the other.
func live(rt *rapid.T, site *trialtest.Site) {
	trial := site.Begin()
	s := trial.Start
	for range rapid.IntRange(1, 25).Draw(rt, "actions") {
		a := trialtest.Draw(rt, s)
		s = step(rt, trial, s, a, fault(rt, site, a))
	}
}

// fault draws what goes wrong, which is mostly nothing.
func fault(rt *rapid.T, site *trialtest.Site, a machine.Action) trialtest.Fault {
	if a.Kind == machine.Tick || a.Kind == machine.Release || a.Policy != (machine.Policy{}) || rapid.IntRange(0, 2).Draw(rt, "does anything go wrong") > 0 {
		return trialtest.None
	}
	return rapid.SampledFrom(site.Faults()).Draw(rt, "fault")
}

// step does an action to both and compares.
func step(rt *rapid.T, trial *trialtest.Trial, s machine.State, a machine.Action, f trialtest.Fault) machine.State {
	if a.Kind == machine.Relock && !s.Testimonies[a.Testimony].Erased { // she begins an upload first, and that is an act of hers
		s, _ = machine.Step(s, machine.Action{Kind: machine.CheckIn})
	}
	next, out := machine.Step(s, a)
	got, err := trial.Do(a, rapid.IntRange(0, 1).Draw(rt, "node"), f)
	if err != nil {
		rt.Fatal(err)
	}
	seen, err := trial.See()
	if err != nil {
		rt.Fatal(err)
	}
	switch done := seen == trialtest.Project(next); {
	case got.Unknown && done && out.Done:
		trial.Known.Done++
		return next
	case got.Unknown && seen == trialtest.Project(s):
		trial.Known.Not++
		return s
	case got.Unknown:
		rt.Fatalf("%s: %v, and it is neither done nor not:\n%+v\n%+v", a, got.Err, seen, trialtest.Project(next))
	case got.Done != out.Done:
		rt.Fatalf("%s: done is %v (%v), the model says %v (%s)", a, got.Done, got.Err, out.Done, out.Stands)
	case !done:
		rt.Fatalf("%s: the service has\n%+v, the model\n%+v", a, seen, trialtest.Project(next))
	}
	return next
}
