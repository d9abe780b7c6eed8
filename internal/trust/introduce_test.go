package trust_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/trust"
)

// An account is not there for others before its holder says so, and not after.
func TestAnAccountIsFoundOnlyWhileItsHolderAllowsIt(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		who, nobody := s.trustees[0], s.Stranger()
		hidden := func(what string, caller account.Caller) {
			t.Helper()
			_, _, err := s.Trust.Key(t.Context(), caller, who.ID)
			s.refused(what, err, trust.ErrNotFound)
		}
		hidden("before", s.Her.Caller)
		for range 2 {
			s.must(s.Trust.Introduce(t.Context(), who.Caller, true))
		}
		key, rekeys, err := s.Trust.Key(t.Context(), s.Her.Caller, who.ID)
		if err != nil || key != who.Statement(1).Compact() || len(rekeys) != 0 {
			t.Errorf("%v", err)
		}
		hidden("to a key without an account", nobody.Caller)
		s.must(s.Trust.Introduce(t.Context(), who.Caller, false))
		hidden("after", s.Her.Caller)
		s.refused("a stranger", s.Trust.Introduce(t.Context(), nobody.Caller, true), ledger.ErrNotEnrolled)
	})
}
