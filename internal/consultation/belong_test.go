package consultation_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/consultation"
	"github.com/relatingfield/vault/internal/consultation/consultationdb"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

// counted is the true counts of the call, without noise.
func (w *world) counted(brought, taken int64) {
	w.T.Helper()
	w.Must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		q := consultationdb.New(tx)
		b, e1 := q.Brought(ctx, string(w.name))
		n, e2 := q.Taken(ctx, string(w.name))
		if b != brought || n != taken {
			w.T.Errorf("%d brought and %d taken, want %d and %d", b, n, brought, taken)
		}
		return errors.Join(e1, e2)
	}))
}

// another call of the same partner.
func (w *world) another() id.ID {
	w.T.Helper()
	name := w.ID()
	_, err := w.calls.Register(w.T.Context(), consultation.Consultation{ID: name, Partner: w.By.Partner, Until: w.day(60), Document: document(w.T)}, nil)
	w.Must(err)
	return name
}

// held is a testimony of so many parts in a new collection.
func (w *world) held(parts int64) (*accounttest.Person, id.ID) {
	c := w.Collection()
	t := w.Create(c)
	for n := range parts {
		w.Add(c, t, n+1, []byte("told"))
	}
	return c, t
}

func (w *world) belong(c *accounttest.Person, t, name id.ID) error {
	return w.calls.Belong(w.T.Context(), c.Caller, t, name)
}

func (w *world) erasure(c *accounttest.Person, t id.ID) string {
	all := statement.ErasedHash(w.Chain(c).About(t))
	return c.Sign(statement.Erase{Testimony: t, StatementsSHA256: statement.B64(all[:])}).Compact()
}

// claim brings part n sealed anew to her; name may be empty.
func (w *world) claim(c *accounttest.Person, t id.ID, n int64, name id.ID) traytest.Item {
	w.T.Helper()
	i := w.Seal(w.code, []byte("sealed anew"), w.Her)
	i.Said.Replaces, i.Said.Consultation = delivery.Replaced{Testimony: t, N: n}, name
	i.Note, i.Erasure = w.Sign(i.Said), w.erasure(c, t)
	w.Must(w.Put(i))
	return i
}

func (w *world) adopt(p *accounttest.Person, t id.ID, n int64, i traytest.Item) {
	w.T.Helper()
	_, err := w.Adopt(p, t, n, i)
	w.Must(err)
}

// nextDay lets the partner see what she did.
func (w *world) nextDay() {
	w.T.Helper()
	w.Clock.Forward(traytest.Day)
	w.Must(w.Trays.Sweep(w.T.Context()))
}

// A testimony is counted once, before and after it is claimed part by part, whether
// the claims name the call too or not, and whatever she refused before.
func TestAClaimedTestimonyIsCountedOnce(t *testing.T) {
	for name, both := range map[string]bool{"the claims name it": true, "they do not": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				c, tid := w.held(2)
				said := id.ID("")
				if both {
					said = w.name
				}
				refused := w.claim(c, tid, 1, said)
				w.Must(w.belong(c, tid, w.name))
				w.Must(w.Trays.Refuse(t.Context(), w.Her.Caller, refused.Item))
				one, two := w.claim(c, tid, 1, said), w.claim(c, tid, 2, said)
				w.counted(1, 0)
				hers := w.Create(w.Her)
				w.adopt(w.Her, hers, 1, one)
				w.nextDay()
				w.counted(1, 0)
				w.adopt(w.Her, hers, 2, two)
				w.nextDay()
				w.counted(1, 1)
			})
		})
	}
}

// What came into the collection under the call's name is counted by that, whichever
// came first: the word for the whole testimony, the adoption, or a claim of it.
func TestWhatCameUnderTheNameIsCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.Collection()
		code := w.codeFor(c)
		for _, first := range []bool{true, false} {
			i := w.Seal(code, []byte("x"), c)
			i.Said.Consultation = w.name
			i.Note = w.Sign(i.Said)
			w.Must(w.Put(i))
			tid := w.Create(c)
			if first {
				w.Must(w.belong(c, tid, w.name))
			}
			w.adopt(c, tid, 1, i)
			w.Must(w.belong(c, tid, w.name))
			if err := w.belong(c, tid, w.another()); !errors.Is(err, account.ErrConflict) {
				t.Errorf("another call: %v", err)
			}
			w.claim(c, tid, 1, w.name)
		}
		w.nextDay()
		w.counted(2, 1)
	})
}

