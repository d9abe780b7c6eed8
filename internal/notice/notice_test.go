package notice_test

import (
	"context"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

const day = statement.Day

func post(w *accounttest.World, who id.Thumbprint, kind notice.Kind, at int64) error {
	return w.DB.Update(w.T.Context(), func(ctx context.Context, tx store.Tx) error { return notice.Post(ctx, tx, who, kind, at) })
}

func newest(w *accounttest.World, who id.Thumbprint, limit int64) (out []notice.Notice) {
	w.View(func(ctx context.Context, tx store.Tx) (err error) {
		out, err = notice.Newest(ctx, tx, who, limit)
		return err
	})
	return out
}

// What happens often on one day is one notice with a count, the newest day comes
// first, and nobody sees another's.
func TestNoticesAreCountedByDayAndKind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		her, other := w.Enrolled(statement.Participant), w.Enrolled(statement.Participant)
		for _, n := range []struct {
			kind notice.Kind
			at   int64
		}{{notice.Paused, day}, {notice.PausedByCode, 2 * day}, {notice.PausedByCode, 2 * day}, {notice.Lifted, 2 * day}, {notice.PausedByCode, 3 * day}} {
			if err := post(w, her.ID, n.kind, n.at); err != nil {
				t.Fatal(err)
			}
		}
		want := []notice.Notice{{Day: 3 * day, Kind: notice.PausedByCode, Times: 1}, {Day: 2 * day, Kind: notice.Lifted, Times: 1},
			{Day: 2 * day, Kind: notice.PausedByCode, Times: 2}, {Day: day, Kind: notice.Paused, Times: 1}}
		if got := newest(w, her.ID, 10); !slices.Equal(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := newest(w, her.ID, 2); !slices.Equal(got, want[:2]) {
			t.Errorf("of two got %+v", got)
		}
		if got := newest(w, other.ID, 10); len(got) != 0 {
			t.Errorf("another sees %+v", got)
		}
	})
}

// Only an account that is there can be told something.
func TestNobodyIsToldNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := accounttest.New(t, db, 1, 1)
		if err := post(w, w.Stranger().ID, notice.Paused, day); err == nil {
			t.Error("a notice was posted to a key that has not enrolled")
		}
	})
}
