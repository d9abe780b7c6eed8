package stewardship_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// change is the body that approves a document as number seq of the chain.
func change(document []byte, seq int64) statement.RosterChange {
	sum := sha256.Sum256(document)
	return statement.RosterChange{DocumentSHA256: statement.B64(sum[:]), RosterSeq: seq}
}

func approve(w *accounttest.World, p *accounttest.Person, document []byte) (stewardship.Approval, error) {
	w.T.Helper()
	s := p.Sign(change(document, int64(w.Roster().Seq()+1)))
	return w.Book.Approve(w.T.Context(), p.Caller, document, s.Compact(), nil)
}

// A change counts voices until the threshold of the roster before it, is in
// force from the last one on, and convinces a client.
func TestAChangeIsInForceAtTheThreshold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 3, 2)
		before, joining := w.Roster(), w.Stranger()
		document := w.Change(3, append(slices.Clone(w.Stewards), joining)...)
		first, err := approve(w, w.Stewards[0], document)
		if err != nil || first.Approvals != 1 || first.Threshold != 2 || first.Effective {
			t.Errorf("first voice: %+v, %v", first, err)
		}
		if verify(t, w).Head() != before.Head() {
			t.Error("one voice of two changed the roster")
		}
		second, err := approve(w, w.Stewards[2], document)
		if err != nil || second.Approvals != 2 || second.Threshold != 2 || !second.Effective {
			t.Errorf("second voice: %+v, %v", second, err)
		}
		if now := verify(t, w); now.Head() != sha256.Sum256(document) || now.Head() != w.Roster().Head() || now.Threshold() != 3 {
			t.Errorf("the roster in force is number %d", now.Seq())
		}
		joining.Enrol(statement.Steward, account.Request{})
		w.Approve(w.Change(1, joining), w.Stewards[0], w.Stewards[1], joining)
	})
}

// Everything but a current steward's own word over the next document is refused,
// and changes neither the roster nor her chain.
func TestApprovalsThatAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 2)
		one, two, other := w.Stewards[0], w.Stewards[1], w.Enrolled(statement.Participant)
		document, stale := w.Change(1, one, two), w.Change(2, one, two)
		w.Approve(stale, one, two)
		current := w.Change(2, one, two)
		if _, err := approve(w, two, current); err != nil {
			t.Fatal(err)
		}
		head := one.Sign(change(current, 2)).Seq
		for name, c := range map[string]struct {
			caller   *accounttest.Person
			document []byte
			said     *statement.Statement
			want     error
		}{
			"no steward":                {other, current, other.Sign(change(current, 2)), account.ErrNotFound},
			"another's statement":       {one, current, two.Sign(change(current, 2)), statement.ErrRefused},
			"another document":          {one, current, one.Sign(change(stale, 2)), statement.ErrRefused},
			"another number":            {one, current, one.Sign(change(current, 3)), statement.ErrRefused},
			"another act":               {one, current, one.Sign(statement.Suspend{Account: other.ID, Accreditation: w.Vault}), statement.ErrRefused},
			"another vault":             {one, current, one.For(statement.B64(make([]byte, 32))).Sign(change(current, 2)), ledger.ErrVault},
			"no document":               {one, []byte("{}"), one.Sign(change([]byte("{}"), 2)), statement.ErrRefused},
			"a document that was":       {one, stale, one.Sign(change(stale, 1)), account.ErrConflict},
			"a document that never was": {one, document, one.Sign(change(document, 1)), account.ErrConflict},
			"a second time":             {two, current, two.Sign(change(current, 2)), account.ErrConflict},
		} {
			if _, err := w.Book.Approve(t.Context(), c.caller.Caller, c.document, c.said.Compact(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if verify(t, w).Seq() != 1 || one.Sign(change(current, 2)).Seq != head {
			t.Error("a refused approval left something behind")
		}
		var order *ledger.OutOfOrder
		gap := one.SignAt(statement.Head{Seq: head, Hash: sha256.Sum256(nil)}, change(current, 2))
		if _, err := w.Book.Approve(t.Context(), one.Caller, current, gap.Compact(), nil); !errors.As(err, &order) || order.Head.Seq != head-1 {
			t.Errorf("out of order: %v", err)
		}
	})
}

// A steward has one voice for the next roster: a later one replaces it.
func TestApprovingAnotherDocumentTakesTheVoiceBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 3, 2)
		first, second := w.Change(1, w.Stewards...), w.Change(3, w.Stewards...)
		for i, document := range [][]byte{first, second} {
			if a, err := approve(w, w.Stewards[0], document); err != nil || a.Approvals != 1 {
				t.Fatalf("document %d: %+v, %v", i+1, a, err)
			}
		}
		if a, err := approve(w, w.Stewards[1], first); err != nil || a.Approvals != 1 || a.Effective {
			t.Errorf("the document she left has %+v, %v", a, err)
		}
		if a, err := approve(w, w.Stewards[2], second); err != nil || !a.Effective {
			t.Errorf("the document she went to has %+v, %v", a, err)
		}
		if verify(t, w).Threshold() != 3 {
			t.Error("the wrong document is in force")
		}
	})
}

