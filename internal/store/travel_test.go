package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/store"
)

// later is a work that puts its statement off.
func later(query string, args ...any) store.Work {
	return func(ctx context.Context, tx store.Tx) error {
		_, err := store.Later(tx).ExecContext(ctx, query, args...)
		return err
	}
}

const (
	insertOwner = "INSERT INTO owners (id) VALUES ($1)"
	insertItem  = "INSERT INTO items (id, owner, n) VALUES ($1, $2, $3)"
	raiseItem   = "UPDATE items SET n = n + 1 WHERE id = $1"
	countItem   = "SELECT n FROM items WHERE id = $1"
)

// What was put off is done, in its order, before what is asked next and before the
// commit.
func TestWhatIsPutOffIsDoneBeforeWhatIsAskedNext(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			if err := later(insertOwner, "a")(ctx, tx); err != nil {
				return err
			}
			if err := errors.Join(later(insertItem, "i", "a", 1)(ctx, tx), later(raiseItem, "i")(ctx, tx)); err != nil {
				return err
			}
			var n int64
			if err := tx.QueryRowContext(ctx, countItem, "i").Scan(&n); err != nil || n != 2 {
				t.Errorf("n is %d, %v; want 2", n, err)
			}
			return later(insertOwner, "c")(ctx, tx)
		})
		if got := owners(t, db); !slices.Equal(got, []string{"a", "c"}) {
			t.Errorf("owners %v", got)
		}
	})
}

// A write that was put off and fails takes the whole transaction back, with its
// class, whether or not anything is asked after it, and the connection is good for
// the next one.
func TestAWriteThatWasPutOffTakesTheTransactionBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, exec(insertOwner, "a"))
		for name, rest := range map[string]store.Work{
			"at the commit": func(context.Context, store.Tx) error { return nil },
			"at a question": exec(raiseItem, "i"),
		} {
			for range 3 {
				err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
					if err := errors.Join(later(insertOwner, "b")(ctx, tx), later(insertOwner, "a")(ctx, tx)); err != nil {
						return err
					}
					return rest(ctx, tx)
				})
				if !errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrUncertain) {
					t.Errorf("%s: %v, want a conflict", name, err)
				}
			}
		}
		if got := owners(t, db); !slices.Equal(got, []string{"a"}) {
			t.Errorf("owners %v", got)
		}
	})
}

// What a write that was put off has done is not known, on either engine.
func TestAWriteThatWasPutOffSaysNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			r, err := store.Later(tx).ExecContext(ctx, insertOwner, "a")
			if err != nil {
				return err
			}
			if n, err := r.RowsAffected(); err == nil {
				t.Errorf("%d rows", n)
			}
			return nil
		})
	})
}

// Works that run together each see their own statements' answers, whatever the
// others ask, and all of it is kept.
func TestWorksRunTogether(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const works = 5
		got := make([]int64, works)
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			var list []store.Work
			for i := range works {
				list = append(list, func(ctx context.Context, tx store.Tx) error {
					id := fmt.Sprint(i)
					if err := errors.Join(later(insertOwner, id)(ctx, tx), later(insertItem, id, id, 10*i)(ctx, tx)); err != nil {
						return err
					}
					for range i { // some ask more than others
						if err := exec(raiseItem, id)(ctx, tx); err != nil {
							return err
						}
					}
					return tx.QueryRowContext(ctx, countItem, id).Scan(&got[i])
				})
			}
			return store.Together(ctx, tx, append(list, later(insertOwner, "last"))...)
		})
		if !slices.Equal(got, []int64{0, 11, 22, 33, 44}) {
			t.Errorf("counts %v", got)
		}
		if got := owners(t, db); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "last"}) {
			t.Errorf("owners %v", got)
		}
	})
}

// Of works that run together the first in order that fails is the one whose error
// counts, and nothing is kept.
func TestTheFirstOfThoseTogetherThatFailsCounts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		first, second := errors.New("first"), errors.New("second")
		ask := func(ctx context.Context, tx store.Tx) error {
			var n int64
			return tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM owners").Scan(&n)
		}
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return store.Together(ctx, tx,
				exec(insertOwner, "a"),
				func(ctx context.Context, tx store.Tx) error {
					return errors.Join(ask(ctx, tx), ask(ctx, tx), first) // the last to fail
				},
				func(context.Context, store.Tx) error { return second })
		})
		if !errors.Is(err, first) || errors.Is(err, second) {
			t.Errorf("%v, want the first", err)
		}
		err = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return store.Together(ctx, tx, ask, exec(insertItem, "i", "a", -1), ask)
		})
		if !errors.Is(err, store.ErrCheck) {
			t.Errorf("a refused row: %v", err)
		}
		if got := owners(t, db); len(got) > 0 {
			t.Errorf("owners %v", got)
		}
	})
}

// A panic in one of several works is the caller's.
func TestAPanicTogetherIsTheCallers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if p := recover(); p != "here" {
					t.Errorf("recovered %v", p)
				}
			}()
			_ = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return store.Together(ctx, tx, exec(insertOwner, "a"), func(context.Context, store.Tx) error { panic("here") })
			})
		}()
		update(t, db, exec(insertOwner, "b"))
		if got := owners(t, db); !slices.Equal(got, []string{"b"}) {
			t.Errorf("owners %v", got)
		}
	})
}

// A commit waits for what has to come before it. Where that fails the transaction is
// taken back; where it is worth it, it is tried again.
func TestACommitWaitsForWhatComesBefore(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		done, ready := false, make(chan struct{})
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			store.Before(tx, func() error { <-ready; done = true; return nil })
			store.AtEnd(tx, func(err error) {
				if err != nil || !done {
					t.Errorf("ended with %v before it was done", err)
				}
			})
			close(ready)
			return exec(insertOwner, "a")(ctx, tx)
		})
		full, runs := errors.New("full"), 0
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			store.Before(tx, func() error { return full })
			return exec(insertOwner, "b")(ctx, tx)
		})
		if !errors.Is(err, full) {
			t.Errorf("%v, want the waiting's own error", err)
		}
		update(t, db, func(ctx context.Context, tx store.Tx) error {
			runs++
			if runs == 1 {
				store.Before(tx, func() error { return store.Again(full) })
			}
			return exec(insertOwner, "c")(ctx, tx)
		})
		if got := owners(t, db); !slices.Equal(got, []string{"a", "c"}) || runs != 2 {
			t.Errorf("owners %v after %d runs", got, runs)
		}
	})
}

// Those who share a transaction with one whose waiting fails run again: it fails
// alone.
func TestTheWaitingOfOneFailsAlone(t *testing.T) {
	db := open(t)
	full := errors.New("full")
	errs := together(t, db,
		exec(insertOwner, "a"),
		func(ctx context.Context, tx store.Tx) error {
			store.Before(tx, func() error { return full })
			return exec(insertOwner, "b")(ctx, tx)
		},
		exec(insertOwner, "c"))
	if errs[0] != nil || !errors.Is(errs[1], full) || errs[2] != nil {
		t.Errorf("%v", errs)
	}
	if got := owners(t, db); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("owners %v", got)
	}
}
