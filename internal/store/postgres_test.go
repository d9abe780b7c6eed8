package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// A server that may forget what it has committed is refused, unless forgetting
// is accepted.
func TestAForgetfulServerIsRefused(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, schema())
	cfg.Volatile = false
	if err := try(t, cfg); err == nil || !contains(err, "fsync = off") {
		t.Fatalf("opening: %v", err)
	}
}

// While the server is down callers learn that it is; when it is back the same
// DB works again, and what was acknowledged is there.
func TestACrashedServerIsFoundAgain(t *testing.T) {
	t.Parallel()
	c := pgtest.New(t, pgtest.Options{})
	db := storetest.Open(t, store.Config{Engine: store.PostgreSQL, URL: c.URL("postgres"), Migrations: schema(), AutoMigrate: true, MaxConns: 4})
	for round := range 3 {
		acknowledged := underFire(t, db, c, round)
		if err := db.Update(t.Context(), owner("nobody")); !errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrUncertain) {
			t.Errorf("while the server is down: %v", err)
		}
		if err := db.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("while the server is down: %v", err)
		}
		if err := c.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, id := range owners(t, db) {
			there[id] = true
		}
		for _, id := range acknowledged {
			if !there[id] {
				t.Errorf("%s was acknowledged and is gone", id)
			}
		}
	}
}

// underFire adds owners from several goroutines until the server, which is
// killed among them, does not take them any more, and returns the acknowledged.
func underFire(t *testing.T, db *store.DB, c *pgtest.Cluster, round int) (acknowledged []string) {
	t.Helper()
	ids := make(chan string)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			var err error
			for i := 0; err == nil && i < 100_000; i++ {
				id := fmt.Sprintf("%d.%d.%d", round, w, i)
				if err = db.Update(t.Context(), owner(id)); err == nil {
					ids <- id
				}
			}
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("a writer ended with: %v", err)
			}
		})
	}
	go func() { wg.Wait(); close(ids) }()
	for id := range ids {
		acknowledged = append(acknowledged, id)
		if len(acknowledged) == 30 {
			if err := c.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	return acknowledged
}

// When the answer to a commit is lost, the caller is told that nobody knows, and
// the closure is not run again: it may have been done (failed, but done) or not
// (failed, not done).
func TestALostAnswerIsUncertain(t *testing.T) {
	c := pgtest.New(t, pgtest.Options{TCP: true})
	net := between(t, c.Addr())
	db := storetest.Open(t, store.Config{Engine: store.PostgreSQL, Migrations: schema(), AutoMigrate: true, MaxConns: 2,
		URL: "postgres://vault@" + net.l.Addr().String() + "/postgres?sslmode=disable"})
	for _, pair := range []struct {
		mode int32
		name string
		want int
	}{{swallow, "not done", 0}, {deafen, "done", 1}} {
		runs := 0
		net.mode.Store(pair.mode)
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			runs++
			return owner(pair.name)(ctx, tx)
		})
		net.mode.Store(pass)
		if !errors.Is(err, store.ErrUncertain) || !errors.Is(err, store.ErrUnavailable) || runs != 1 {
			t.Errorf("%s: after %d runs: %v", pair.name, runs, err)
		}
		query := fmt.Sprintf("SELECT count(*) FROM owners WHERE id = '%s'", pair.name)
		if got := count(t, db, query); got != pair.want {
			t.Errorf("%s: %d rows are there", pair.name, got)
		}
	}
}

// A commit that is cancelled after it was sent is waited for: the answer is true.
func TestACallerWhoGoesDuringTheCommitIsStillAnswered(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			defer cancel()
			return owner("a")(ctx, tx)
		})
		if err != nil || len(owners(t, db)) != 1 {
			t.Fatalf("answered %v, %d rows", err, len(owners(t, db)))
		}
	})
}

// The driver keeps its prepared statements beneath database/sql.
func TestStatementsArePreparedOnce(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, schema())
	cfg.MaxConns = 1
	db := storetest.Open(t, cfg)
	for i := range 3 {
		update(t, db, owner(fmt.Sprint(i)))
	}
	if n := count(t, db, "SELECT count(*) FROM pg_prepared_statements WHERE position('INSERT INTO owners' in statement) = 1"); n != 1 {
		t.Fatalf("%d prepared statements", n)
	}
}

// A panic in a closure rolls back, gives the connection back and goes on to the
// caller.
func TestAPanicGivesTheConnectionBack(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, schema())
	cfg.MaxConns = 1
	db := storetest.Open(t, cfg)
	for _, begin := range []func(context.Context, store.Work) error{db.Update, db.View, db.Update} {
		func() {
			defer func() {
				if p := recover(); p != "at the disco" {
					t.Errorf("recovered %v", p)
				}
			}()
			_ = begin(t.Context(), func(ctx context.Context, tx store.Tx) error {
				_ = owner("a")(ctx, tx)
				panic("at the disco")
			})
		}()
	}
	if got := owners(t, db); len(got) != 0 {
		t.Fatalf("owners are %v", got)
	}
}

// An address where nobody listens is unavailable, at once.
func TestNoServerIsUnavailable(t *testing.T) {
	cfg := store.Config{Engine: store.PostgreSQL, URL: "postgres://vault@/x?sslmode=disable&host=" + t.TempDir(), Migrations: schema()}
	if _, err := store.Open(t.Context(), cfg, slog.New(slog.DiscardHandler)); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("opening: %v", err)
	}
}
