package tray_test

import (
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

// held is a testimony of two parts in a collection.
func held(w *traytest.World) (*accounttest.Person, id.ID) {
	c := w.Collection()
	tid := w.Create(c)
	w.Add(c, tid, 1, []byte("one"))
	w.Add(c, tid, 2, large())
	return c, tid
}

// claimed is part n of it, sealed anew to her, with the collection's word to erase it.
func claimed(w *traytest.World, code string, c *accounttest.Person, tid id.ID, n int64) traytest.Item {
	i := w.Seal(code, []byte("sealed anew"), w.Her)
	i.Said.Replaces = delivery.Replaced{Testimony: tid, N: n}
	i.Note = w.Sign(i.Said)
	all := statement.ErasedHash(w.Chain(c).About(tid))
	i.Erasure = c.Sign(statement.Erase{Testimony: tid, StatementsSHA256: statement.B64(all[:])}).Compact()
	return i
}

// When she has adopted every part, the collection's copy is gone in the same moment,
// and the collection's own statement says so; before that nothing of it is.
func TestAClaimDestroysTheCollectionsCopy(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, hers := w.Open(w.Her).Code, w.Create(w.Her)
		c, tid := held(w)
		one, two := claimed(w, code, c, tid, 1), claimed(w, code, c, tid, 2)
		w.Must(w.Put(one))
		w.Must(w.Put(two))
		out, err := w.Adopt(w.Her, hers, 1, one)
		if err != nil || out.Destroyed != "" || len(w.Whole(c.Caller, tid).Parts) != 2 {
			t.Fatalf("after one of two: %+v, %v", out, err)
		}
		out, err = w.Adopt(w.Her, hers, 2, two)
		if err != nil || out.Destroyed != tid {
			t.Fatalf("after both: %+v, %v", out, err)
		}
		if _, err := w.Vault.Show(t.Context(), c.Caller, tid); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("the collection still shows it: %v", err)
		}
		if n := w.Objects(); n != 0 {
			t.Errorf("%d objects are left", n)
		}
		last := w.Chain(c).Statements
		if s := last[len(last)-1]; s.Act() != statement.ActErase {
			t.Errorf("the collection's chain ends with %s", s.Act())
		}
	})
}

// Where the collection has signed something since, its erasure stands beside its chain.
func TestAClaimAfterTheChainHasMovedIsExplained(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, hers := w.Open(w.Her).Code, w.Create(w.Her)
		c := w.Collection()
		tid := w.Create(c)
		w.Add(c, tid, 1, []byte("one"))
		i := claimed(w, code, c, tid, 1)
		w.Create(c)
		w.Must(w.Put(i))
		if out, err := w.Adopt(w.Her, hers, 1, i); err != nil || out.Destroyed != tid {
			t.Fatalf("%+v, %v", out, err)
		}
		displaced, err := w.Ledger.Displaced(t.Context(), w.DB, c.ID)
		if err != nil || len(displaced) != 1 || displaced[0] != i.Erasure {
			t.Errorf("%v, %v", displaced, err)
		}
	})
}

// What she refuses, or nobody takes, takes nothing from the collection.
func TestARefusedClaimDestroysNothing(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, hers := w.Open(w.Her).Code, w.Create(w.Her)
		c, tid := held(w)
		one, two := claimed(w, code, c, tid, 1), claimed(w, code, c, tid, 2)
		w.Must(w.Put(one))
		w.Must(w.Put(two))
		if err := w.Trays.Refuse(t.Context(), w.Her.Caller, one.Item); err != nil {
			t.Fatal(err)
		}
		if out, err := w.Adopt(w.Her, hers, 1, two); err != nil || out.Destroyed != "" {
			t.Errorf("%+v, %v", out, err)
		}
		if len(w.Whole(c.Caller, tid).Parts) != 2 {
			t.Error("a part is gone")
		}
	})
}

// A claim is of a part of a collection of the very partner, with the collection's own
// word; another woman's testimony is nobody's to replace.
func TestWhatIsNoClaimIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, hers := w.Open(w.Her).Code, w.Create(w.Her)
		w.Add(w.Her, hers, 1, []byte("hers alone"))
		c, tid := held(w)
		good := claimed(w, code, c, tid, 1)
		victim := good
		victim.Said.Replaces.Testimony = hers
		victim.Note = w.Sign(victim.Said)
		none := good
		none.Said.Replaces.N = 7
		none.Note = w.Sign(none.Said)
		other := good
		other.Erasure = w.Her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: good.Said.Commit}).Compact()
		bare := good
		bare.Erasure = ""
		nonsense := good
		nonsense.Erasure = "a.b.c"
		for name, i := range map[string]traytest.Item{"another woman's": victim, "no such part": none, "signed by another": other, "without a word": bare, "nonsense": nonsense} {
			if err := w.Put(i); !errors.Is(err, tray.ErrClaim) {
				t.Errorf("%s: %v", name, err)
			}
		}
		delete(w.Collections, c.ID)
		if err := w.Put(good); !errors.Is(err, tray.ErrClaim) {
			t.Errorf("a collection that is over: %v", err)
		}
		w.Collections[c.ID] = w.ID()
		if err := w.Put(good); !errors.Is(err, tray.ErrClaim) {
			t.Errorf("another partner's collection: %v", err)
		}
		if len(w.Whole(w.Her.Caller, hers).Parts) != 1 {
			t.Error("her part is gone")
		}
	})
}
