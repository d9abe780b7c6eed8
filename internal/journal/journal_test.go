package journal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// What the database knows is not applied; what it does not know is, in order; and
// afterwards it knows.
func TestWhatARestoredDatabaseDoesNotKnowIsAppliedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		w.write(j, entry(1))
		backup := w.rows()
		w.write(j, entry(2), entry(3))
		w.write(j, journal.Entry{Kind: journal.Read, ID: "g", N: 1, Value: 3})
		w.write(j, journal.Entry{Kind: journal.Read, ID: "g", N: 1, Value: 5})
		w.write(j, journal.Entry{Kind: journal.Read, ID: "g", N: 1, Value: 4})
		w.must(j.Close())
		w.must(w.opened("a").Close())
		w.wants("a database that knows all")
		w.restore(backup)
		w.must(w.opened("a").Close())
		w.wants("a restored database", entry(2), entry(3), journal.Entry{Kind: journal.Read, ID: "g", N: 1, Value: 5})
		w.must(w.opened("a").Close())
		w.wants("the same database after that")
		w.restore(nil)
		w.must(w.opened("a").Close())
		w.wants("a database from before the journal", entry(1), entry(2), entry(3), journal.Entry{Kind: journal.Read, ID: "g", N: 1, Value: 5})
	})
}

// A line whose transaction failed is applied at the next start, unless it is known
// that it came to nothing; then never.
func TestALineThatCameToNothingIsNotApplied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		w.write(j, entry(1))
		backup := w.rows()
		w.tries(j, entry(2))
		w.write(j, entry(3))
		w.must(j.Prune(t.Context(), db))
		w.write(j, entry(4))
		w.must(j.Prune(t.Context(), db))
		if rows := w.rows(); len(rows) != 1 {
			t.Errorf("after pruning the database has %d rows, want the newest", len(rows))
		}
		w.must(j.Close())
		w.restore(backup)
		j = w.opened("a")
		w.wants("what was given up is left out", entry(3), entry(4))
		w.tries(j, entry(5))
		w.must(j.Close())
		w.must(w.opened("a").Close())
		w.wants("a crash before anybody knew that it was given up", entry(5))
	})
}

// An act whose first attempt came to nothing and whose second is in the database is
// applied to an older one: the void line does not stand for the good one.
func TestAnActThatWasTriedTwiceIsApplied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		w.write(j, entry(1))
		backup := w.rows()
		w.tries(j, entry(2))
		w.write(j, entry(2))
		w.must(j.Prune(t.Context(), db))
		w.must(j.Close())
		w.restore(backup)
		w.must(w.opened("a").Close())
		w.wants("what was tried twice", entry(2))
	})
}

// Nothing below a transaction that is under way counts as known: a backup could
// hold the rows above it and not its own.
func TestARowIsNotPrunedPastATransactionUnderWay(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.Fresh(t, store.PostgreSQL, schema())))
	j := w.opened("a")
	written, let := make(chan struct{}), make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		var once sync.Once
		err := w.db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			err := j.Write(ctx, tx, entry(1))
			once.Do(func() { close(written) })
			<-let
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-written
	w.write(j, entry(2))
	w.must(j.Prune(t.Context(), w.db))
	backup := w.rows() // as a dump would hold it that began now
	close(let)
	ended.Wait()
	w.must(j.Prune(t.Context(), w.db))
	if rows := w.rows(); len(rows) != 1 {
		t.Errorf("afterwards the database has %d rows", len(rows))
	}
	w.must(j.Close())
	w.restore(backup)
	w.must(w.opened("a").Close())
	w.wants("the act that was under way when the backup was made", entry(1))
}

// Many at once get numbers of their own, in one whole chain.
func TestManyWriteAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		var all sync.WaitGroup
		const writers, each = 8, 20
		for n := range writers {
			all.Go(func() {
				for i := range each {
					err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return j.Write(ctx, tx, entry(n*each+i)) })
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		heads, err := j.Heads()
		w.must(err)
		if len(heads) != 1 || heads[0].Seq < writers*each+1 {
			t.Errorf("the heads are %v", heads)
		}
		w.must(j.Close())
		w.restore(nil)
		w.must(w.opened("a").Close())
		seen := map[id.ID]bool{}
		for _, e := range w.applied {
			seen[e.ID] = true
		}
		if len(seen) != writers*each {
			t.Errorf("%d acts are in the journal, want %d", len(seen), writers*each)
		}
	})
}

