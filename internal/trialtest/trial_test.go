package trialtest_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/trialtest"
)

// One after the other, whatever anybody does and whatever goes wrong, the service
// answers as the model does, and what stands in its rows and feeds is what the
// model says.
func TestTheServiceDoesWhatTheModelSays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		site := trialtest.Open(t, db)
		site.Leap(300 * time.Millisecond)
		rapid.Check(t, func(rt *rapid.T) {
			trial := site.Begin()
			s := trial.Start
			for range rapid.IntRange(1, 25).Draw(rt, "actions") {
				a := trialtest.Draw(rt, s)
				f := fault(rt, a)
				s = step(rt, trial, s, a, f)
			}
		})
	})
}

// fault draws what goes wrong, which is mostly nothing.
func fault(rt *rapid.T, a machine.Action) trialtest.Fault {
	if a.Kind == machine.Tick || a.Kind == machine.Release || a.Policy != (machine.Policy{}) || rapid.IntRange(0, 2).Draw(rt, "does anything go wrong") > 0 {
		return trialtest.None
	}
	return rapid.SampledFrom(trialtest.Faults()).Draw(rt, "fault")
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
		return next // the answer was lost, and it was done
	case got.Unknown && seen == trialtest.Project(s):
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
