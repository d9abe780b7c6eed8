package roster

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// maxChain bounds the documents of one chain: a change a week for twenty years.
const maxChain = 1024

// Why a chain is refused; the messages are for people.
var (
	// ErrOtherVault: the founding document is not the one the id was made from.
	ErrOtherVault = errors.New("this is not the vault your card names")
	// ErrLink: a document does not follow the one before it.
	ErrLink = errors.New("the roster's chain is broken")
	// ErrApprovals: too few stewards have signed a change.
	ErrApprovals = errors.New("too few stewards have approved a change of the roster")
)

// Link is one document of a chain and who signed it.
type Link struct {
	Document []byte
	// Approvers are the accounts whose signed statement over exactly this
	// document has been verified. Not needed for the founding document.
	Approvers []id.Thumbprint
}

// Verify follows the chain from the founding document to the latest and returns
// the roster that holds now. Errors are ErrOtherVault, ErrLink, ErrApprovals or
// ErrDocument.
func Verify(vault VaultID, chain []Link) (*Roster, error) {
	if len(chain) == 0 || len(chain) > maxChain {
		return nil, fmt.Errorf("%w: it has %d documents, 1 to %d are possible", ErrLink, len(chain), maxChain)
	}
	// Hash before parsing: of another vault nothing else is worth saying.
	if ID(chain[0].Document) != vault {
		return nil, ErrOtherVault
	}
	r, err := accept(vault, chain[0].Document)
	if err == nil && r.Seq() != 0 {
		err = fmt.Errorf("%w: it does not begin with a founding document", ErrLink)
	}
	for i := 1; err == nil && i < len(chain); i++ {
		r, err = r.Follow(chain[i])
	}
	if err != nil {
		return nil, fmt.Errorf("verify the roster: %w", err)
	}
	return r, nil
}

// Follow accepts the next document of the chain, if it follows this roster and
// as many of this roster's stewards as its threshold have approved it.
func (r *Roster) Follow(l Link) (*Roster, error) {
	next, err := accept(r.vault, l.Document)
	if err != nil {
		return nil, fmt.Errorf("document %d: %w", r.Seq()+1, err)
	}
	d := next.document
	if err := early(r.document, d); err != nil {
		return nil, err
	}
	switch {
	case d.Seq != r.Seq()+1 || d.Prev != b64(r.head[:]):
		return nil, fmt.Errorf("%w: document %d does not follow document %d", ErrLink, d.Seq, r.Seq())
	case d.Practice != r.Practice():
		return nil, fmt.Errorf("%w: document %d changes between a practice vault and a real one", ErrLink, d.Seq)
	case !r.Approved(l.Approvers):
		return nil, fmt.Errorf("%w: document %d has %d of %d", ErrApprovals, d.Seq, r.approvals(l.Approvers), r.Threshold())
	}
	return next, nil
}

// accept indexes a well-formed document; its callers check where it comes from.
func accept(vault VaultID, b []byte) (*Roster, error) {
	d, err := Parse(b)
	if err != nil {
		return nil, err
	}
	r := &Roster{vault: vault, head: sha256.Sum256(b), document: d, byID: map[id.Thumbprint]Steward{}}
	for _, s := range d.Stewards {
		r.byID[s.Account()] = s
	}
	return r, nil
}