// A node that joins applies what other nodes' journals hold, and a missing one is
// missed by all.
func TestEveryNodeReadsAllJournals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b := w.opened("a"), w.opened("b")
		backup := w.rows()
		w.write(a, entry(1))
		w.write(b, entry(2))
		w.must(errors.Join(a.Close(), b.Close()))
		w.restore(backup)
		w.must(w.opened("c").Close())
		w.wants("a third node", entry(1), entry(2))
		w.must(os.RemoveAll(w.at("b").Dir + "/b"))
		_, err := w.open("a")
		if !errors.Is(err, journal.ErrMissing) || !strings.Contains(err.Error(), "node b") {
			t.Errorf("without the journal of b: %v", err)
		}
	})
}

// Of a node that is writing, a node that joins applies what the database does not
// know, and marks nothing: the last line may still be taken back.
func TestANodeThatJoinsLeavesTheRowsOfOneThatWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a := w.opened("a")
		w.write(a, entry(1))
		w.tries(a, entry(2))
		before := len(w.rows())
		b := w.opened("b")
		w.wants("the line that may be under way", entry(2))
		if n := len(w.rows()); n != before+1 {
			t.Errorf("there are %d rows, want one more than %d: b's own", n, before)
		}
		w.write(a, entry(3))
		w.must(errors.Join(a.Watch(t.Context(), db), b.Watch(t.Context(), db), a.Close(), b.Close()))
		w.must(w.opened("b").Close())
		w.wants("once more, for nobody has given it up", entry(2))
		w.must(w.opened("b").Close())
		w.wants("known by now")
	})
}

// Two processes cannot write one journal.
func TestAJournalHasOneWriter(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, schema())))
	w.opened("a")
	if _, err := journal.Open(w.place, w.key); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("a second one: %v", err)
	}
}

// A node notices that its database was restored while it runs, also when what was
// lost is another node's.
func TestADatabaseRestoredUnderARunningNodeIsNoticed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b := w.opened("a"), w.opened("b")
		backup := w.rows()
		w.write(b, entry(1))
		w.must(errors.Join(a.Watch(t.Context(), db), b.Watch(t.Context(), db)))
		w.must(b.Prune(t.Context(), db))
		w.must(a.Watch(t.Context(), db))
		w.restore(backup)
		for name, j := range map[string]*journal.Journal{"another's act": a, "its own act": b} {
			if err := j.Watch(t.Context(), db); !errors.Is(err, journal.ErrBehind) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Old files go, the chain stays whole, and a database that is older than they were
// is refused.
func TestOldFilesAreDroppedAndMissed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const keep = 90 * 24 * time.Hour
		j := w.opened("a")
		ancient := w.rows()
		var heads []journal.Head
		for month := range 6 {
			w.write(j, entry(month))
			h, err := j.Heads()
			w.must(err)
			heads = append(heads, h...)
			w.must(j.Prune(t.Context(), db))
			w.must(j.Drop(t.Context(), db, keep))
			w.now = w.now.Add(31 * 24 * time.Hour)
		}
		if n := len(w.files("a")); n > 5 || !strings.Contains(w.files("a")[0], "journal") || strings.HasSuffix(w.files("a")[0], "01.journal") {
			t.Errorf("the files are %v", w.files("a"))
		}
		w.must(j.Close())
		w.must(w.opened("a", heads...).Close())
		w.wants("nothing is lost of what the database knows")
		if _, err := w.place.Check(heads); err != nil {
			t.Errorf("check: %v", err)
		}
		w.restore(ancient)
		if _, err := w.open("a"); !errors.Is(err, journal.ErrDropped) {
			t.Errorf("a database from before the oldest line: %v", err)
		}
	})
}

// A kind that this program does not know is a restriction that it cannot apply.
func TestAnUnknownKindIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		j := w.opened("a")
		backup := w.rows()
		w.write(j, journal.Entry{Kind: "forgotten"})
		w.must(j.Close())
		w.must(w.opened("a").Close()) // the newer program applied it
		w.restore(backup)
		if _, err := w.open("a"); !errors.Is(err, journal.ErrNewer) {
			t.Errorf("%v", err)
		}
	})
}

// The journal that remembers nothing, of domains under test.
func TestTheNilJournalWritesNothing(t *testing.T) {
	var j *journal.Journal
	if err := errors.Join(j.Write(t.Context(), nil, entry(1)), j.Close()); err != nil {
		t.Error(err)
	}
}

// A head has one spelling.
func TestAHeadIsReadAsItWasPrinted(t *testing.T) {
	h := journal.Head{Node: "node-1", Seq: 12, Hash: [32]byte{1}, Sig: [64]byte{2}}
	got, err := journal.ParseHeads(fmt.Sprintf("# kept on Monday\n\n%s\n", h))
	if err != nil || len(got) != 1 || got[0] != h {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", h.String() + " ", "  " + h.String(), strings.Replace(h.String(), "12", "012", 1), strings.Replace(h.String(), "node-1", "../node", 1)} {
		if _, err := journal.ParseHead(bad); !errors.Is(err, journal.ErrHead) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