// The last two voices for one document at once, again and again: one of them
// puts it in force, the other comes too late or counts too; never twice, never
// neither.
func TestTwoLastVoicesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 2)
		for round := range 8 {
			document := w.Change(2, w.Stewards...)
			said := [2]*statement.Statement{}
			for i, s := range w.Stewards {
				said[i] = s.Sign(change(document, int64(round+1)))
			}
			var answers [2]stewardship.Approval
			errs := both(func(i int) (err error) {
				answers[i], err = w.Book.Approve(t.Context(), w.Stewards[i].Caller, document, said[i].Compact(), nil)
				return err
			})
			if err := errors.Join(errs[:]...); err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
			if answers[0].Effective == answers[1].Effective {
				t.Fatalf("round %d: %+v", round, answers)
			}
			if verify(t, w).Head() != sha256.Sum256(document) {
				t.Fatalf("round %d: the document is not in force", round)
			}
		}
	})
}

// Two documents for one place at once: one is in force, and the other steward
// learns that the roster has changed.
func TestTwoChangesAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 2, 1)
		documents := [2][]byte{w.Change(1, w.Stewards...), w.Change(2, w.Stewards...)}
		said := [2]*statement.Statement{}
		for i, s := range w.Stewards {
			said[i] = s.Sign(change(documents[i], 1))
		}
		errs := both(func(i int) error {
			_, err := w.Book.Approve(t.Context(), w.Stewards[i].Caller, documents[i], said[i].Compact(), nil)
			return err
		})
		won := slices.Index(errs[:], nil)
		if won < 0 || !errors.Is(errs[1-won], account.ErrConflict) {
			t.Fatalf("%v, want one success and one ErrConflict", errs)
		}
		if verify(t, w).Head() != sha256.Sum256(documents[won]) {
			t.Error("the document that was accepted is not in force")
		}
	})
}

func both(f func(i int) error) (errs [2]error) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// A steward who was removed keeps her account and loses every power; the voice
// she gave to a change that was under way is gone with the change.
func TestARemovedStewardIsNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 3, 2)
		removed := w.Stewards[2]
		hers := w.Change(1, removed)
		if _, err := approve(w, removed, hers); err != nil {
			t.Fatal(err)
		}
		w.Approve(w.Change(2, w.Stewards[:2]...), w.Stewards[:2]...)
		if _, err := approve(w, removed, w.Change(1, removed)); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("approves: %v, want ErrNotFound", err)
		}
		if _, err := w.Accounts.Invite(t.Context(), removed.Caller, statement.Participant, nil); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("invites: %v, want ErrNotFound", err)
		}
		if _, err := w.Accreditations.Waiting(t.Context(), removed.Caller, "", 10); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("reads applications: %v, want ErrNotFound", err)
		}
		if who, err := w.Accounts.Find(t.Context(), removed.ID); err != nil || who.Role != statement.Steward {
			t.Errorf("her account: %+v, %v", who, err)
		}
		late := w.Stewards[0].Sign(change(hers, 1))
		if a, err := w.Book.Approve(t.Context(), w.Stewards[0].Caller, hers, late.Compact(), nil); !errors.Is(err, account.ErrConflict) {
			t.Errorf("her proposal lives on: %+v, %v", a, err)
		}
	})
}

// When a roster is in force, the voices for all other documents are deleted: none
// of them can take effect, and nobody is to be asked about them later.
func TestDecidedProposalsLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 3, 2)
		if _, err := approve(w, w.Stewards[2], w.Change(1, w.Stewards...)); err != nil {
			t.Fatal(err)
		}
		w.Approve(w.Change(2, w.Stewards...), w.Stewards[:2]...)
		var left int64
		w.View(func(ctx context.Context, tx store.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT COUNT(sha256) FROM roster_approvals").Scan(&left)
		})
		if left != 2 {
			t.Errorf("%d voices are stored, want the two that decided", left)
		}
	})
}

// What the caller remembers of an approval is as durable as it, and no more.
func TestAnApprovalAndItsMemoryAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		document := w.Change(1, w.Stewards...)
		s := w.Stewards[0].Sign(change(document, 1)).Compact()
		lost := errors.New("no memory")
		_, err := w.Book.Approve(t.Context(), w.Stewards[0].Caller, document, s, func(_ context.Context, _ store.Tx, a stewardship.Approval) error {
			if !a.Effective || a.Receipt == "" {
				t.Errorf("remembers %+v", a)
			}
			return lost
		})
		if !errors.Is(err, lost) || verify(t, w).Seq() != 0 {
			t.Errorf("%v, roster %d", err, verify(t, w).Seq())
		}
		if _, err := w.Book.Approve(t.Context(), w.Stewards[0].Caller, document, s, nil); err != nil || verify(t, w).Seq() != 1 {
			t.Errorf("afterwards: %v, roster %d", err, verify(t, w).Seq())
		}
	})
}
