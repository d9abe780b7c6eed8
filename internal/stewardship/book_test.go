package stewardship_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// A vault is founded once: its id is in every key, so it cannot be founded anew.
func TestAVaultIsFoundedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.Unfounded(t, db)
		if _, err := w.Book.Vault(t.Context()); !errors.Is(err, stewardship.ErrNotFounded) {
			t.Errorf("the id before founding: %v, want ErrNotFounded", err)
		}
		if _, err := w.Book.Links(t.Context()); !errors.Is(err, stewardship.ErrNotFounded) {
			t.Errorf("the chain before founding: %v, want ErrNotFounded", err)
		}
		found := func() []byte {
			document, err := roster.Found(rand.Reader, w.Clock.Now(), false, w.Terms(1, w.Stranger()))
			if err != nil {
				t.Fatal(err)
			}
			return document
		}
		first := found()
		for name, c := range map[string]struct {
			document []byte
			want     error
		}{
			"no document":  {[]byte("{}"), roster.ErrDocument},
			"no founding":  {after(t, w, first), roster.ErrLink},
			"cut document": {first[1:], roster.ErrDocument},
		} {
			if err := w.Book.Found(t.Context(), c.document); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		for range 2 {
			if err := w.Book.Found(t.Context(), first); err != nil {
				t.Fatalf("the founding, also again: %v", err)
			}
		}
		if err := w.Book.Found(t.Context(), found()); !errors.Is(err, stewardship.ErrFounded) {
			t.Errorf("another founding: %v, want ErrFounded", err)
		}
		if vault, err := w.Book.Vault(t.Context()); err != nil || vault != roster.ID(first) {
			t.Errorf("the id is %s, %v", vault, err)
		}
	})
}

// after is a document that follows founding.
func after(t *testing.T, w *accounttest.World, founding []byte) []byte {
	t.Helper()
	r, err := roster.Verify(roster.ID(founding), []roster.Link{{Document: founding}})
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.Change(rand.Reader, w.Clock.Now(), w.Terms(1, w.Stranger()))
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// verify does with the vault's answer what a client does.
func verify(t *testing.T, w *accounttest.World) *roster.Roster {
	t.Helper()
	links, err := w.Book.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var chain []roster.Link
	for _, l := range links {
		sum := sha256.Sum256(l.Document)
		var approvers []id.Thumbprint
		for _, compact := range l.Approvals {
			s, err := statement.Parse(compact)
			if err != nil {
				t.Fatal(err)
			}
			if body := s.Body.(*statement.RosterChange); body.DocumentSHA256 != statement.B64(sum[:]) {
				t.Errorf("document %d comes with the approval of another", body.RosterSeq)
			}
			approvers = append(approvers, s.Issuer)
		}
		chain = append(chain, roster.Link{Document: l.Document, Approvers: approvers})
	}
	vault, err := roster.ParseVaultID(w.Vault)
	if err != nil {
		t.Fatal(err)
	}
	r, err := roster.Verify(vault, chain)
	if err != nil {
		t.Fatalf("a client refuses the chain: %v", err)
	}
	return r
}

// Whoever can write into the database has no steward's key: a roster that nobody
// signed is not believed, by this process or by one that starts later, and no
// more so with approvals that stewards gave to another document.
func TestARosterPutIntoTheDatabaseIsNotBelieved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 2)
		thief := w.Stranger()
		document, honest := w.Change(1, thief), w.Change(2, w.Stewards...)
		sum, approvals := sha256.Sum256(document), []string{}
		for _, s := range w.Stewards {
			approvals = append(approvals, s.Sign(change(honest, 1)).Compact())
		}
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i, s := range w.Stewards {
				_, err := tx.ExecContext(ctx, "INSERT INTO roster_approvals (sha256, steward, document, statement) VALUES ($1, $2, $3, $4)",
					sum[:], string(s.ID), document, approvals[i])
				if err != nil {
					return err
				}
			}
			_, err := tx.ExecContext(ctx, "INSERT INTO rosters (seq, sha256, document) VALUES ($1, $2, $3)", int64(1), sum[:], document)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, book := range map[string]*stewardship.Book{"running": w.Book, "restarted": {DB: db, Ledger: w.Ledger}} {
			err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
				_, err := book.Current(ctx, tx)
				return err
			})
			if !errors.Is(err, roster.ErrApprovals) {
				t.Errorf("%s: %v, want ErrApprovals", name, err)
			}
		}
	})
}
