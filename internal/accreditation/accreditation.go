// Package accreditation keeps researchers' applications and the stewards' word
// on them.
//
// An accreditation is the body of an "accredit" statement: one key, one
// application word for word, one term (docs/protocol.md section 2). It counts
// when as many stewards of the current roster as its threshold have signed
// exactly that body, nobody has suspended it, the application is the
// researcher's newest, and the time is in the term. docs/adr/0011 says why the
// current roster and no earlier one.
//
// Promises: nobody vouches for herself, and nobody twice; what counts here can be
// checked by a client from statements alone; suspending works at once and is
// never undone. Assumes: statements come from statement.Parse. Does not: decide
// who is trustworthy, or open anything. A grant needs a live accreditation, and
// an accreditation without a grant reads nothing.
package accreditation

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
)

// MaxAccreditations bounds those of one researcher, ended and suspended ones
// included: yearly renewal fits many times over.
const MaxAccreditations = 200

// Why a statement meets what is there already; all are account.ErrConflict.
var (
	ErrSuspended = fmt.Errorf("%w: this accreditation was suspended, which is final: accredit anew with another term", account.ErrConflict)
	ErrSpoken    = fmt.Errorf("%w: this steward has said so already", account.ErrConflict)
	ErrReapplied = fmt.Errorf("%w: the application is not the researcher's newest: read it again", account.ErrConflict)
)

// ID names an accreditation: the SHA-256 of the accredit body.
type ID = [sha256.Size]byte

// Accreditations is the stewards' desk.
type Accreditations struct {
	DB      *store.DB
	Ledger  *ledger.Ledger
	Book    *stewardship.Book
	Journal *journal.Journal
	Now     func() time.Time
}

// Outcome says how an accreditation stands after a steward spoke.
type Outcome struct {
	ledger.Accepted
	Accreditation ID
	Approvals     int // stewards of the current roster who vouch for it
	Threshold     int
	Effective     bool // enough of them, and neither suspended nor overtaken
}

// standing is all that decides whether an accreditation counts.
type standing struct {
	account     id.Thumbprint
	from, until int64 // Unix seconds
	suspended   bool
	overtaken   bool // by a newer application
	vouched     []id.Thumbprint
}

// effective leaves out the term, which comes and goes by itself.
func (s standing) effective(r *roster.Roster) bool {
	return !s.suspended && !s.overtaken && r.Approved(s.vouched)
}

// live is the rule that reading and granting rest on.
func (s standing) live(r *roster.Roster, now int64) bool {
	return s.effective(r) && now >= s.from && now < s.until
}

func (s standing) outcome(accepted ledger.Accepted, name ID, r *roster.Roster) Outcome {
	out := Outcome{Accepted: accepted, Accreditation: name, Threshold: r.Threshold(), Effective: s.effective(r)}
	for _, v := range s.vouched {
		if _, ok := r.Steward(v); ok {
			out.Approvals++
		}
	}
	return out
}

// matches compares what a steward vouches for with what is on file.
func matches(body *statement.Accredit, key account.Account, apply *statement.Statement) error {
	said := apply.Body.(*statement.Apply)
	hash := apply.Hash()
	switch {
	case body.ApplySHA256 != statement.B64(hash[:]):
		return ErrReapplied
	case body.KeySHA256 != statement.B64(key.KeySHA256[:]):
		return fmt.Errorf("%w: it names another key statement than the researcher's", statement.ErrRefused)
	case body.Person() != said.Person():
		return fmt.Errorf("%w: it does not repeat the application word for word", statement.ErrRefused)
	}
	return nil
}
