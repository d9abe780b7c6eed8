// Package clienttest is a vault in memory for tests of clients: it speaks
// docs/protocol.md honestly, and lies where a test tells it to.
//
// A test gives it a lie for a route (Lie), which changes an answer after the
// vault has made it; so each attack stands in the test that proves it refused.
// It checks enough (chains, signatures, proofs of possession, idempotency keys)
// that a client which gets along with it is likely to get along with a vault. It
// is none itself: nothing is durable, nothing is bounded, and it believes what
// the server would check of sealed bytes.
package clienttest

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"sync"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
)

// Vault is the double. Fields may be changed by tests between requests.
type Vault struct {
	ID     api.Hash
	Info   api.Vault
	Nonce  string                                            // the DPoP nonce asked for
	Before func(w http.ResponseWriter, r *http.Request) bool // handles a request instead, if it says so
	Asked  map[string]int                                    // requests by route, answered or not

	mu           sync.Mutex
	now          func() time.Time
	lies         map[string]func(any)
	receiptKey   ed25519.PrivateKey
	work         *proofofwork.Issuer
	roster       *roster.Roster
	links        []api.RosterLink
	proposals    map[api.Hash][]string
	accounts     map[api.Account]*account
	challenges   map[string]bool
	tokens       map[string]session
	openings     map[string]time.Time // until when ranges belong to the last one
	answers      map[string][]byte
	codes        map[string]api.Role
	researchers  map[api.Account]*api.Researcher
	testimonies  map[api.ID]*testimony
	grants       map[api.ID]*grant
	wholes       map[api.Account]*whole
	policies     []*policy
	recoveries   []*recovery
	claims       []*claim
	testimonyIDs []api.ID
	grantIDs     []api.ID
}

// account is a chain and the role it began with. key is good for it, and signer's
// turn it is in the chain: they differ only in a vault that Forget has been told to.
type account struct {
	role        api.Role
	chain       []api.Entry
	key, signer api.Account
	rekeys      []string
	introduced  bool
}

func (a *account) head() api.Head {
	if len(a.chain) == 0 {
		return api.Head{}
	}
	last := a.chain[len(a.chain)-1]
	return api.Head{Seq: last.Seq, SHA256: last.SHA256}
}

// New founds a vault with the roster document.
func New(founding []byte, now func() time.Time) (*Vault, error) {
	id := roster.ID(founding)
	r, err := roster.Verify(id, []roster.Link{{Document: founding}})
	if err != nil {
		return nil, err
	}
	_, receipt, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	work, err := proofofwork.NewIssuer(secret.Of(make([]byte, 32)), now, 4, time.Hour)
	if err != nil {
		return nil, err
	}
	v := &Vault{ID: api.Hash(id), Nonce: "nonce-1", Asked: map[string]int{}, now: now, lies: map[string]func(any){}, receiptKey: receipt,
		work: work, roster: r, links: []api.RosterLink{{Document: founding, Approvals: []string{}}}, proposals: map[api.Hash][]string{},
		accounts: map[api.Account]*account{}, challenges: map[string]bool{}, tokens: map[string]session{}, answers: map[string][]byte{}, openings: map[string]time.Time{},
		codes: map[string]api.Role{}, researchers: map[api.Account]*api.Researcher{}, testimonies: map[api.ID]*testimony{}, grants: map[api.ID]*grant{},
		wholes: map[api.Account]*whole{}}
	v.Info = api.Vault{VaultID: v.ID, Practice: r.Practice(), Enrolment: api.ModeOpen, OnArrival: true, ReceiptKeys: []api.Bytes{api.Bytes(receipt.Public().(ed25519.PublicKey))},
		Limits: api.Limits{JSON: 4 << 20, InlinePayload: 100 << 10, Payload: 8 << 30, Header: 8 << 10, Parts: 1000, PartsAtOnce: 16, StatementsPage: 3}}
	return v, nil
}

// Lie changes the answers of a route from now on: pattern is the route as it
// stands in Routes, and the lie gets a pointer to the answer before it is sent
// (of type *api.…, or *[]byte where the answer is binary).
func Lie[Answer any](v *Vault, pattern string, lie func(*Answer)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lies[pattern] = func(answer any) { lie(answer.(*Answer)) }
}

// Honest ends the lies about a route.
func (v *Vault) Honest(pattern string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.lies, pattern)
}

// SignOutAll forgets every session, as a restarted server does.
func (v *Vault) SignOutAll() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.tokens)
}

// Chain gives an account's statements as they are stored.
func (v *Vault) Chain(who api.Account) []api.Entry {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]api.Entry(nil), v.accounts[who].chain...)
}

// accept appends a statement of the caller's to her chain.
func (v *Vault) accept(who api.Account, text string) (*statement.Statement, api.Accepted, error) {
	s, err := statement.Parse(text)
	if err != nil || s.Vault != v.ID.String() {
		return nil, api.Accepted{}, refused{name: api.ProblemStatementRefused}
	}
	a := v.accounts[who]
	if a == nil {
		return nil, api.Accepted{}, refused{name: api.ProblemEnrolFirst}
	}
	if a.key != a.signer {
		return nil, api.Accepted{}, refused{name: api.ProblemRekeyOwed}
	}
	if s.Issuer != a.signer {
		return nil, api.Accepted{}, refused{name: api.ProblemStatementRefused}
	}
	if head := a.head(); !head.Of().Follows(s) {
		return nil, api.Accepted{}, refused{name: api.ProblemChainConflict, head: &head}
	}
	a.chain = append(a.chain, api.Entry{Seq: s.Seq, SHA256: s.Hash(), Statement: text})
	receipt, err := statement.SignReceipt(v.receiptKey, s, statement.DayOf(v.now()))
	return s, api.Accepted{StatementSHA256: s.Hash(), Seq: s.Seq, Receipt: receipt}, err
}

// said is accept for one act.
func said[B statement.Body](v *Vault, who api.Account, text string) (*statement.Statement, B, api.Accepted, error) {
	var none B
	s, err := statement.Parse(text)
	if err != nil {
		return nil, none, api.Accepted{}, refused{name: api.ProblemStatementRefused}
	}
	body, ok := s.Body.(B)
	if !ok {
		return nil, none, api.Accepted{}, refused{name: api.ProblemStatementRefused}
	}
	s, a, err := v.accept(who, text)
	return s, body, a, err
}
