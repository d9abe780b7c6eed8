package trialtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/release/machine"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/trust"
)

// Fault is what goes wrong on the way of an action.
type Fault int

// The faults.
const (
	None       Fault = iota
	NotDone          // the transaction fails at its very end
	Unanswered       // it is done, and the answer is lost: whoever asked asks again
	NoObject         // the object store fails when the payload is opened
	NodeDies         // the node dies between the commit and the first byte

	LineBreaks     // the line to the database breaks before it hears the commit
	LineBreaksLate // and after: it is done, and the node does not know
)

// Faults lists those that can happen here.
func (s *Site) Faults() []Fault {
	if s.Line != nil {
		return []Fault{LineBreaks, LineBreaksLate}
	}
	return []Fault{NotDone, Unanswered, NoObject, NodeDies}
}

// errFault is the fault on command.
var errFault = errors.New("a fault on command")

// deed does an action to the real service, by a node where it is a reader's.
type deed func(t *Trial, n *Node, a machine.Action, f Fault) error

// deeds are the actions that can be tried.
func deeds() map[machine.Kind]deed {
	return map[machine.Kind]deed{
		machine.Give: (*Trial).give, machine.Renew: (*Trial).renew, machine.Narrow: (*Trial).narrow, machine.Revoke: (*Trial).revoke,
		machine.Relock: (*Trial).relock, machine.Erase: (*Trial).erase, machine.Pause: (*Trial).pause, machine.Lift: (*Trial).lift,
		machine.CheckIn: (*Trial).checkIn, machine.Release: (*Trial).release, machine.Withdraw: (*Trial).withdraw, machine.Reply: (*Trial).reply,
		machine.Suspend: (*Trial).suspend, machine.Tick: (*Trial).pass, machine.Open: (*Trial).open,
	}
}

// Kinds lists the kinds of actions that can be tried.
func Kinds() []machine.Kind {
	var out []machine.Kind
	for _, k := range machine.Kinds() {
		if deeds()[k] != nil {
			out = append(out, k)
		}
	}
	return out
}

// Answer is what came of an action: done, refused, or an error that leaves open
// which of the two.
type Answer struct {
	Done    bool
	Unknown bool
	Err     error
}

// Do does an action on a reader's node, or on hers. An error that is no refusal and
// no fault that was asked for fails the test.
func (t *Trial) Do(a machine.Action, node int, f Fault) (Answer, error) {
	err := deeds()[a.Kind](t, t.Readers[node], a, f)
	switch {
	case err == nil:
		return Answer{Done: true}, nil
	case errors.Is(err, errFault), errors.Is(err, blobtest.ErrFault), errors.Is(err, store.ErrUnavailable), errors.Is(err, grant.ErrGone):
		return Answer{Unknown: true, Err: err}, nil
	case refused(err):
		return Answer{Err: err}, nil
	}
	return Answer{}, fmt.Errorf("%s: %w", a, err)
}

