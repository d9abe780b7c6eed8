package ledger_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Of many statements for one place exactly one is accepted, and the chain stays
// whole.
func TestOneOfManyRivalsIsAccepted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		const rivals = 8
		head := w.ChainHead(w.Her)
		var wait sync.WaitGroup
		errs := make([]error, rivals)
		for i := range rivals {
			s := w.Her.SignAt(head, statement.Apply{KeySHA256: testimonytest.Sum(nil), Name: "n", Institution: "i", Purpose: "p"})
			wait.Go(func() {
				errs[i] = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return w.Ledger.Append(ctx, tx, nil, s) })
			})
		}
		wait.Wait()
		accepted := 0
		for _, err := range errs {
			var late *ledger.OutOfOrder
			switch {
			case err == nil:
				accepted++
			case !errors.As(err, &late) || late.Head.Seq != head.Seq+1:
				t.Errorf("a loser was told: %v", err)
			}
		}
		if c := w.Chain(w.Her); accepted != 1 || c.Head.Seq != head.Seq+1 {
			t.Errorf("%d accepted, head at %d", accepted, c.Head.Seq)
		}
	})
}

// Append refuses what is addressed to another vault, skips a place, or would be
// stored unsealed although it concerns a testimony.
func TestAppendRefusesWhatDoesNotBelong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		head := w.ChainHead(w.Her)
		apply := statement.Apply{KeySHA256: testimonytest.Sum(nil), Name: "n", Institution: "i", Purpose: "p"}
		elsewhere := w.Her.For(testimonytest.Sum([]byte("elsewhere"))).SignAt(head, apply)
		skipped := w.Her.SignAt(statement.Head{Seq: head.Seq + 1, Hash: head.Hash}, apply)
		forked := w.Her.SignAt(statement.Head{Seq: head.Seq}, apply)
		bare := w.Her.SignAt(head, statement.Card{Testimony: w.ID(), CardSHA256: testimonytest.Sum(nil)})
		stranger := w.Stranger().SignAt(head, apply)
		for name, s := range map[string]*statement.Statement{"another vault": elsewhere, "skipped": skipped, "forked": forked, "unsealed": bare, "stranger": stranger} {
			err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return w.Ledger.Append(ctx, tx, nil, s) })
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		if w.ChainHead(w.Her) != head {
			t.Error("the head moved")
		}
	})
}

// The table itself refuses to lose or change a statement.
func TestStatementsCannotBeChangedBehindTheLedger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		for _, sql := range []string{
			"DELETE FROM statements", "UPDATE statements SET seq = seq + 100", "UPDATE statements SET day = 0",
			"UPDATE statements SET body = sha256", "UPDATE statements SET testimony = 'x'",
		} {
			err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				_, err := tx.ExecContext(ctx, sql)
				return err
			})
			if err == nil {
				t.Errorf("allowed: %s", sql)
			}
		}
		if c := w.Chain(w.Her); len(c.Statements) != 1 {
			t.Errorf("%d statements", len(c.Statements))
		}
	})
}

// Take answers only for the caller, this vault, today and the act that belongs
// in the request; its receipt verifies offline.
func TestTakeChecksBeforeAnyTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.ID()
		card := statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(nil)}
		s := w.Her.Sign(card)
		taken, body, err := ledger.Take[*statement.Card](w.Ledger, w.Her.ID, s.Compact())
		if err != nil || body.Testimony != tid {
			t.Fatalf("%v, %+v", err, body)
		}
		pub := w.Ledger.ReceiptKey().Public().(ed25519.PublicKey)
		if _, err := statement.CheckReceipt(taken.Accepted().Receipt, pub, s); err != nil {
			t.Error(err)
		}
		w.Clock.Forward(72 * 3600e9)
		if _, _, err := ledger.Take[*statement.Card](w.Ledger, w.Her.ID, s.Compact()); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("three days old: %v", err)
		}
		s = w.Her.Sign(card)
		if _, _, err := ledger.Take[*statement.Card](w.Ledger, w.Reader.ID, s.Compact()); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("another caller: %v", err)
		}
		if _, _, err := ledger.Take[*statement.Add](w.Ledger, w.Her.ID, s.Compact()); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("another act: %v", err)
		}
		foreign := w.Her.For(testimonytest.Sum([]byte("elsewhere"))).Sign(card)
		if _, _, err := ledger.Take[*statement.Card](w.Ledger, w.Her.ID, foreign.Compact()); !errors.Is(err, ledger.ErrVault) {
			t.Errorf("another vault: %v", err)
		}
	})
}
