package trialtest

import (
	"context"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

func (t *Trial) withdraw(_ *Node, a machine.Action, f Fault) error {
	body := statement.Withdraw{Testimony: t.scope(a)}
	if a.Scope == machine.OfPart {
		body.N = int64(a.Part + 1)
	}
	s := t.Her.Sign(body)
	return t.twice(f, func() error {
		return second(t.Grants.Withdraw(t.ctx(), t.Her.Caller, s.Compact(), func(context.Context, store.Tx, grant.Withdrawn) error {
			return t.last(f)
		}))
	})
}

func (t *Trial) reply(_ *Node, a machine.Action, f Fault) error {
	g := t.grants[t.about(a).Grant]
	s := t.Reader.Sign(statement.Reply{Grant: g, Reply: statement.Destroyed})
	return t.twice(f, func() error { return second(t.Grants.Reply(t.ctx(), t.Reader.Caller, g, s.Compact(), t.end(f))) })
}