func refused(err error) bool {
	var order *ledger.OutOfOrder
	for _, e := range []error{grant.ErrNotFound, grant.ErrEnded, grant.ErrOver, grant.ErrUnaccredited, grant.ErrChanged, testimony.ErrNotFound,
		testimony.ErrChanged, statement.ErrRefused, accreditation.ErrSpoken, trust.ErrNotFound, trust.ErrNotNow, grant.ErrSilent, closure.ErrReplied} {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.As(err, &order)
}

// end is what the transaction of an act ends with.
func (t *Trial) end(f Fault) ledger.Commit {
	return func(context.Context, store.Tx, ...ledger.Accepted) error { return t.last(f) }
}

// last is the last thing in a transaction before its commit.
func (t *Trial) last(f Fault) error {
	t.Line.next(f)
	if f == NotDone {
		return errFault
	}
	return nil
}

// twice does an act, and does it once more when the answer to the first is lost.
// The same statement is refused or answered as the first time; that it did not
// count twice is seen when rows and feeds are compared afterwards.
func (t *Trial) twice(f Fault, do func() error) error {
	err := do()
	t.Line.next(None)
	if f != Unanswered || err != nil {
		return err
	}
	var order *ledger.OutOfOrder
	if again := do(); again != nil && !errors.As(again, &order) && !refused(again) {
		return fmt.Errorf("the same statement again: %w", again)
	}
	return nil
}

func second[T any](_ T, err error) error { return err }

// terms are hers about a grant, as she signs them.
func (t *Trial) terms(m machine.Terms) statement.Terms {
	body, _ := t.GrantBody(t.testimonies[0], nil)
	out := body.Terms
	out.From, out.Until, out.MaxReads = t.real(m.From), t.real(m.Until), int64(m.Max)
	return out
}

func (t *Trial) give(_ *Node, a machine.Action, f Fault) error {
	parts := map[int64]testimonytest.Sealed{}
	for n := range machine.Parts {
		if a.Parts&(1<<n) != 0 {
			parts[int64(n+1)] = t.sealed[a.Testimony][n]
		}
	}
	tid := t.testimonies[a.Testimony]
	body, headers := t.body(a, parts)
	body.Terms = t.terms(a.Terms)
	s := t.Her.Sign(body)
	t.grants[a.Grant] = s.ID
	return t.twice(f, func() error {
		_, _, err := t.Grants.Grant(t.ctx(), t.Her.Caller, tid, s.Compact(), headers, t.end(f))
		return err
	})
}

// about finds the real grant and its testimony; one that was never given has a name
// that nothing has.
func (t *Trial) about(a machine.Action) machine.Action {
	if t.grants[a.Grant] == "" {
		t.grants[a.Grant] = t.ID()
	}
	return a
}

func (t *Trial) renew(_ *Node, a machine.Action, f Fault) error {
	tid := t.of(a)
	s := t.Her.Sign(statement.Renew{Testimony: tid, Grant: t.grants[a.Grant], Accreditation: t.Accreditation, Terms: t.terms(a.Terms)})
	err := t.twice(f, func() error { return second(t.Grants.Renew(t.ctx(), t.Her.Caller, tid, s.Compact(), t.end(f))) })
	return errors.Join(err, t.Grants.Settle(t.ctx(), tid))
}

func (t *Trial) narrow(_ *Node, a machine.Action, f Fault) error {
	tid := t.of(a)
	s := t.Her.Sign(statement.Narrow{Testimony: tid, Grant: t.grants[a.Grant], Terms: t.terms(a.Terms)})
	err := t.twice(f, func() error { return second(t.Grants.Narrow(t.ctx(), t.Her.Caller, tid, s.Compact(), t.end(f))) })
	return errors.Join(err, t.Grants.Settle(t.ctx(), tid))
}

func (t *Trial) revoke(_ *Node, a machine.Action, f Fault) error {
	tid := t.of(a)
	s := t.Her.Sign(statement.Revoke{Testimony: tid, Grant: t.grants[a.Grant]})
	return t.twice(f, func() error {
		return second(t.Grants.Revoke(t.ctx(), t.Her.Caller, tid, s.Compact(), func(context.Context, store.Tx, grant.Ending) error {
			return t.last(f)
		}))
	})
}

func (t *Trial) erase(_ *Node, a machine.Action, f Fault) error {
	tid := t.testimonies[a.Testimony]
	covered := statement.ErasedHash(t.Chain(t.Her).About(tid))
	s := t.Her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: statement.B64(covered[:])})
	return t.twice(f, func() error { return second(t.Vault.Erase(t.ctx(), t.Her.Caller, tid, s.Compact(), t.end(f))) })
}

func (t *Trial) pause(_ *Node, a machine.Action, f Fault) error {
	s := t.Her.Sign(statement.Pause{Testimony: t.scope(a)})
	return t.twice(f, func() error { return second(t.Pauses.Pause(t.ctx(), t.Her.Caller, s.Compact(), t.end(f))) })
}

func (t *Trial) lift(_ *Node, a machine.Action, f Fault) error {
	s := t.Her.Sign(statement.Lift{Testimony: t.scope(a)})
	return t.twice(f, func() error { return second(t.Pauses.Lift(t.ctx(), t.Her.Caller, s.Compact(), t.end(f))) })
}

func (t *Trial) suspend(_ *Node, _ machine.Action, f Fault) error {
	s := t.steward.Sign(statement.Suspend{Account: t.Reader.ID, Accreditation: t.Accreditation})
	return t.twice(f, func() error {
		return second(t.Accreditations.Suspend(t.ctx(), t.steward.Caller, s.Compact(), func(context.Context, store.Tx, accreditation.Outcome) error {
			return t.last(f)
		}))
	})
}

func (t *Trial) pass(_ *Node, a machine.Action, _ Fault) error {
	t.Clock.Forward(time.Duration(a.By) * time.Second)
	return nil
}

// open opens a part and receives it, unless its node dies on the way.
func (t *Trial) open(n *Node, a machine.Action, f Fault) error {
	pick := testimonytest.Whole
	switch f {
	case NotDone, LineBreaks, LineBreaksLate:
		pick = func(size int64, _ string, _ bool) (int64, int64, error) { return 0, size, t.last(f) }
	case NoObject:
		n.Blobs.Next(blobtest.OpOpen, blobtest.FailedNotDone)
		defer n.Blobs.Next(blobtest.OpOpen, blobtest.None)
	}
	o, err := n.Grants.Open(t.ctx(), t.Reader.Caller, t.grants[t.about(a).Grant], int64(a.Part+1), pick)
	t.Line.next(None)
	if err != nil || f == NodeDies {
		return err
	}
	line, _ := testimonytest.Line()
	if err := o.Send(t.ctx(), t.sink(), line); err != nil && !errors.Is(err, grant.ErrCut) {
		return err
	}
	return nil
}

// Hers lists the kinds of her acts that can be tried.
func Hers() []machine.Kind {
	return slices.DeleteFunc(Kinds(), func(k machine.Kind) bool {
		return k == machine.Tick || k == machine.Open || k == machine.Suspend || k == machine.Release || k == machine.Reply
	})
}
