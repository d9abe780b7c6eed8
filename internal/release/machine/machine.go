// Package machine is release as a pure state machine: what the vault remembers of
// a small party, what each act does to it, and what must never come out.
//
// Step is the whole of it: a state and an action in, a state and an outcome out.
// Whether a reader may read it leaves to release.Decide, the very function that
// the vault asks, so that whatever is found out about the machine is found out
// about the decision in force. Invariants says in functions what is promised.
//
// It is used three times. Its own tests let chance act on it; package explore
// puts two nodes, transactions and leases around it and tries every order;
// package trialtest does the same acts to the real service and compares.
//
// Promises: no clock, no input, no output, no randomness; a State is comparable
// and copied by assignment. Assumes: one act at a time; several at once are the
// explorer's matter. Does not: know headers, keys, statements or bytes.
//
// Source: docs/protocol.md section 9; docs/model states the same in TLA+.
package machine

import "github.com/relatingfield/vault/internal/release"

// The size of the party: one woman with testimonies of some parts, one reader with
// some grants, and trustees. Small, because every mistake worth finding shows in a
// small party.
const (
	Testimonies = 2
	Parts       = 2
	Grants      = 4
	Trustees    = 3
)

// Second is a time in seconds, counted from wherever the user of a State likes.
type Second = int32

// State is all that decides who reads what. The zero State is an empty vault.
type State struct {
	Now         Second
	Session     Second // how long an opening stays one read
	Answer      Second // how long the reader has to answer to the end of a grant
	LastDay     Second // the first second of the day of her last act
	Paused      bool   // everything of hers
	Suspended   bool   // the reader's accreditation
	Testimonies [Testimonies]Testimony
	Grants      [Grants]Grant
	Events      uint8 // openings in her feed
}

// Testimony is one of hers.
type Testimony struct {
	Paused bool
	Erased bool
}

// Grant lets the reader read parts of a testimony. Its zero value was not given.
type Grant struct {
	Given     bool
	Revoked   bool
	Held      bool // a restore lost what she had narrowed
	Testimony uint8
	Terms
	Policy Policy
	Parts  [Parts]Granted
	Owes   Second // when the reader's answer to its end is late; 0: none is owed
}

// Terms are what she can change about a grant.
type Terms struct {
	From  Second
	Until Second
	Max   uint8 // reads of each part; 0: as often as needed
}

// Policy is what has to have happened beside the term. Its zero value asks nothing.
type Policy struct {
	Threshold uint8
	Released  uint8 // trustees that have, one bit each
	Silence   Second
	Wait      Second
}

// Granted is one part under a grant.
type Granted struct {
	Header bool   // it is there: the part was granted and not taken back
	Reads  uint8  // sessions begun
	Until  Second // the end of the newest session
}

// Facts are what the decision about a part rests on. For a part that is not there
// the grant counts as revoked: nothing is left to serve.
func (s State) Facts(grant, part uint8) release.Facts {
	g := s.Grants[grant]
	p := g.Parts[part]
	t := s.Testimonies[g.Testimony]
	return release.Facts{
		Revoked: !g.Given || g.Revoked || !p.Header || t.Erased, Accredited: !s.Suspended, Held: g.Held, Paused: s.Paused || t.Paused,
		From: int64(g.From), Until: int64(g.Until), Reads: int64(p.Reads), MaxReads: int64(g.Max), InSession: s.Now < p.Until, Policy: s.policy(g),
	}
}

func (s State) policy(g Grant) *release.Policy {
	if g.Policy == (Policy{}) {
		return nil
	}
	return &release.Policy{Threshold: int64(g.Policy.Threshold), Released: count(g.Policy.Released), Silence: int64(g.Policy.Silence),
		Wait: int64(g.Policy.Wait), LastDay: int64(s.LastDay)}
}

func count(bits uint8) (n int64) {
	for ; bits != 0; bits &= bits - 1 {
		n++
	}
	return n
}

// Decide says how a grant stands for one of its parts.
func (s State) Decide(grant, part uint8) release.State {
	return release.Decide(s.Facts(grant, part), int64(s.Now))
}
