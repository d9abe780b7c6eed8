package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// each runs f on both engines with the schema of these tests.
func each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.EachWith(t, schema(), f)
}

func exec(query string, args ...any) store.Work {
	return func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}
}

func update(t *testing.T, db *store.DB, works ...store.Work) {
	t.Helper()
	for _, w := range works {
		if err := db.Update(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
}

// owners lists the committed owners.
func owners(t *testing.T, db *store.DB) (ids []string) {
	t.Helper()
	err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		ids, err = listOwners(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func listOwners(ctx context.Context, tx store.Tx) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT id FROM owners ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// What an Update commits a later View sees; of a failed one nothing is left.
func TestUpdateKeepsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("a"))
		reason := errors.New("changed my mind")
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			if err := owner("b")(ctx, tx); err != nil {
				return err
			}
			return fmt.Errorf("act: %w", reason)
		})
		if !errors.Is(err, reason) {
			t.Fatalf("Update returned %v", err)
		}
		if got := owners(t, db); !slices.Equal(got, []string{"a"}) {
			t.Fatalf("owners are %v", got)
		}
	})
}

// The same mistake has the same class on both engines, whether it shows in a
// statement or in the scanning of a row, and the class is found through wrapping.
func TestErrorsAreToldByTheirCode(t *testing.T) {
	row := func(query string, args ...any) store.Work {
		return func(ctx context.Context, tx store.Tx) error {
			var id string
			if err := tx.QueryRowContext(ctx, query, args...).Scan(&id); err != nil {
				return fmt.Errorf("act: %w", err)
			}
			return nil
		}
	}
	const insert = "INSERT INTO items (id, owner, n, body) VALUES ($1, $2, $3, $4)"
	cases := []struct {
		name string
		do   store.Work
		want error
	}{
		{"key twice", owner("she"), store.ErrConflict},
		{"key twice, returning", row("INSERT INTO owners (id) VALUES ($1) RETURNING id", "she"), store.ErrConflict},
		{"no such owner", exec(insert, "i", "nobody", 1, nil), store.ErrReference},
		{"owner still referred to", exec("DELETE FROM owners WHERE id = $1", "she"), store.ErrReference},
		{"against a check", exec(insert, "i", "she", -1, nil), store.ErrCheck},
		{"null where none may be", exec(insert, "i", nil, 1, nil), store.ErrCheck},
		{"against a trigger", exec("DELETE FROM items WHERE id = $1", "seven"), store.ErrCheck},
		{"reference checked at the end", exec("INSERT INTO late (owner) VALUES ($1)", "nobody"), store.ErrReference},
	}
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("she"), exec(insert, "seven", "she", 7, []byte("x")))
		for _, c := range cases {
			err := db.Update(t.Context(), c.do)
			for _, class := range []error{store.ErrConflict, store.ErrReference, store.ErrCheck, store.ErrUnavailable, store.ErrUncertain} {
				if errors.Is(err, class) != (class == c.want) {
					t.Errorf("%s: %v", c.name, err)
				}
			}
		}
	})
}

// A View reads one snapshot: what is committed meanwhile does not show.
func TestViewSeesOneSnapshot(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("a"))
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			before, err := listOwners(ctx, tx)
			if err != nil {
				return err
			}
			update(t, db, exec("INSERT INTO owners (id) VALUES ('b') ON CONFLICT DO NOTHING"))
			after, err := listOwners(ctx, tx)
			if !slices.Equal(before, after) {
				t.Errorf("first %v, then %v", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := owners(t, db); len(got) != 2 {
			t.Fatalf("owners are %v", got)
		}
	})
}

// A View cannot write, whatever statement it uses.
func TestViewCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, q := range []string{"INSERT INTO owners (id) VALUES ('a')", "DELETE FROM owners", "DROP TABLE items", "CREATE TABLE x (n BIGINT)"} {
			if err := db.View(t.Context(), exec(q)); err == nil {
				t.Errorf("%s succeeded in a View", q)
			}
		}
		update(t, db, owner("a"))
	})
}

// Concurrent closures that read before they write do not lose each other's work.
func TestUpdatesHappenOneAfterTheOther(t *testing.T) {
	const writers, times = 8, 10
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("she"), exec("INSERT INTO items (id, owner, n) VALUES ('i', 'she', 0)"))
		count := func(ctx context.Context, tx store.Tx) error {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT n FROM items WHERE id = 'i'").Scan(&n); err != nil {
				return err
			}
			return exec("UPDATE items SET n = $1 WHERE id = 'i'", n+1)(ctx, tx)
		}
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range times {
					err := store.ErrUnavailable
					for try := 0; errors.Is(err, store.ErrUnavailable) && try < 100; try++ {
						err = db.Update(t.Context(), count)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT n FROM items WHERE id = 'i'").Scan(&n)
		})
		if err != nil || n != writers*times {
			t.Fatalf("counted to %d of %d: %v", n, writers*times, err)
		}
	})
}

