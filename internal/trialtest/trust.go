package trialtest

import (
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/trust"
)

// body is a grant of parts, under a policy of its own if it asks for one. She signs
// that first.
func (t *Trial) body(a machine.Action, parts map[int64]testimonytest.Sealed) (statement.Grant, [][]byte) {
	tid := t.testimonies[a.Testimony]
	if a.Policy == (machine.Policy{}) {
		return t.GrantBody(tid, parts)
	}
	terms := testimonytest.Terms{Threshold: int(a.Policy.Threshold), Silence: int64(a.Policy.Silence), Wait: int64(a.Policy.Wait)}
	t.policies[a.Grant] = t.Set(tid, terms, t.trustees...)
	return t.UnderBody(t.policies[a.Grant], parts)
}

// release has a trustee vote; where there is no such policy, for one that is
// nobody's.
func (t *Trial) release(_ *Node, a machine.Action, _ Fault) error {
	p := t.policies[a.Grant]
	if p == nil || p.Body.Threshold == 0 {
		return trust.ErrNotFound
	}
	return t.Vote(p, int(a.Trustee))
}

func (t *Trial) checkIn(_ *Node, _ machine.Action, f Fault) error {
	s := t.Her.Sign(statement.CheckIn{})
	return t.twice(f, func() error { return second(t.Trust.CheckIn(t.ctx(), t.Her.Caller, s.Compact(), t.end(f))) })
}
