package client

import (
	"fmt"
	"strings"

	"github.com/relatingfield/vault/api"
)

// What a client refuses to believe of policies and shares.
const (
	// ErrTrustForged: a policy that its maker did not make for this trustee.
	ErrTrustForged = distrust("this was not entrusted to you by the person it names: do nothing on the strength of it")
	// ErrShareSwapped: a share that is not the one its sender signed for.
	ErrShareSwapped = distrust("the vault answered with another share than the one that was signed for: nothing was opened or passed on")
	// ErrTooEarly: a vote that the vault opens before its time.
	ErrTooEarly = distrust("the vault opens the vote before she can have been silent for as long as she set: nothing was passed on; ask her, or people who know how she is")
)

// ErrOldShare: a share that is sealed to a key which this trustee has given up. It
// is an ErrRefused.
const ErrOldShare = refused("it was entrusted to you before you changed your words, and only the old ones open it: ask to be named anew; you can still decline")

// ErrNotReleased: the trustees have not voted, or she has not been silent. It is an
// ErrRefused.
const ErrNotReleased = refused("it is not released: not enough trustees have agreed, or the time has not come")

// FalseShares reports that too few right shares are there to make the key.
type FalseShares struct {
	Accounts []api.Account // of trustees who gave another share than they were given
	Missing  int           // how many right shares more are needed
}

// Is makes it an ErrRefused.
func (f *FalseShares) Is(target error) bool { return target == ErrRefused }

// Error names the trustees: their statements prove what they gave.
func (f *FalseShares) Error() string {
	text := fmt.Sprintf("%d more shares are needed to open it", f.Missing)
	if len(f.Accounts) == 0 {
		return text
	}
	var names []string
	for _, a := range f.Accounts {
		names = append(names, string(a))
	}
	return fmt.Sprintf("%s; not what they had been given was passed on by %s: ask them to do it again", text, strings.Join(names, ", "))
}
