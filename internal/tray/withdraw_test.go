package tray_test

import (
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

// Erasing what a partner brought is told at once, has to be acknowledged, and keeps
// the partner from bringing anything more once it is late.
func TestAWithdrawalMustBeAcknowledged(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, tid := w.Open(w.Her).Code, w.Create(w.Her)
		i := w.Bring(code, []byte("hers"), w.Her)
		if _, err := w.Trays.Acknowledge(t.Context(), w.By, i.Item, nil); !errors.Is(err, tray.ErrNotWithdrawn) {
			t.Errorf("acknowledging what waits: %v", err)
		}
		if _, err := w.Adopt(w.Her, tid, 1, i); err != nil {
			t.Fatal(err)
		}
		w.Erase(tid)
		if w.State(i.Item) != tray.Withdrawn || len(w.Told) != 1 || w.Told[0] != (traytest.Told{Partner: w.By.Partner, Event: tray.ConsentWithdrawn, Item: i.Item}) {
			t.Errorf("%s, told %+v", w.State(i.Item), w.Told)
		}
		foreign, _ := w.Client(w.ID())
		if _, err := w.Trays.Acknowledge(t.Context(), foreign, i.Item, nil); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("another partner acknowledges: %v", err)
		}
		w.Clock.Forward(14 * traytest.Day)
		if err := w.Put(w.Seal(code, []byte("in time"), w.Her)); err != nil {
			t.Errorf("on the last day: %v", err)
		}
		w.Clock.Forward(traytest.Day)
		late := w.Seal(code, []byte("late"), w.Her)
		if err := w.Put(late); !errors.Is(err, tray.ErrOwed) {
			t.Errorf("one day later: %v", err)
		}
		if e := endings(t, w); len(e) != 1 || !e[0].Late || e[0].Acknowledged != 0 || e[0].Partner != w.By.Partner {
			t.Errorf("she sees %+v", e)
		}
		for range 2 {
			if d, err := w.Trays.Acknowledge(t.Context(), w.By, i.Item, nil); err != nil || d.Acknowledged == 0 {
				t.Errorf("%+v, %v", d, err)
			}
		}
		if e := endings(t, w); e[0].Late || e[0].Acknowledged == 0 {
			t.Errorf("she sees %+v", e)
		}
		if err := w.Put(late); err != nil {
			t.Errorf("after the acknowledgement: %v", err)
		}
	})
}

func endings(t *testing.T, w *traytest.World) []tray.Ending {
	t.Helper()
	list, err := w.Trays.Endings(t.Context(), w.Her.Caller, 0, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A withdraw statement takes back what it names, and one that names a reader is
// between her and that reader.
func TestAWithdrawStatementReachesThePartner(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, tid := w.Open(w.Her).Code, w.Create(w.Her)
		var items []traytest.Item
		for n := range int64(3) {
			i := w.Bring(code, []byte("hers"), w.Her)
			if _, err := w.Adopt(w.Her, tid, n+1, i); err != nil {
				t.Fatal(err)
			}
			items = append(items, i)
		}
		states := func(want ...tray.State) {
			t.Helper()
			for n, i := range items {
				if got := w.State(i.Item); got != want[n] {
					t.Errorf("item %d is %s, want %s", n+1, got, want[n])
				}
			}
		}
		w.Withdraw(statement.Withdraw{Testimony: tid, N: 1, Grantee: w.Reader.ID})
		states(tray.Waiting, tray.Waiting, tray.Waiting)
		w.Withdraw(statement.Withdraw{Testimony: tid, N: 1})
		states(tray.Withdrawn, tray.Waiting, tray.Waiting)
		w.Withdraw(statement.Withdraw{})
		states(tray.Withdrawn, tray.Withdrawn, tray.Withdrawn)
		w.Erase(tid)
		if len(w.Told) != 3 {
			t.Errorf("told %d times", len(w.Told))
		}
	})
}
