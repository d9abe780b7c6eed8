package machine_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
)

// begin is a vault in the middle of a day, somewhere after the beginning of time.
func begin() machine.State {
	return machine.State{Now: 40*release.Day + 50_000, LastDay: 40 * release.Day, Session: 2, Answer: release.Day}
}

// granted lists the openings that are not hopeless, and one that is.
func granted(s machine.State) []machine.Action {
	out := []machine.Action{{Kind: machine.Open}}
	for g := range uint8(machine.Grants) {
		for p := range uint8(machine.Parts) {
			if s.Grants[g].Parts[p].Header {
				out = append(out, machine.Action{Kind: machine.Open, Grant: g, Part: p})
			}
		}
	}
	return out
}

// next draws what happens next: half of the time somebody reads or a little time
// passes, or nothing would get far.
func next(t *rapid.T, s machine.State) machine.Action {
	switch rapid.IntRange(0, 5).Draw(t, "who") {
	case 0:
		return rapid.SampledFrom(granted(s)).Draw(t, "opening")
	case 1:
		return machine.Action{Kind: machine.Tick, By: rapid.Int32Range(1, 3).Draw(t, "seconds")}
	case 2:
		return machine.Action{Kind: machine.Release, Grant: rapid.Uint8Range(0, machine.Grants-1).Draw(t, "grant"), Trustee: rapid.Uint8Range(0, machine.Trustees-1).Draw(t, "trustee")}
	}
	return action(t, s)
}

// action draws any action, sensible or not.
func action(t *rapid.T, s machine.State) machine.Action {
	from := s.Now + rapid.Int32Range(-2, 3).Draw(t, "from")
	a := machine.Action{
		Kind:  rapid.SampledFrom(machine.Kinds()).Draw(t, "kind"),
		Grant: rapid.Uint8Range(0, machine.Grants-1).Draw(t, "grant"), Testimony: rapid.Uint8Range(0, machine.Testimonies-1).Draw(t, "testimony"),
		Part: rapid.Uint8Range(0, machine.Parts-1).Draw(t, "part"), Parts: rapid.Uint8Range(1, 3).Draw(t, "parts"),
		Trustee: rapid.Uint8Range(0, machine.Trustees-1).Draw(t, "trustee"), Scope: rapid.SampledFrom([]machine.Scope{machine.OfPart, machine.OfTestimony, machine.OfAll}).Draw(t, "scope"),
		Terms: machine.Terms{From: from, Until: from + rapid.SampledFrom([]machine.Second{2, 40, 40, 9 * release.Day}).Draw(t, "term"), Max: rapid.Uint8Range(0, 2).Draw(t, "reads")},
		By:    rapid.SampledFrom([]machine.Second{1, 1, 2, 2, 3, 3, 3, release.Day - 1, release.Day, 3 * release.Day}).Draw(t, "by"),
	}
	if rapid.IntRange(0, 3).Draw(t, "policy") == 0 {
		a.Policy = machine.Policy{Threshold: rapid.Uint8Range(0, 2).Draw(t, "threshold"), Silence: rapid.SampledFrom([]machine.Second{0, 1, release.Day}).Draw(t, "silence"), Wait: 1}
	}
	return a
}

// Whatever anybody does in whatever order, no step breaks a promise.
func TestNoStepBreaksAPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := begin()
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			a := next(t, s)
			after, out := machine.Step(s, a)
			for _, i := range machine.Invariants() {
				if err := i.Check(machine.Taken{Before: s, Action: a, After: after, Outcome: out}); err != nil {
					t.Fatalf("%s: %s: %v", i.Name, a, err)
				}
			}
			s = after
		}
	})
}

// An old state to which the journal was applied serves nothing that the lost one
// would not have served, now or later.
func TestARestoreOnlyRestricts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := begin()
		old, since := s, []machine.Entry(nil)
		steps := rapid.IntRange(1, 60).Draw(t, "steps")
		backup := rapid.IntRange(0, steps-1).Draw(t, "backup after")
		for i := range steps {
			if i == backup {
				old, since = s, nil
			}
			after, out := machine.Step(s, next(t, s))
			if s = after; out.Entry != (machine.Entry{}) {
				since = append(since, out.Entry)
			}
		}
		restored := machine.Restored(old, s.Now, since)
		if err := machine.RestoreOnlyRestricts(s, restored); err != nil {
			t.Fatal(err)
		}
		if again := machine.Restored(restored, s.Now, since); again != restored {
			t.Fatalf("applied twice it is another: %+v, %+v", restored, again)
		}
		if len(since) > 0 && old != s {
			t.Logf("%d entries applied", len(since))
		}
	})
}

// A restore without the journal is found to un-restrict: the promise has teeth.
func TestARestoreWithoutTheJournalIsCaught(t *testing.T) {
	old, _ := machine.Step(begin(), machine.Action{Kind: machine.Give, Parts: 1, Terms: machine.Terms{Until: begin().Now + 100}})
	for _, a := range []machine.Action{
		{Kind: machine.Revoke}, {Kind: machine.Erase}, {Kind: machine.Pause, Scope: machine.OfAll}, {Kind: machine.Suspend},
		{Kind: machine.Withdraw, Scope: machine.OfPart}, {Kind: machine.Narrow, Terms: machine.Terms{Until: begin().Now + 1}},
	} {
		lost, out := machine.Step(old, a)
		if !out.Done {
			t.Fatalf("%s was refused", a)
		}
		if machine.RestoreOnlyRestricts(lost, old) == nil {
			t.Errorf("%s is undone by a restore, and nobody notices", a)
		}
		if err := machine.RestoreOnlyRestricts(lost, machine.Restored(old, lost.Now, []machine.Entry{out.Entry})); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

// What the machine leaves in the journal has the journal's own names.
func TestEntriesAreOfTheJournalsKinds(t *testing.T) {
	known := []journal.Kind{journal.Revoked, journal.PartEnded, journal.Narrowed, journal.Read, journal.Paused, journal.Erased, journal.Suspended, journal.CheckedIn}
	seen := map[journal.Kind]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := begin()
		for range 40 {
			after, out := machine.Step(s, next(t, s))
			if k := journal.Kind(out.Entry.Kind); k != "" && !slices.Contains(known, k) {
				t.Fatalf("%q is no kind of the journal", k)
			}
			s, seen[journal.Kind(out.Entry.Kind)] = after, true
		}
	})
	for _, k := range known {
		if !seen[k] {
			t.Errorf("chance never left a %q entry: the other tests see less than they say", k)
		}
	}
}

// Chance reaches every state a grant can be in, and every kind of action is done
// at least once: otherwise the tests above would prove little.
func TestChanceReachesEverything(t *testing.T) {
	states, done := map[release.State]bool{}, map[machine.Kind]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := begin()
		for i := range 300 {
			if i%30 == 0 {
				s = begin()
			}
			a := next(t, s)
			after, out := machine.Step(s, a)
			states[out.Stands], done[a.Kind] = true, done[a.Kind] || out.Done
			s = after
		}
	})
	for _, s := range release.States() {
		if !states[s] && s != release.Held { // only a restore holds
			t.Errorf("no grant was ever %s", s)
		}
	}
	for _, k := range machine.Kinds() {
		if !done[k] {
			t.Errorf("%s was never accepted", k)
		}
	}
}
