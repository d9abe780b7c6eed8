package statement

import (
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// Walk verifies a chain as VerifyChain does, entry by entry, and keeps none of it: for
// whoever holds many chains against other things. It remembers the hashes of
// statements about each testimony, which an erase statement has to account for.
type Walk struct{ v verifier }

// NewWalk begins before the first entry of an account's chain.
func NewWalk(account id.Thumbprint, vault string) *Walk {
	return &Walk{verifier{chain: NewChain(account, vault), lean: true, about: map[id.ID][][32]byte{}, holes: map[id.ID]int64{}}}
}

// Take verifies the next entry and gives its statement, nil where it is erased.
func (w *Walk) Take(e Entry) (*Statement, error) {
	s, err := w.v.take(e)
	if err != nil {
		return nil, fmt.Errorf("statement %d: %w", w.v.chain.Head.Seq+1, err)
	}
	return s, nil
}

// Head is where the walk has come to.
func (w *Walk) Head() Head { return w.v.chain.Head }

// End makes sure that every erased statement has been accounted for; erased are
// erase statements that lost their place, as for VerifyChain, and key the one that is
// good now.
func (w *Walk) End(key id.Thumbprint, erased ...string) error { return w.v.end(key, erased) }
