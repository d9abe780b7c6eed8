package trialtest

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
)

// Draw draws what happens next: half of the time somebody reads or time passes, for
// without that nothing gets far.
func Draw(t *rapid.T, s machine.State) machine.Action {
	switch rapid.IntRange(0, 5).Draw(t, "who") {
	case 0, 1:
		return rapid.SampledFrom(openings(s)).Draw(t, "opening")
	case 2:
		return machine.Action{Kind: machine.Tick, By: rapid.SampledFrom(steps(s)).Draw(t, "seconds")}
	}
	return Act(t, s, Kinds()...)
}

// openings lists those that are not hopeless, and one that is.
func openings(s machine.State) []machine.Action {
	out := []machine.Action{{Kind: machine.Open, Grant: machine.Grants - 1, Part: machine.Parts - 1}}
	for g := range uint8(machine.Grants) {
		for p := range uint8(machine.Parts) {
			if s.Grants[g].Parts[p].Header {
				out = append(out, machine.Action{Kind: machine.Open, Grant: g, Part: p})
			}
		}
	}
	return out
}

// steps lists how much time can pass: a little, a lot, and just so much that a term,
// a session or her silence is about to begin or end, does, or just did.
func steps(s machine.State) []machine.Second {
	out := []machine.Second{1, release.Day}
	edge := func(at machine.Second) {
		for _, by := range []machine.Second{at - 1, at, at + 1} {
			if by > s.Now && by < s.Now+20*release.Day {
				out = append(out, by-s.Now)
			}
		}
	}
	for _, g := range s.Grants {
		edge(g.From)
		edge(g.Until)
		edge(g.Parts[0].Until)
		edge(g.Owes)
		edge(s.LastDay + release.Day + g.Policy.Silence)
		edge(s.LastDay + release.Day + g.Policy.Silence + g.Policy.Wait)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Act draws an action of one of the kinds, sensible or not.
func Act(t *rapid.T, s machine.State, kinds ...machine.Kind) machine.Action {
	a := machine.Action{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	if a.Kind == machine.Give && s.Grants[machine.Grants-1].Given {
		a.Kind = machine.Narrow
	}
	switch a.Kind {
	case machine.Give:
		for a.Grant = 0; s.Grants[a.Grant].Given; a.Grant++ {
		}
		a.Testimony, a.Parts = whose(t), rapid.Uint8Range(1, 1<<machine.Parts-1).Draw(t, "parts")
		a.Terms = terms(t, s)
		if !s.Suspended && !s.Late() && a.Terms.Until > s.Now && !s.Testimonies[a.Testimony].Erased { // she signs it before the grant, which must then be taken
			a.Policy = rapid.SampledFrom(policies()).Draw(t, "policy")
		}
	case machine.Renew, machine.Narrow:
		a.Grant, a.Terms = grants(t), terms(t, s)
		if s.Grants[a.Grant].Given && rapid.Bool().Draw(t, "a little narrower") {
			a.Terms = s.Grants[a.Grant].Terms
			a.Terms.Max = max(1, a.Terms.Max)
		}
	case machine.Revoke, machine.Reply:
		a.Grant = grants(t)
	case machine.Release:
		a.Grant, a.Trustee = grants(t), rapid.Uint8Range(0, machine.Trustees-1).Draw(t, "trustee")
	case machine.Open:
		return rapid.SampledFrom(openings(s)).Draw(t, "opening")
	case machine.Tick:
		a.By = rapid.SampledFrom(steps(s)).Draw(t, "seconds")
	case machine.Relock:
		a.Testimony, a.Part = whose(t), rapid.Uint8Range(0, machine.Parts-1).Draw(t, "part")
	case machine.Erase:
		a.Testimony = whose(t)
	case machine.Withdraw:
		a.Testimony, a.Part, a.Scope = whose(t), rapid.Uint8Range(0, machine.Parts-1).Draw(t, "part"),
			rapid.SampledFrom([]machine.Scope{machine.OfPart, machine.OfPart, machine.OfTestimony, machine.OfAll}).Draw(t, "scope")
	case machine.Pause, machine.Lift:
		a.Testimony, a.Scope = whose(t), rapid.SampledFrom([]machine.Scope{machine.OfTestimony, machine.OfTestimony, machine.OfAll}).Draw(t, "scope")
		if a.Scope == machine.OfAll {
			a.Testimony = 0
		}
	}
	return a
}

func grants(t *rapid.T) uint8 { return rapid.Uint8Range(0, machine.Grants-1).Draw(t, "grant") }
func whose(t *rapid.T) uint8  { return rapid.Uint8Range(0, machine.Testimonies-1).Draw(t, "testimony") }

// policies are those that a grant can be under, most often none.
func policies() []machine.Policy {
	const day = release.Day
	return []machine.Policy{{}, {}, {}, {Threshold: 2}, {Silence: day, Wait: day}, {Threshold: 2, Silence: day, Wait: day}}
}

// terms begin about now and last from a second to a month.
func terms(t *rapid.T, s machine.State) machine.Terms {
	from := s.Now + rapid.SampledFrom([]machine.Second{0, 0, 0, 1, 2, -1, 3600}).Draw(t, "from")
	return machine.Terms{From: from, Until: from + rapid.SampledFrom([]machine.Second{30 * release.Day, 30 * release.Day, 2 * release.Day, 1, 2, 100}).Draw(t, "term"),
		Max: rapid.Uint8Range(0, 2).Draw(t, "reads")}
}