// Erased, lapsed or replayed from the journal, a testimony that nobody took is counted
// no more, and one that she took in part stays counted once.
func TestATestimonyThatGoesLeavesOneCountAtMost(t *testing.T) {
	ways := map[string]func(w *world, c *accounttest.Person, tid id.ID) error{
		"erased": func(w *world, c *accounttest.Person, tid id.ID) error {
			_, err := w.Vault.Erase(w.T.Context(), c.Caller, tid, w.erasure(c, tid), nil)
			return err
		},
		"lapsed": func(w *world, c *accounttest.Person, _ id.ID) error {
			return w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) error { _, err := w.Vault.Lapse(ctx, tx, c.ID); return err })
		},
		"replayed": func(w *world, c *accounttest.Person, tid id.ID) error {
			e := journal.Entry{Kind: journal.Erased, ID: tid, Data: []byte(w.erasure(c, tid))}
			again := func(ctx context.Context, tx store.Tx) error { return w.Vault.EraseAgain(ctx, tx, w.day(0), e) }
			return errors.Join(w.DB.Update(w.T.Context(), again), w.DB.Update(w.T.Context(), again))
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				c, waiting := w.held(1)
				d, half := w.held(2)
				w.Must(w.belong(c, waiting, w.name))
				w.Must(w.belong(d, half, w.name))
				w.claim(c, waiting, 1, "")
				w.claim(d, half, 1, w.name)
				w.adopt(w.Her, w.Create(w.Her), 1, w.claim(d, half, 1, ""))
				w.nextDay()
				w.counted(2, 0)
				w.Must(way(w, c, waiting))
				w.counted(1, 0)
				w.Must(way(w, d, half))
				w.counted(1, 1)
			})
		})
	}
}

// Whoever asks about what is not his gets the one answer, whatever there is.
func TestWhatIsNotHisBelongsNowhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, tid := w.held(1)
		other, _ := w.held(1)
		w.Must(w.belong(c, tid, w.name))
		hers, erased := w.Create(w.Her), w.Create(c)
		_, err := w.Vault.Erase(t.Context(), c.Caller, erased, w.erasure(c, erased), nil)
		w.Must(err)
		foreign := w.ID()
		_, err = w.calls.Register(t.Context(), consultation.Consultation{ID: foreign, Partner: w.ID(), Until: w.day(60), Document: document(t)}, nil)
		w.Must(err)
		for what, err := range map[string]error{
			"another collection's":   w.belong(other, tid, w.name),
			"and elsewhere":          w.belong(other, tid, w.ID()),
			"a woman's, by herself":  w.belong(w.Her, hers, w.name),
			"erased":                 w.belong(c, erased, w.name),
			"none":                   w.belong(c, w.ID(), w.name),
			"no call":                w.belong(c, w.Create(c), w.ID()),
			"another partner's call": w.belong(c, w.Create(c), foreign),
		} {
			if !errors.Is(err, consultation.ErrNotFound) && !errors.Is(err, tray.ErrNotFound) {
				t.Errorf("%s: %v", what, err)
			}
		}
		late := w.Create(c)
		w.Clock.Forward(61 * traytest.Day)
		w.Must(w.belong(c, tid, w.name)) // again, behind its end
		if err := w.belong(c, late, w.name); !errors.Is(err, consultation.ErrNotFound) {
			t.Errorf("first, behind its end: %v", err)
		}
		w.counted(1, 0)
	})
}

// Of two that name different calls at once, one is done and the other told of it.
func TestOfTwoCallsAtOnceOneHasIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		names := [2]id.ID{w.name, w.another()}
		for range 8 {
			c, tid := w.held(1)
			var errs [2]error
			var both sync.WaitGroup
			for i := range names {
				both.Go(func() { errs[i] = w.belong(c, tid, names[i]) })
			}
			both.Wait()
			won := 0
			for i, err := range errs {
				if err == nil {
					won++
					w.Must(w.belong(c, tid, names[i]))
				} else if !errors.Is(err, account.ErrConflict) {
					t.Error(err)
				}
			}
			if won != 1 {
				t.Fatalf("%d of two have it: %v", won, errs)
			}
		}
	})
}

// codeFor opens a tray of a collection's and gives its code.
func (w *world) codeFor(c *accounttest.Person) string {
	w.T.Helper()
	code := string(w.ID())
	w.Must(w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		_, err := w.Trays.OpenFor(ctx, tx, c.ID, w.By.Partner, code, w.day(30))
		return err
	}))
	return code
}
