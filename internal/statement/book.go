package statement

import (
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// ErrNotHers reports something that her own chain does not contain: a part, card
// or grant that she never signed.
var ErrNotHers = errors.New("her own statements do not contain it")

// Book is what a chain adds up to: her testimonies, their parts and the grants
// on them, by her own word and nobody else's. Clients act on it, never on the
// server's lists.
type Book struct {
	Account     id.Thumbprint // whose
	Testimonies map[id.ID]*State
	Paused      bool      // everything
	PauseCode   string    // hash of the code that is good; empty when none is
	Recovery    *Recovery // nil when there is none
	RecoveryID  id.ID     // of its statement
}

// State is what became of one testimony by her statements.
type State struct {
	CardSHA256 string
	Begun      map[int64]*Begin
	Parts      map[int64]Binding
	Received   map[int64]bool // handed over to be sealed, not adopted yet
	Grants     map[id.ID]*GrantState
	Policies   map[id.ID]*Policy
	Paused     bool
	Evidence   bool
	Erased     bool
}

// GrantState is a grant and what became of it. Terms, accreditation and bindings
// are those in force: renewing, narrowing and re-locking replace them, and a part
// that was withdrawn is no longer there.
type GrantState struct {
	Grant         *Grant
	IssuedAt      int64
	Terms         Terms
	Accreditation string
	Revoked       bool // or withdrawn
	Answered      *Answer
	Parts         map[int64]GrantedPart
}

// Book folds the chain. It refuses a chain in which a statement contradicts an
// earlier one, since no client of hers would have signed it.
func (c *Chain) Book() (*Book, error) {
	b := &Book{Account: c.Account, Testimonies: map[id.ID]*State{}}
	for _, s := range c.Statements {
		if err := b.Take(s); err != nil {
			return nil, fmt.Errorf("statement %d, %s: %w", s.Seq, s.Act(), err)
		}
	}
	return b, nil
}

// Take folds one more statement in.
func (b *Book) Take(s *Statement) error {
	t, ok := SubjectOf(s.Body)
	if !ok {
		b.takeAll(s)
		return nil
	}
	a := b.state(t)
	switch body := s.Body.(type) {
	case *Card:
		a.CardSHA256 = body.CardSHA256
	case *Begin:
		a.Begun[body.N] = body
	case *Received:
		a.Received[body.N] = true
	case *Add:
		return a.put(body.N, body.Binding())
	case *Adopt:
		return a.put(body.N, body.Binding())
	case *Grant:
		return a.grant(s, body)
	case *Revoke:
		return a.revoke(body.Grant)
	case *Relock:
		return a.relock(body)
	case *Erase:
		b.Testimonies[t] = newState()
		b.Testimonies[t].Erased = true
	default:
		return a.takeRelease(s)
	}
	return nil
}

func newState() *State {
	return &State{Begun: map[int64]*Begin{}, Parts: map[int64]Binding{}, Received: map[int64]bool{}, Grants: map[id.ID]*GrantState{}, Policies: map[id.ID]*Policy{}}
}

func (b *Book) state(t id.ID) *State {
	if b.Testimonies[t] == nil {
		b.Testimonies[t] = newState()
	}
	return b.Testimonies[t]
}

// Part gives the binding she signed, or ErrNotHers.
func (b *Book) Part(t id.ID, n int64) (Binding, error) {
	if a := b.Testimonies[t]; a != nil {
		if p, ok := a.Parts[n]; ok {
			return p, nil
		}
	}
	return Binding{}, fmt.Errorf("part %d of testimony %s: %w", n, t, ErrNotHers)
}

func (a *State) put(n int64, p Binding) error {
	if _, there := a.Parts[n]; there {
		return fmt.Errorf("part %d is there already", n)
	}
	delete(a.Begun, n)
	delete(a.Received, n)
	a.Parts[n] = p
	return nil
}

func (a *State) grant(s *Statement, g *Grant) error {
	if c := g.Conditions.Policy; c != "" && (a.Policies[c] == nil || a.Policies[c].Grantee != g.Grantee) {
		return fmt.Errorf("policy %s: %w", c, ErrNotHers)
	}
	st := &GrantState{Grant: g, IssuedAt: s.IssuedAt, Terms: g.Terms, Accreditation: g.Accreditation, Parts: map[int64]GrantedPart{}}
	for _, p := range g.Parts {
		if own, ok := a.Parts[p.N]; !ok || own.PayloadSHA256 != p.PayloadSHA256 || own.Commit != p.Commit {
			return fmt.Errorf("part %d: %w", p.N, ErrNotHers)
		}
		st.Parts[p.N] = p
	}
	a.Grants[s.ID] = st
	return nil
}

func (a *State) revoke(grant id.ID) error {
	if a.Grants[grant] == nil {
		return fmt.Errorf("grant %s: %w", grant, ErrNotHers)
	}
	a.Grants[grant].Revoked = true
	return nil
}

func (a *State) relock(r *Relock) error {
	old, ok := a.Parts[r.N]
	if !ok || old.PayloadSHA256 != r.OldPayloadSHA256 {
		return fmt.Errorf("part %d: %w", r.N, ErrNotHers)
	}
	for _, g := range r.Grants {
		st := a.Grants[g.Grant]
		if st == nil || st.Revoked {
			return fmt.Errorf("grant %s: %w", g.Grant, ErrNotHers)
		}
		st.Parts[r.N] = GrantedPart{r.N, r.PayloadSHA256, r.Commit, g.HeaderSHA256, st.Parts[r.N].Brought}
	}
	delete(a.Begun, r.N)
	a.Parts[r.N] = r.Binding()
	return nil
}
