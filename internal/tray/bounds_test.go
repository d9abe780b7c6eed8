package tray_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

// A code that is unknown, closed, over, or another partner's gets one answer.
func TestWhoMayNotPutLearnsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		closed, open := w.Open(w.Her), w.Open(w.Her)
		for range 2 {
			w.Must(w.Trays.Close(t.Context(), w.Her.Caller, closed.Tray))
		}
		foreign, key := w.Client(w.ID())
		wants := map[string]func() error{
			"unknown": func() error { return w.Put(w.Seal(string(w.ID()), []byte("x"), w.Her)) },
			"closed":  func() error { return w.Put(w.Seal(closed.Code, []byte("x"), w.Her)) },
			"foreign": func() error {
				i := w.Seal(open.Code, []byte("x"), w.Her)
				i.Said.Partner, i.Said.Client, i.Said.Issuer = foreign.Partner, foreign.Client, string(foreign.Client)
				i.Note, i.Body = w.SignWith(i.Said, key), bytes.NewReader(i.Payload)
				_, err := w.Trays.Put(t.Context(), foreign, i.Sealed)
				return err
			},
			"halted": func() error {
				w.Halted[w.By.Partner] = true
				defer delete(w.Halted, w.By.Partner)
				return w.Put(w.Seal(open.Code, []byte("x"), w.Her))
			},
			"begun, unknown": func() error {
				return w.Trays.Begin(t.Context(), w.By, w.Seal(string(w.ID()), []byte("x"), w.Her).Sealed)
			},
			"begun, closed":        func() error { return w.Trays.Begin(t.Context(), w.By, w.Seal(closed.Code, []byte("x"), w.Her).Sealed) },
			"another woman closes": func() error { return w.Trays.Close(t.Context(), w.Reader.Caller, open.Tray) },
		}
		for name, do := range wants {
			if err := do(); err == nil || err.Error() != tray.ErrNotFound.Error() {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.Must(w.Put(w.Seal(open.Code, []byte("x"), w.Her)))
		w.Clock.Forward(32 * traytest.Day)
		if err := w.Put(w.Seal(open.Code, []byte("x"), w.Her)); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("over: %v", err)
		}
	})
}

// Whose it is not sees nothing of what waits, adopts nothing and refuses nothing.
func TestOnlySheTouchesWhatWaits(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		i := w.Bring(w.Open(w.Her).Code, []byte("hers"), w.Her)
		c := w.Collection()
		theirs := w.Create(c)
		if _, err := w.Trays.Content(t.Context(), c.Caller, i.Item); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("content: %v", err)
		}
		if _, err := w.Adopt(c, theirs, 1, i); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("adopt: %v", err)
		}
		if err := w.Trays.Refuse(t.Context(), c.Caller, i.Item); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("refuse: %v", err)
		}
		if list, err := w.Trays.Items(t.Context(), c.Caller, "", 10); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		foreign, _ := w.Client(w.ID())
		if _, err := w.Trays.Delivery(t.Context(), foreign, i.Item); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("another partner asks: %v", err)
		}
		if list, err := w.Trays.Deliveries(t.Context(), foreign, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("another partner lists %v, %v", list, err)
		}
		mine := w.Create(w.Her)
		wrong := i
		wrong.Said.Commit = testimonytest.Sum(nil)
		if _, err := w.Adopt(w.Her, mine, 1, wrong); !errors.Is(err, testimony.ErrDigest) {
			t.Errorf("signing something else: %v", err)
		}
		wrong = i
		wrong.Note = "another note"
		if _, err := w.Adopt(w.Her, mine, 1, wrong); !errors.Is(err, testimony.ErrDigest) {
			t.Errorf("naming another note: %v", err)
		}
	})
}

