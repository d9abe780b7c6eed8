package machine

import (
	"fmt"

	"github.com/relatingfield/vault/internal/release"
)

// Taken is one step that was taken.
type Taken struct {
	Before  State
	Action  Action
	After   State
	Outcome Outcome
}

// Invariant is a promise about every step. Its name stands in docs/model, too.
type Invariant struct {
	Name  string
	Check func(Taken) error
}

// Invariants lists what is promised. None of them asks release.Decide: they say in
// other words what it has to say.
func Invariants() []Invariant {
	return []Invariant{
		{"LiveGrantOnly", liveGrantOnly},
		{"NothingBeforeItsTime", nothingBeforeItsTime},
		{"RevokeWins", revokeWins},
		{"ReadsWithinMaximum", readsWithinMaximum},
		{"EveryReadHasItsEvent", everyReadHasItsEvent},
		{"PausedServesNothing", pausedServesNothing},
		{"RefusedChangesNothing", refusedChangesNothing},
	}
}

// served gives what a reader was served from, or ok=false when nobody was served.
func (t Taken) served() (g Grant, p Granted, ok bool) {
	if t.Action.Kind != Open && t.Action.Kind != Go || !t.Outcome.Done {
		return Grant{}, Granted{}, false
	}
	g = t.Before.Grants[t.Action.Grant]
	return g, g.Parts[t.Action.Part], true
}

// liveGrantOnly: nobody reads outside a live grant.
func liveGrantOnly(t Taken) error {
	g, p, ok := t.served()
	if ok && (!g.Given || !p.Header || g.Held || t.Before.Suspended || t.Before.Now >= g.Until) {
		return fmt.Errorf("served under %+v", g)
	}
	return nil
}

// nothingBeforeItsTime: not before the term, nor before her silence has lasted to
// its last second, nor before enough trustees have spoken.
func nothingBeforeItsTime(t Taken) error {
	g, _, ok := t.served()
	if !ok {
		return nil
	}
	if t.Before.Now < g.From {
		return fmt.Errorf("served at %d, before %d", t.Before.Now, g.From)
	}
	if g.Policy.Silence > 0 && t.Before.Now < t.Before.LastDay+release.Day+g.Policy.Silence+g.Policy.Wait {
		return fmt.Errorf("served at %d, and her last act was on day %d", t.Before.Now, t.Before.LastDay)
	}
	if count(g.Policy.Released) < int64(g.Policy.Threshold) {
		return fmt.Errorf("served with %d of %d shares", count(g.Policy.Released), g.Policy.Threshold)
	}
	return nil
}

// revokeWins: nothing is served after a grant, a part or a testimony was taken
// back, and nothing brings it back.
func revokeWins(t Taken) error {
	for n, g := range t.Before.Grants {
		if g.Revoked && !t.After.Grants[n].Revoked {
			return fmt.Errorf("grant %d is back", n)
		}
	}
	g, _, ok := t.served()
	if ok && (g.Revoked || t.Before.Testimonies[g.Testimony].Erased) {
		return fmt.Errorf("served though it was taken back")
	}
	return nil
}

// readsWithinMaximum: no step makes reads more than she allows.
func readsWithinMaximum(t Taken) error {
	for n, g := range t.After.Grants {
		for i, p := range g.Parts {
			if p.Reads > t.Before.Grants[n].Parts[i].Reads && g.Max > 0 && p.Reads > g.Max {
				return fmt.Errorf("part %d of grant %d was read %d times of %d", i, n, p.Reads, g.Max)
			}
		}
	}
	return nil
}

// everyReadHasItsEvent: reads and events are the same number, and only the opening
// of a part makes them more.
func everyReadHasItsEvent(t Taken) error {
	sum := func(s State) (n uint8) {
		for _, g := range s.Grants {
			for _, p := range g.Parts {
				n += p.Reads
			}
		}
		return n
	}
	if more, events := sum(t.After)-sum(t.Before), t.After.Events-t.Before.Events; more != events || (more != 0) != t.Outcome.Read {
		return fmt.Errorf("%d reads and %d events more, delivered: %v", more, events, t.Outcome.Read)
	}
	return nil
}

// pausedServesNothing: neither what is paused nor anything when all is.
func pausedServesNothing(t Taken) error {
	g, _, ok := t.served()
	if ok && (t.Before.Paused || t.Before.Testimonies[g.Testimony].Paused) {
		return fmt.Errorf("served though it is paused")
	}
	return nil
}

// refusedChangesNothing: an answer that says no leaves no trace here.
func refusedChangesNothing(t Taken) error {
	if !t.Outcome.Done && t.Before != t.After {
		return fmt.Errorf("refused, and yet something changed")
	}
	return nil
}

// RestoreOnlyRestricts: whatever an old state serves now or later, once the
// journal has been applied to it, the state that was lost would have served, too.
func RestoreOnlyRestricts(lost, restored State) error {
	for g := range uint8(Grants) {
		for p := range uint8(Parts) {
			a, b := lost.Facts(g, p), restored.Facts(g, p)
			for _, in := range []bool{true, false} {
				a.InSession, b.InSession = in, in
				for _, t := range boundaries(a, b, int64(lost.Now)) {
					if release.Decide(b, t) == release.Live && release.Decide(a, t) != release.Live {
						return fmt.Errorf("part %d of grant %d, which was %s at %d, is live", p, g, release.Decide(a, t), t)
					}
				}
			}
		}
	}
	return nil
}

// boundaries are the seconds from now on at which an answer can change, and those
// before them.
func boundaries(a, b release.Facts, now int64) []int64 {
	out := []int64{now}
	for _, f := range []release.Facts{a, b} {
		times := []int64{f.From, f.Until}
		if f.Policy != nil {
			times = append(times, f.Policy.ReleaseAt())
		}
		for _, t := range times {
			if t > now {
				out = append(out, t-1, t)
			}
		}
	}
	return out
}
