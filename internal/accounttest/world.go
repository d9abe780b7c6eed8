// Package accounttest is a founded vault with people in it, for tests of what
// accounts and stewards do.
//
// It promises a vault on the database it is given, with stewards enrolled, a
// clock that a test moves by hand and people who sign with keys of their own. It
// does not hide anything: its fields are the very parts that the product wires.
package accounttest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
)

// World is a vault and its stewards.
type World struct {
	T              testing.TB
	DB             *store.DB
	Clock          *Clock
	Vault          string
	Ledger         *ledger.Ledger
	Book           *stewardship.Book
	Accounts       *account.Accounts
	Accreditations *accreditation.Accreditations
	Work           *proofofwork.Issuer
	Stewards       []*Person
}

// Clock is a time that stands still until a test moves it.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Forward moves the clock.
func (c *Clock) Forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// New founds a vault in db with so many stewards, all enrolled, and a threshold.
func New(t testing.TB, db *store.DB, stewards, threshold int) *World {
	t.Helper()
	w := Unfounded(t, db)
	for range stewards {
		w.Stewards = append(w.Stewards, w.Stranger())
	}
	document, err := roster.Found(rand.Reader, w.Clock.Now(), false, w.Terms(threshold, w.Stewards...))
	w.must(err)
	w.must(w.Book.Found(t.Context(), document))
	vault, err := w.Book.Vault(t.Context())
	w.must(err)
	w.Vault = vault.String()
	w.Ledger.Vault = w.Vault
	for _, s := range w.Stewards {
		s.signer.Vault = w.Vault
		s.Enrol(statement.Steward, account.Request{})
	}
	return w
}

// Unfounded is a vault that nobody has founded yet.
func Unfounded(t testing.TB, db *store.DB) *World {
	t.Helper()
	w := &World{T: t, DB: db, Clock: &Clock{at: time.Date(2026, 11, 23, 14, 15, 16, 0, time.UTC)}}
	_, receipts, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	w.Work, err = proofofwork.NewIssuer(secret.Of(bytes.Repeat([]byte("w"), 32)), w.Clock.Now, 4, time.Hour)
	w.must(err)
	w.Ledger = &ledger.Ledger{ReceiptKey: func() ed25519.PrivateKey { return receipts }, Keys: shred.Keys{Rand: rand.Reader}, Now: w.Clock.Now}
	w.Book = &stewardship.Book{DB: db, Ledger: w.Ledger}
	w.Accounts = &account.Accounts{
		DB: db, Ledger: w.Ledger, Roster: w.Book.Current, Work: w.Work, Mode: account.Open, PerDay: 1000, Rand: rand.Reader, Now: w.Clock.Now,
	}
	// Every account of role partner is an officer of one organisation.
	w.Accounts.InvitesFor = func(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error) {
		found, err := account.Load(ctx, tx, who)
		if err != nil || found.Role != statement.Partner {
			return "", nil
		}
		return "aaaaaaaaaaaaaaaaaaaaaaaaaa", nil
	}
	w.Accounts.Brings = func(context.Context, store.Tx, id.ID) (bool, error) { return true, nil }
	w.Accreditations = &accreditation.Accreditations{DB: db, Ledger: w.Ledger, Book: w.Book, Now: w.Clock.Now}
	return w
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// View runs f in a read-only transaction.
func (w *World) View(f func(ctx context.Context, tx store.Tx) error) {
	w.T.Helper()
	w.must(w.DB.View(w.T.Context(), f))
}

// Terms writes down a roster of people.
func (w *World) Terms(threshold int, people ...*Person) roster.Terms {
	w.T.Helper()
	terms := roster.Terms{Threshold: threshold}
	for i, p := range people {
		s, err := roster.NewSteward(fmt.Sprintf("steward %d", i+1), p.public())
		w.must(err)
		terms.Stewards = append(terms.Stewards, s)
	}
	return terms
}

// Roster is the one in force.
func (w *World) Roster() *roster.Roster {
	w.T.Helper()
	var r *roster.Roster
	w.View(func(ctx context.Context, tx store.Tx) (err error) {
		r, err = w.Book.Current(ctx, tx)
		return err
	})
	return r
}

// Change writes the next roster document.
func (w *World) Change(threshold int, people ...*Person) []byte {
	w.T.Helper()
	document, err := w.Roster().Change(rand.Reader, w.Clock.Now(), w.Terms(threshold, people...))
	w.must(err)
	return document
}

// Approve puts a roster document in force by as many stewards as it takes.
func (w *World) Approve(document []byte, stewards ...*Person) {
	w.T.Helper()
	var last stewardship.Approval
	for _, s := range stewards {
		sum := sha256.Sum256(document)
		body := statement.RosterChange{DocumentSHA256: statement.B64(sum[:]), RosterSeq: int64(w.Roster().Seq() + 1)}
		var err error
		last, err = w.Book.Approve(w.T.Context(), s.Caller, document, s.Sign(body).Compact(), nil)
		w.must(err)
	}
	if !last.Effective {
		w.T.Fatalf("%d of %d approved: the roster is not in force", last.Approvals, last.Threshold)
	}
}
