// Package partner keeps with which organisations the stewards have an agreement,
// who their officers are, and which keys their programs sign with; and it tells
// which program asks.
//
// An agreement is the body of an "agree" statement: a partner, its officers, its
// scopes, one term (docs/protocol.md section 16). It counts like an accreditation,
// when as many stewards of the current roster as its threshold have signed exactly
// that body, nobody has halted it and the time is in the term. Of several, the one
// that begins last counts alone, from its beginning on and for good: an older one
// never comes back, whatever becomes of the newer. A client's key counts when two
// officers of the agreement in force have signed exactly its registration, no
// officer has retired it, and the time is in its term. docs/adr/0025 says why.
//
// Promises: whatever of this ends, ends at the next request of every program, on
// every node, whoever holds which token; halts and retirements are final and
// outlive a restored backup; no single person can make a key count; nothing that
// is stored here signs in. Assumes: the statements come from statement.Parse.
// Does not: say what of the vault a scope opens, or read anything sealed. The
// routes name the scope, their domains what it means.
//
// Source: docs/protocol.md section 16; RFC 6749, RFC 7523, RFC 9449.
package partner

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/session"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
)

// Scope is something that a partner's program may do.
type Scope = statement.Scope

// The scopes, for routes.
const (
	Register = statement.ScopeRegister
	Deliver  = statement.ScopeDeliver
	Collect  = statement.ScopeCollect
	Consult  = statement.ScopeConsult
	Follow   = statement.ScopeFollow
	Hooks    = statement.ScopeHooks
)

// Bounds of what one partner can have, ended and halted things included.
const (
	MaxAgreements = 100
	MaxClients    = 100
	MaxKeys       = 100 // registrations of one client
)

// OfficersNeeded is how many officers sign for a client's key.
const OfficersNeeded = 2

// Why a statement meets what is there already; all are account.ErrConflict.
var (
	ErrHalted  = fmt.Errorf("%w: this agreement was halted, which is final: agree anew with another term", account.ErrConflict)
	ErrSpoken  = fmt.Errorf("%w: this account has said so already", account.ErrConflict)
	ErrRetired = fmt.Errorf("%w: this key was retired, which is final: register another", account.ErrConflict)
	ErrTaken   = fmt.Errorf("%w: this client or officer belongs to another partner", account.ErrConflict)
)

// ErrScope: the program's token does not have the scope of the route.
var ErrScope = errors.New("the token does not have the scope that this takes")

// Hash names an agreement or a registration: the SHA-256 of the body that was signed.
type Hash = [sha256.Size]byte

// Registry is the desk of agreements and clients.
type Registry struct {
	DB       *store.DB
	Ledger   *ledger.Ledger
	Book     *stewardship.Book
	Journal  *journal.Journal
	Sessions *session.Service                                            // for programs; without it there is nobody to tell apart
	Origins  []string                                                    // under which programs come
	Limit    *Limiter                                                    // of the requests of each program; nil: none
	Halted   func(ctx context.Context, tx store.Tx, partner id.ID) error // tells the partner; nil: nobody does
	Now      func() time.Time
}

// Caller is a program that has shown who it is.
type Caller struct {
	Partner id.ID
	Client  id.ID
	Key     id.Thumbprint // of the client, that asked for the token
	Scopes  []Scope       // that the token, the key and the agreement all have; sorted
	Until   int64         // Unix seconds: when the agreement or the key ends
	Rate    Rate          // how much it may still ask; zero without a limit
}

// May says whether the program may do something.
func (c Caller) May(s Scope) bool { return slices.Contains(c.Scopes, s) }

// Partner is an organisation whose agreement is in force.
type Partner struct {
	ID        id.ID
	Agreement Hash
	Officers  []id.Thumbprint // ascending
	Scopes    []Scope         // sorted
	From      int64           // Unix seconds
	Until     int64           // Unix seconds
}

// Outcome says how an agreement or a registration stands after somebody spoke.
type Outcome struct {
	ledger.Accepted
	Name      Hash
	Approvals int // of those who count now
	Threshold int
	Effective bool // enough of them, and neither halted nor retired
}

// agreement is all that decides whether one counts.
type agreement struct {
	Partner
	reached bool // it had voices enough once, and took the place of older ones
	halted  bool
	vouched []id.Thumbprint
}

func (a *agreement) effective(r *roster.Roster) bool { return !a.halted && r.Approved(a.vouched) }

func (a *agreement) live(r *roster.Roster, now int64) bool {
	return a.effective(r) && now >= a.From && now < a.Until
}

func (a *agreement) outcome(accepted ledger.Accepted, r *roster.Roster) Outcome {
	out := Outcome{Accepted: accepted, Name: a.Agreement, Threshold: r.Threshold(), Effective: a.effective(r)}
	for _, v := range a.vouched {
		if _, ok := r.Steward(v); ok {
			out.Approvals++
		}
	}
	return out
}

// newest picks the one agreement that counts, or nil: the one that begins last of
// those that have begun and had voices enough. They come with the last one first.
func newest(all []*agreement, r *roster.Roster, now int64) *agreement {
	for _, a := range all {
		if a.From > now || !a.reached && !r.Approved(a.vouched) {
			continue
		}
		if a.live(r, now) {
			return a
		}
		return nil // what it took the place of stays out of force
	}
	return nil
}

// spell and read are how scopes are stored and travel in tokens.
func spell(list []Scope) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

func read(words string) []Scope {
	var out []Scope
	for _, w := range strings.Fields(words) {
		out = append(out, Scope(w))
	}
	return out
}

// common is what both lists have, in the order of the first.
func common(a, b []Scope) []Scope {
	var out []Scope
	for _, s := range a {
		if slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}
