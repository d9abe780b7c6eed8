package grant_test

import (
	"context"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// Applying an entry again restricts once, and finds nothing to do the second time
// or where the grant is not there.
func TestAnEntryOfTheJournalRestrictsOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one, two := w.Add(w.Her, tid, 1, []byte("one")), w.Add(w.Her, tid, 2, []byte("two"))
		ended, parted, held := w.Grant(tid, sealedParts{1: one}), w.Grant(tid, sealedParts{1: one, 2: two}), w.Grant(tid, sealedParts{1: one})
		before := w.ChainHead(w.Her).Seq
		for range 2 {
			again(t, w, w.Grants.RevokeAgain, journal.Entry{Kind: journal.Revoked, ID: ended})
			again(t, w, w.Grants.RevokeAgain, journal.Entry{Kind: journal.Revoked, ID: w.ID()})
			again(t, w, w.Grants.EndPartAgain, journal.Entry{Kind: journal.PartEnded, ID: parted, N: 1})
			again(t, w, w.Grants.HoldAgain, journal.Entry{Kind: journal.Narrowed, ID: held, N: before + 1})
			again(t, w, w.Grants.HoldAgain, journal.Entry{Kind: journal.Narrowed, ID: parted, N: 1}) // its statement is there
		}
		for name, c := range map[string]error{"ended": opensAgain(w, ended, 1), "the part that ended": opensAgain(w, parted, 1), "held": opensAgain(w, held, 1)} {
			if !errors.Is(c, grant.ErrNotFound) {
				t.Errorf("%s: %v", name, c)
			}
		}
		if err := opensAgain(w, parted, 2); err != nil {
			t.Errorf("the part that did not end: %v", err)
		}
		inbox, err := w.Grants.Inbox(t.Context(), w.Reader.Caller, "", 10)
		if err != nil || len(inbox) != 2 {
			t.Fatalf("inbox: %v, %+v", err, inbox)
		}
		for _, g := range inbox {
			if (g.ID == held) != (g.State == release.Held) {
				t.Errorf("grant %s is %s", g.ID, g.State)
			}
		}
		again(t, w, w.Grants.ReadAgain, journal.Entry{Kind: journal.Read, ID: parted, N: 2, Value: 9})
		again(t, w, w.Grants.ReadAgain, journal.Entry{Kind: journal.Read, ID: parted, N: 2, Value: 3})
		if n := readsAgain(t, w, string(parted)); n != 9 {
			t.Errorf("%d reads are counted, want 9", n)
		}
	})
}

func opensAgain(w *testimonytest.World, g id.ID, n int64) error {
	_, err := w.Read(w.Reader, g, n)
	return err
}

func again(t testing.TB, w *testimonytest.World, apply journal.Apply, e journal.Entry) {
	t.Helper()
	if err := w.DB.Alone(t.Context(), func(ctx context.Context, tx store.Tx) error { return apply(ctx, tx, 86400, e) }); err != nil {
		t.Fatal(err)
	}
}

func readsAgain(t *testing.T, w *testimonytest.World, g string) (n int) {
	t.Helper()
	w.View(func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT reads FROM grant_parts WHERE grant_id = $1 AND n = 2", g).Scan(&n)
	})
	return n
}

// What a line costs the domain when a restored database does not know it.
func BenchmarkALineThatIsAppliedAgain(b *testing.B) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		b.Run(string(e), func(b *testing.B) {
			w := testimonytest.New(b, storetest.Open(b, storetest.Fresh(b, e, migrations.Files)))
			tid := w.Create(w.Her)
			g := w.Grant(tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("one"))})
			again(b, w, func(ctx context.Context, tx store.Tx, day int64, _ journal.Entry) error {
				for b.Loop() { // the first has something to do
					if err := w.Grants.ReadAgain(ctx, tx, day, journal.Entry{ID: g, N: 1, Value: 1}); err != nil {
						return err
					}
				}
				return nil
			}, journal.Entry{})
		})
	}
}