// What is refused or not touched in time is gone, bytes and all, and gives its room back.
func TestWhatNobodyTakesGoes(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		w.Trays.Limits.PartnerBytes = 900_000
		code := w.Open(w.Her).Code
		one, two := w.Bring(code, large(), w.Her), w.Bring(code, large()[:100_000], w.Her)
		var full *account.Quota
		third := w.Seal(code, large(), w.Her)
		if err := w.Put(third); !errors.As(err, &full) {
			t.Fatalf("over the partner's room: %v", err)
		}
		if n := w.Objects(); n != 2 {
			t.Errorf("%d objects instead of two", n)
		}
		w.Must(w.Trays.Refuse(t.Context(), w.Her.Caller, one.Item))
		if err := w.Trays.Refuse(t.Context(), w.Her.Caller, one.Item); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("refusing twice: %v", err)
		}
		if n := w.Objects(); n != 1 || w.State(one.Item) != tray.Waiting {
			t.Errorf("%d objects; the partner sees %s on the day of the refusal", n, w.State(one.Item))
		}
		w.Clock.Forward(21 * traytest.Day)
		if list, err := w.Trays.Items(t.Context(), w.Her.Caller, "", 10); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		w.Must(w.Trays.Sweep(t.Context()))
		if n := w.Objects(); n != 0 || w.State(one.Item) != tray.Refused || w.State(two.Item) != tray.Expired {
			t.Errorf("%d objects, %s, %s", n, w.State(one.Item), w.State(two.Item))
		}
		w.Must(w.Put(w.Seal(code, large(), w.Her)))
	})
}

// A tray takes so many items and no more, and its owner opens so many trays.
func TestTraysAreBounded(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		w.Trays.Limits.Items, w.Trays.Limits.Trays = 2, 2
		code := w.Open(w.Her).Code
		w.Open(w.Her)
		if _, err := w.Trays.Open(t.Context(), w.Her.Caller, w.By.Partner, nil); !errors.Is(err, account.ErrQuota) {
			t.Errorf("a third tray: %v", err)
		}
		w.Bring(code, []byte("1"), w.Her)
		w.Bring(code, []byte("2"), w.Her)
		if err := w.Put(w.Seal(code, []byte("3"), w.Her)); !errors.Is(err, account.ErrQuota) {
			t.Errorf("a third item: %v", err)
		}
		if _, err := w.Trays.Open(t.Context(), w.Reader.Caller, w.By.Partner, nil); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("a researcher's tray: %v", err)
		}
		w.Halted[w.By.Partner] = true
		if _, err := w.Trays.Open(t.Context(), w.Her.Caller, w.By.Partner, nil); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("a tray for a halted partner: %v", err)
		}
	})
}

// When her account has no room, what she adopts stays where it was.
func TestAnAdoptionThatFailsMovesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		i, tid := w.Bring(w.Open(w.Her).Code, large(), w.Her), w.Create(w.Her)
		w.Vault.Limits.Bytes = 1000
		if _, err := w.Adopt(w.Her, tid, 1, i); !errors.Is(err, account.ErrQuota) {
			t.Fatal(err)
		}
		w.Vault.Limits.Bytes = 64 << 20
		file(t, w, w.Her.Caller, i)
		if _, err := w.Adopt(w.Her, tid, 1, i); err != nil {
			t.Error(err)
		}
	})
}

// Changing her words ends her trays and what waits there: it was sealed to the old key.
func TestAChangeOfWordsEndsTrays(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code := w.Open(w.Her).Code
		i := w.Bring(code, large(), w.Her)
		w.Rekey(w.Her)
		if w.State(i.Item) != tray.Expired {
			t.Errorf("what waited is %s", w.State(i.Item))
		}
		if err := w.Put(w.Seal(code, []byte("x"), w.Her)); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("the old code: %v", err)
		}
	})
}

// A tray that was closed stays closed when an older database comes back.
func TestARestoreDoesNotOpenATray(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		o := w.Open(w.Her)
		w.Must(w.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return w.Trays.CloseAgain(ctx, tx, 0, journal.Entry{Kind: journal.TrayClosed, ID: o.Tray})
		}))
		if err := w.Put(w.Seal(o.Code, []byte("x"), w.Her)); !errors.Is(err, tray.ErrNotFound) {
			t.Error(err)
		}
	})
}
