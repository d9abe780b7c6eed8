package trialtest_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/trialtest"
)

// At the same time, on two nodes, she acts and the reader opens: there is an order
// in which the model gives the same answers and leaves the same rows and events;
// and once she has her answer, not one byte is sent of what she has ended.
func TestWhateverHappensAtOnceHasAnOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		site := trialtest.Open(t, db)
		rapid.Check(t, func(rt *rapid.T) {
			trial := site.Begin()
			s := trial.Start
			for range 2 {
				s = step(rt, trial, s, trialtest.Act(rt, s, machine.Give), trialtest.None)
			}
			for range rapid.IntRange(1, 4).Draw(rt, "rounds") {
				s = round(rt, trial, s)
				if rapid.Bool().Draw(rt, "time passes") {
					s = step(rt, trial, s, trialtest.Act(rt, s, machine.Tick), trialtest.None)
				}
			}
		})
	})
}

// hers is one act of hers that is one statement.
func hers(rt *rapid.T, s machine.State) machine.Action {
	a := trialtest.Act(rt, s, trialtest.Hers()...)
	a.Policy = machine.Policy{}
	if a.Kind == machine.Relock {
		a = machine.Action{Kind: machine.CheckIn}
	}
	return a
}

// round is some actions at the same time, the first hers.
func round(rt *rapid.T, trial *trialtest.Trial, s machine.State) machine.State {
	actions := []machine.Action{hers(rt, s)}
	if rapid.Bool().Draw(rt, "a trustee") {
		actions = append(actions, trialtest.Act(rt, s, machine.Release))
	}
	for range rapid.IntRange(1, 3).Draw(rt, "openings") {
		actions = append(actions, trialtest.Act(rt, s, machine.Open))
	}
	after, out := machine.Step(s, actions[0])
	answers, bytes, err := trial.Together(actions, func(a machine.Action) bool {
		f := after.Facts(a.Grant, a.Part)
		return out.Done && a.Kind == machine.Open && (f.Revoked || f.Paused)
	})
	if err != nil {
		rt.Fatal(err)
	}
	if bytes != 0 {
		rt.Errorf("%d bytes were sent after she was told: %s", bytes, actions[0])
	}
	seen, err := trial.See()
	if err != nil {
		rt.Fatal(err)
	}
	end, ok := trialtest.Explained(s, actions, answers, func(s machine.State) bool { return trialtest.Project(s) == seen })
	if !ok {
		rt.Fatalf("no order explains %v with answers %+v and\n%+v after\n%+v", actions, answers, seen, trialtest.Project(s))
	}
	return end
}
