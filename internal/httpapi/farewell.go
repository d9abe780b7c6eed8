package httpapi

import (
	"errors"

	"github.com/relatingfield/vault/internal/roster"
)

// What a vault refuses because its stewards have said farewell (package roster).
var (
	errWinding = errors.New("the vault is ending: nothing begins here any more")
	errOver    = errors.New("the vault has ended, or has moved")
)

// serving refuses what is not served at the stage of the vault's farewell. It is asked
// before anything is known of the caller: the answer is the same for everybody.
func (s *Server) serving(r Route) error {
	if s.deps.Stage == nil || r.Stays {
		return nil
	}
	switch stage := s.deps.Stage(); {
	case stage == roster.Over:
		return errOver
	case stage == roster.Winding && r.Begins:
		return errWinding
	}
	return nil
}
