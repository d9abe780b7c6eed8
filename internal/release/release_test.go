package release_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/release"
)

const (
	from  = int64(1_800_000_000)
	until = from + 1000
)

// open are facts under which everything is live.
func open() release.Facts {
	return release.Facts{Accredited: true, From: from, Until: until}
}

// silent is a policy of her silence: of a day, with a day to say no, counted from
// the end of the day of her last act.
func silent() *release.Policy {
	return &release.Policy{Silence: release.Day, Wait: release.Day, LastDay: from - 3*release.Day}
}

// Each condition is kept to the second, and stands in the order of section 9.
func TestEveryConditionIsKeptAtItsBoundary(t *testing.T) {
	with := func(change func(*release.Facts)) release.Facts {
		f := open()
		change(&f)
		return f
	}
	policy := func(p release.Policy) release.Facts { return with(func(f *release.Facts) { f.Policy = &p }) }
	late := with(func(f *release.Facts) { f.Policy, f.From = silent(), from-release.Day })
	for name, c := range map[string]struct {
		facts release.Facts
		now   int64
		want  release.State
	}{
		"one second before from":    {open(), from - 1, release.Waiting},
		"at from":                   {open(), from, release.Live},
		"the last second":           {open(), until - 1, release.Live},
		"at until":                  {open(), until, release.Ended},
		"long after":                {open(), until + 1<<40, release.Ended},
		"at zero":                   {open(), 0, release.Waiting},
		"revoked":                   {with(func(f *release.Facts) { f.Revoked = true }), from, release.Revoked},
		"not accredited":            {with(func(f *release.Facts) { f.Accredited = false }), from, release.Suspended},
		"held":                      {with(func(f *release.Facts) { f.Held = true }), from, release.Held},
		"paused":                    {with(func(f *release.Facts) { f.Paused = true }), from, release.Paused},
		"one read left":             {with(func(f *release.Facts) { f.MaxReads, f.Reads = 3, 2 }), from, release.Live},
		"no read left":              {with(func(f *release.Facts) { f.MaxReads, f.Reads = 3, 3 }), from, release.UsedUp},
		"more reads than allowed":   {with(func(f *release.Facts) { f.MaxReads, f.Reads = 3, 9 }), from, release.UsedUp},
		"no read left, in session":  {with(func(f *release.Facts) { f.MaxReads, f.Reads, f.InSession = 3, 3, true }), from, release.Live},
		"a session, but paused":     {with(func(f *release.Facts) { f.InSession, f.Paused = true, true }), from, release.Paused},
		"a session, but ended":      {with(func(f *release.Facts) { f.InSession = true }), until, release.Ended},
		"read often, no maximum":    {with(func(f *release.Facts) { f.Reads = 1 << 40 }), from, release.Live},
		"a share short":             {policy(release.Policy{Threshold: 3, Released: 2}), from, release.Withheld},
		"shares enough":             {policy(release.Policy{Threshold: 3, Released: 3}), from, release.Live},
		"silent a second too short": {late, silent().ReleaseAt() - 1, release.Withheld},
		"silent long enough":        {late, silent().ReleaseAt(), release.Live},
	} {
		if got := release.Decide(c.facts, c.now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if at := silent().ReleaseAt(); at != from {
		t.Errorf("silence counts from the end of her last day: %d, want %d", at, from)
	}
}

// facts draws any facts, with times near enough to one another to matter.
func facts(t *rapid.T) (f release.Facts, now int64) {
	second := rapid.Int64Range(0, 12)
	f = release.Facts{
		Revoked: rapid.Bool().Draw(t, "revoked"), Accredited: rapid.Bool().Draw(t, "accredited"), Held: rapid.Bool().Draw(t, "held"),
		Paused: rapid.Bool().Draw(t, "paused"), From: second.Draw(t, "from"), Until: second.Draw(t, "until"),
		Reads: rapid.Int64Range(0, 3).Draw(t, "reads"), MaxReads: rapid.Int64Range(0, 3).Draw(t, "max_reads"), InSession: rapid.Bool().Draw(t, "session"),
	}
	if rapid.Bool().Draw(t, "has a policy") {
		f.Policy = &release.Policy{
			Threshold: rapid.Int64Range(0, 3).Draw(t, "threshold"), Released: rapid.Int64Range(0, 3).Draw(t, "released"),
			Silence: second.Draw(t, "silence"), Wait: second.Draw(t, "wait"), LastDay: -release.Day + rapid.Int64Range(-12, 12).Draw(t, "last day"),
		}
	}
	return f, second.Draw(t, "now")
}

// holds is section 9 once more, condition by condition, without an order.
func holds(f release.Facts, now int64) []bool {
	p := f.Policy
	return []bool{
		!f.Revoked, f.Accredited, !f.Held, !f.Paused, now >= f.From, now < f.Until,
		f.MaxReads == 0 || f.Reads < f.MaxReads || f.InSession,
		p == nil || p.Released >= p.Threshold,
		p == nil || p.Silence == 0 || now-p.LastDay-release.Day >= p.Silence+p.Wait,
	}
}

// Live needs every condition: one that does not hold is enough for another state,
// and nothing else is.
func TestLiveNeedsEveryCondition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := facts(t)
		state := release.Decide(f, now)
		if all := !slices.Contains(holds(f, now), false); all != (state == release.Live) {
			t.Fatalf("%+v at %d: %s, conditions %v", f, now, state, holds(f, now))
		}
		if !slices.Contains(release.States(), state) {
			t.Fatalf("%q is no state", state)
		}
	})
}