// Two closures that each check what the other changes cannot both go through
// (write skew).
func TestUpdateIsSerializable(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("a"), owner("b"))
		// At least one owner must stay; each of two removes the other's row
		// when it sees two. They meet in the middle where the engine lets them.
		var ready sync.WaitGroup
		ready.Add(2)
		remove := func(id string) error {
			first := true
			return db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				ids, err := listOwners(ctx, tx)
				if first && db.Engine() == store.PostgreSQL {
					ready.Done()
					ready.Wait()
				}
				first = false
				if err != nil || len(ids) < 2 {
					return err
				}
				return exec("DELETE FROM owners WHERE id = $1", id)(ctx, tx)
			})
		}
		var wg sync.WaitGroup
		for _, id := range []string{"a", "b"} {
			wg.Go(func() {
				if err := remove(id); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := owners(t, db); len(got) != 1 {
			t.Fatalf("owners are %v", got)
		}
	})
}

// After a failed statement nothing more happens in the transaction, also when
// the closure keeps the error to itself.
func TestAFailedStatementEndsTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, owner("a"))
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			_ = owner("b")(ctx, tx)
			_ = owner("a")(ctx, tx) // fails
			if err := owner("c")(ctx, tx); !errors.Is(err, store.ErrTxOver) || !errors.Is(err, store.ErrConflict) {
				t.Errorf("a statement after a failed one: %v", err)
			}
			if _, err := listOwners(ctx, tx); !errors.Is(err, store.ErrTxOver) {
				t.Errorf("a query after a failed statement: %v", err)
			}
			if err := tx.QueryRowContext(ctx, "SELECT 1").Scan(new(int)); !errors.Is(err, store.ErrTxOver) {
				t.Errorf("a row after a failed statement: %v", err)
			}
			return nil
		})
		if !errors.Is(err, store.ErrConflict) {
			t.Fatalf("Update returned %v", err)
		}
		if got := owners(t, db); !slices.Equal(got, []string{"a"}) {
			t.Fatalf("owners are %v", got)
		}
	})
}

// A transaction is of no use after its closure, and none begins inside another.
func TestTransactionsDoNotLeak(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var kept store.Tx
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			kept = tx
			derived, cancel := context.WithCancel(ctx)
			defer cancel()
			for _, begin := range []func(context.Context, store.Work) error{db.Update, db.View} {
				if err := begin(derived, owner("x")); !errors.Is(err, store.ErrNested) {
					t.Errorf("a transaction inside another: %v", err)
				}
			}
			return nil
		})
		if err := owner("a")(t.Context(), kept); !errors.Is(err, store.ErrTxOver) {
			t.Errorf("a statement after the closure: %v", err)
		}
		if _, err := kept.PrepareContext(t.Context(), "SELECT 1"); !errors.Is(err, store.ErrTxOver) {
			t.Errorf("a preparation after the closure: %v", err)
		}
		if got := owners(t, db); len(got) != 0 {
			t.Fatalf("owners are %v", got)
		}
	})
}

// A caller who has gone before its turn changes nothing; one who goes in the
// middle loses what it did, and nobody else anything.
func TestACancelledCallerLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for _, begin := range []func(context.Context, store.Work) error{db.Update, db.View} {
			if err := begin(gone, func(context.Context, store.Tx) error { t.Error("the closure ran"); return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("after the caller has gone: %v", err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := owner("a")(ctx, tx); err != nil {
				return err
			}
			cancel()
			_ = owner("b")(ctx, tx)
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("gone in the middle: %v", err)
		}
		update(t, db, owner("c"))
		if got := owners(t, db); !slices.Equal(got, []string{"c"}) {
			t.Fatalf("owners are %v", got)
		}
	})
}

// The values that domains store come back as they went in.
func TestValuesRoundTrip(t *testing.T) {
	text := "صوتي · голос · \x00 ' \" $1 ; --"
	each(t, func(t *testing.T, db *store.DB) {
		if db.Engine() == store.PostgreSQL {
			text = strings.ReplaceAll(text, "\x00", "") // PostgreSQL has no such character
		}
		body := []byte("123\x00\xff")
		update(t, db, owner(text), exec("INSERT INTO items (id, owner, n, body) VALUES ($2, $1, $4, $3)", text, "i", body, int64(1)<<62))
		update(t, db, exec("INSERT INTO items (id, owner, n, body) VALUES ('empty', $1, 0, $2)", text, []byte{}))
		var owner string
		var n int64
		var got, empty []byte
		err := db.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			err := tx.QueryRowContext(ctx, "SELECT owner, n, body FROM items WHERE id = $1", "i").Scan(&owner, &n, &got)
			if err != nil {
				return err
			}
			return tx.QueryRowContext(ctx, "SELECT body FROM items WHERE body = $1", []byte{}).Scan(&empty)
		})
		if err != nil || owner != text || n != int64(1)<<62 || string(got) != string(body) || len(empty) != 0 {
			t.Fatalf("%q %d %q %q: %v", owner, n, got, empty, err)
		}
	})
}

// A closed database answers everybody with ErrUnavailable.
func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 2 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for name, err := range map[string]error{
			"Update": db.Update(t.Context(), owner("a")),
			"View":   db.View(t.Context(), owner("a")),
			"Scrub":  db.Scrub(t.Context(), "owners"),
			"Ping":   db.Ping(t.Context()),
		} {
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// The database measures itself, and more data is more bytes.
func TestDiskBytesGrow(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		before, err := db.DiskBytes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		update(t, db, owner("she"), exec("INSERT INTO items (id, owner, n, body) VALUES ('i', 'she', 0, $1)", random(1<<20)))
		after, err := db.DiskBytes(t.Context())
		if err != nil || before <= 0 || after < before+1<<20 {
			t.Fatalf("%d bytes, then %d: %v", before, after, err)
		}
		if err := db.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
