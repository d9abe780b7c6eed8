package explore

import (
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/release/machine"
)

// Scenarios are the searches that make test runs: each is small enough to be tried
// out whole, and together they hold every act.
func Scenarios() []Scenario {
	const all = machine.OfAll
	at := func(k machine.Kind) machine.Action { return machine.Action{Kind: k} }
	terms := machine.Terms{Until: 50}
	return []Scenario{
		of("revoke", 4, granted(terms, machine.Policy{}), at(machine.Revoke)),
		of("withdraw", 3, granted(terms, machine.Policy{}), machine.Action{Kind: machine.Withdraw, Scope: all}, at(machine.Erase)),
		of("lock anew", 3, granted(terms, machine.Policy{}), at(machine.Relock)),
		of("pause", 3, granted(terms, machine.Policy{}), machine.Action{Kind: machine.Pause, Scope: all}, machine.Action{Kind: machine.Lift, Scope: all}),
		of("the term", 5, granted(machine.Terms{From: 1, Until: 3}, machine.Policy{})),
		of("narrow and renew", 3, granted(machine.Terms{Until: 4}, machine.Policy{}),
			machine.Action{Kind: machine.Narrow, Terms: machine.Terms{From: 1, Until: 2}}, machine.Action{Kind: machine.Renew, Terms: machine.Terms{Until: 9}}),
		of("one read", 3, granted(machine.Terms{Until: 50, Max: 1}, machine.Policy{}), at(machine.Revoke)),
		of("two reads", 3, short(granted(machine.Terms{Until: 50, Max: 2}, machine.Policy{}))),
		of("silence", 4, granted(terms, machine.Policy{Silence: 1, Wait: 1}), at(machine.CheckIn)),
		of("trustees", 4, granted(terms, machine.Policy{Threshold: 2, Silence: 1, Wait: 1}),
			at(machine.Release), machine.Action{Kind: machine.Release, Trustee: 1}, at(machine.CheckIn)),
		of("suspension", 4, granted(terms, machine.Policy{}), at(machine.Suspend)),
		restored("restore after revoking", 3, granted(terms, machine.Policy{}), at(machine.Revoke)),
		restored("restore after pausing", 3, granted(machine.Terms{Until: 50, Max: 1}, machine.Policy{}), machine.Action{Kind: machine.Pause, Scope: all}),
		restored("restore after a check-in", 3, granted(terms, machine.Policy{Silence: 1, Wait: 1}), at(machine.CheckIn)),
	}
}

// of is a scenario in which leases last one second.
func of(name string, end machine.Second, start machine.State, acts ...machine.Action) Scenario {
	return Scenario{Name: name, Start: start, Acts: acts, Lease: 1, End: end}
}

func restored(name string, end machine.Second, start machine.State, acts ...machine.Action) Scenario {
	s := of(name, end, start, acts...)
	s.Restore = true
	return s
}

// short makes an opening last one second: then the next is another read.
func short(s machine.State) machine.State {
	s.Session = 1
	return s
}

// granted is a vault with one grant on one part, at second 0. Her last act was so
// long ago that her silence, where it matters, is noticed after its own length.
func granted(terms machine.Terms, policy machine.Policy) machine.State {
	s := machine.State{Session: 50, LastDay: -release.Day}
	s.Grants[0] = machine.Grant{Given: true, Terms: terms, Policy: policy}
	s.Grants[0].Parts[0].Header = true
	return s
}