// restrictions are all the ways in which facts become stricter.
func restrictions() map[string]func(*rapid.T, *release.Facts) {
	more := rapid.Int64Range(0, 5)
	policy := func(change func(*rapid.T, *release.Policy)) func(*rapid.T, *release.Facts) {
		return func(t *rapid.T, f *release.Facts) {
			p := release.Policy{}
			if f.Policy != nil {
				p = *f.Policy
			}
			change(t, &p)
			f.Policy = &p
		}
	}
	return map[string]func(*rapid.T, *release.Facts){
		"revoked":       func(_ *rapid.T, f *release.Facts) { f.Revoked = true },
		"suspended":     func(_ *rapid.T, f *release.Facts) { f.Accredited = false },
		"held":          func(_ *rapid.T, f *release.Facts) { f.Held = true },
		"paused":        func(_ *rapid.T, f *release.Facts) { f.Paused = true },
		"later":         func(t *rapid.T, f *release.Facts) { f.From += more.Draw(t, "later") },
		"shorter":       func(t *rapid.T, f *release.Facts) { f.Until -= more.Draw(t, "shorter") },
		"read":          func(t *rapid.T, f *release.Facts) { f.Reads += more.Draw(t, "read") },
		"session over":  func(_ *rapid.T, f *release.Facts) { f.InSession = false },
		"fewer reads":   func(t *rapid.T, f *release.Facts) { f.MaxReads = fewer(t, f.MaxReads) },
		"more shares":   policy(func(t *rapid.T, p *release.Policy) { p.Threshold += more.Draw(t, "shares") }),
		"share missing": policy(func(t *rapid.T, p *release.Policy) { p.Released -= more.Draw(t, "missing") }),
		"she is there":  policy(func(t *rapid.T, p *release.Policy) { p.LastDay += more.Draw(t, "there") }),
		"more silence":  policy(func(t *rapid.T, p *release.Policy) { p.Silence += more.Draw(t, "silence") }),
		"a longer wait": policy(func(t *rapid.T, p *release.Policy) { p.Wait += more.Draw(t, "wait") }),
	}
}

// fewer is a maximum that allows no more than most does; 0 is no maximum.
func fewer(t *rapid.T, most int64) int64 {
	if most == 0 {
		return rapid.Int64Range(0, 5).Draw(t, "maximum")
	}
	return rapid.Int64Range(1, most).Draw(t, "maximum")
}

// Whatever is restricted, and however often, what was closed stays closed.
func TestARestrictionNeverOpens(t *testing.T) {
	ways := restrictions()
	names := make([]string, 0, len(ways))
	for name := range ways {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		f, now := facts(t)
		before := release.Decide(f, now)
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 4).Draw(t, "restrictions") {
			ways[name](t, &f)
		}
		if after := release.Decide(f, now); after == release.Live && before != release.Live {
			t.Fatalf("it was %s and is live: %+v at %d", before, f, now)
		}
	})
}

// Time alone opens nothing but what waits, and closes for ever: once the term is
// over no second of it comes back.
func TestTheEndStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := facts(t)
		state := release.Decide(f, now)
		later := release.Decide(f, now+rapid.Int64Range(0, 20).Draw(t, "later"))
		if (state == release.Ended || state == release.Revoked) && later != state {
			t.Fatalf("it was %s and is %s", state, later)
		}
	})
}
