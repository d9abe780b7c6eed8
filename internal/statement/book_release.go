package statement

import (
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// ErrWider reports a narrow statement whose terms allow something that those in
// force do not.
var ErrWider = errors.New("the terms are wider than those in force; renew the grant instead")

// takeAll folds in what concerns all her testimonies.
func (b *Book) takeAll(s *Statement) {
	switch body := s.Body.(type) {
	case *Pause:
		b.Paused = true
	case *Lift:
		b.Paused = false
	case *PauseCode:
		b.PauseCode = body.CodeSHA256
	case *Recovery:
		b.Recovery, b.RecoveryID = body, s.ID
		if body.Threshold == 0 {
			b.Recovery, b.RecoveryID = nil, ""
		}
	case *Rekey:
		b.Recovery, b.RecoveryID = nil, "" // it would bring void words back
	case *Withdraw:
		for _, a := range b.Testimonies {
			a.withdraw(body)
		}
	}
}

// takeRelease folds in what she decided about one testimony's release.
func (a *State) takeRelease(s *Statement) error {
	switch body := s.Body.(type) {
	case *Renew:
		return a.retermed(body.Grant, body.Terms, body.Accreditation)
	case *Narrow:
		if st := a.Grants[body.Grant]; st != nil && !body.Terms.Within(st.Terms) {
			return ErrWider
		}
		return a.retermed(body.Grant, body.Terms, "")
	case *Answer:
		st, err := a.standing(body.Grant)
		if err == nil {
			st.Answered = body
		}
		return err
	case *Pause:
		a.Paused = true
	case *Lift:
		a.Paused = false
	case *Withdraw:
		a.withdraw(body)
	case *Policy:
		a.Policies[s.ID] = body
	case *Rewrap:
		return a.rewrap(body)
	case *Mode:
		a.Evidence = body.Mode == Evidence
	}
	return nil
}

// standing is a grant of hers that she has not ended.
func (a *State) standing(grant id.ID) (*GrantState, error) {
	if st := a.Grants[grant]; st != nil && !st.Revoked {
		return st, nil
	}
	return nil, fmt.Errorf("grant %s: %w", grant, ErrNotHers)
}

func (a *State) retermed(grant id.ID, t Terms, accreditation string) error {
	st, err := a.standing(grant)
	if err != nil {
		return err
	}
	st.Terms = t
	if accreditation != "" {
		st.Accreditation, st.Answered = accreditation, nil
	}
	return nil
}

func (a *State) withdraw(w *Withdraw) {
	for _, st := range a.Grants {
		if w.Grantee != "" && w.Grantee != st.Grant.Grantee {
			continue
		}
		if w.N == 0 {
			st.Revoked = true
			continue
		}
		delete(st.Parts, w.N)
		st.Revoked = st.Revoked || len(st.Parts) == 0
	}
}

// rewrap takes the new headers of all her parts. Of one that she handed over to be
// sealed and has not adopted the chain knows no header yet: adopting will name it.
func (a *State) rewrap(r *Rewrap) error {
	if len(r.Parts) != len(a.Parts)+len(a.Received) {
		return fmt.Errorf("rewrapped parts: %w", ErrNotHers)
	}
	for _, p := range r.Parts {
		own, ok := a.Parts[p.N]
		if !ok && !a.Received[p.N] {
			return fmt.Errorf("part %d: %w", p.N, ErrNotHers)
		}
		if ok {
			own.HeaderSHA256 = p.HeaderSHA256
			a.Parts[p.N] = own
		}
	}
	clear(a.Begun) // uploads under way end with the key they were sealed to
	a.CardSHA256 = r.CardSHA256
	return nil
}
