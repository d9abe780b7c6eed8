package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// pair is a primary with a synchronous replica.
type pair struct {
	t                *testing.T
	primary, replica *pgtest.Cluster
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{t: t, primary: pgtest.New(t, pgtest.Options{})}
	p.must(p.primary.Exec(t.Context(), "postgres", "CREATE ROLE plain LOGIN", "CREATE DATABASE vault OWNER plain"))
	p.replica = p.primary.Replica(t)
	p.must(p.primary.Synchronous(t.Context()))
	return p
}

func (p *pair) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// url names both servers, as an operator does, for an ordinary role.
func (p *pair) url() string {
	return "postgres://plain@/vault?sslmode=disable&connect_timeout=1&host=" + url.QueryEscape(strings.Join([]string{p.primary.Dir(), p.replica.Dir()}, ","))
}

func (p *pair) open() *store.DB {
	p.t.Helper()
	return storetest.Open(p.t, store.Config{Engine: store.PostgreSQL, URL: p.url(), Migrations: schema(), AutoMigrate: true, MaxConns: 8})
}

// holds wants every acknowledged owner in the database.
func (p *pair) holds(db *store.DB, acknowledged []string) {
	p.t.Helper()
	there := map[string]bool{}
	for _, id := range owners(p.t, db) {
		there[id] = true
	}
	for _, id := range acknowledged {
		if !there[id] {
			p.t.Errorf("%s was acknowledged and is gone", id)
		}
	}
}

// load adds owners from several goroutines, whatever happens, until as many were
// acknowledged after happen returned as before it was called. Every error must say
// that the database is unavailable.
func (p *pair) load(db *store.DB, happen func()) (acknowledged []string) {
	p.t.Helper()
	const before, after = 50, 50
	ctx, stop := context.WithCancel(p.t.Context())
	defer stop()
	ids := make(chan string)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil && i < 1_000_000; i++ {
				id := fmt.Sprintf("%p.%d.%d", ids, w, i)
				err := db.Update(ctx, owner(id))
				if err == nil {
					ids <- id
				} else if !errors.Is(err, store.ErrUnavailable) && ctx.Err() == nil {
					p.t.Errorf("a writer was told: %v", err)
				}
			}
		})
	}
	go func() { all.Wait(); close(ids) }()
	happened := make(chan struct{})
	left := after
	for id := range ids {
		acknowledged = append(acknowledged, id)
		if len(acknowledged) == before {
			go func() { defer close(happened); happen() }()
		}
		select {
		case <-happened:
			if left--; left == 0 {
				stop()
			}
		default:
		}
	}
	return acknowledged
}

// Through a restart in the middle and a failover, every error is one of
// availability, work goes on with the same DB, and nothing acknowledged is lost. The
// old primary is no database any more when it comes back.
func TestNothingAcknowledgedIsLostByAFailover(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	db := p.open()
	acknowledged := p.load(db, func() { p.must(p.primary.Bounce(t.Context())) })
	p.must(p.primary.Synchronous(t.Context())) // the replica is back
	acknowledged = append(acknowledged, p.load(db, func() {
		p.must(errors.Join(p.primary.Kill(), p.replica.Promote(t.Context())))
	})...)
	p.holds(db, acknowledged)
	if e := db.Era(); e.Timeline != 2 {
		t.Errorf("the era is %+v", e)
	}
	p.must(p.primary.Restart(t.Context()))
	p.must(p.primary.Set(t.Context(), map[string]string{"synchronous_standby_names": ""}))
	for range 20 {
		update(t, db, owner(fmt.Sprint("later ", len(acknowledged))))
		acknowledged = append(acknowledged, fmt.Sprint("later ", len(acknowledged)))
	}
	p.must(p.primary.Kill())
	p.holds(db, acknowledged)
}

// A primary that falls silent is given up, also by those who wait for it, and when it
// wakes after its replica was promoted it is not believed: not by connections that
// were open all the time, and not by another process that was told of the promotion.
func TestAPrimaryThatWakesUpReplacedIsNotBelieved(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	db, other := p.open(), p.open()
	update(t, db, owner("before"))
	p.must(p.primary.Freeze())
	for name, begin := range map[string]func(context.Context, store.Work) error{"an update": db.Update, "a view": db.View} {
		if err := begin(t.Context(), owner("frozen "+name)); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s on a frozen server: %v", name, err)
		}
	}
	if err := db.Ping(t.Context()); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("ping on a frozen server: %v", err)
	}
	p.must(p.replica.Promote(t.Context()))
	p.load(db, func() {})
	p.must(p.primary.Thaw())
	p.must(p.primary.Set(t.Context(), map[string]string{"synchronous_standby_names": ""})) // a zombie that answers
	update(t, db, owner("after"))
	p.holds(db, []string{"before", "after"})

	other.Outlive(db.Era())
	p.holds(other, []string{"before", "after"})
	p.must(p.replica.Kill())
	for _, d := range []*store.DB{db, other} {
		// A view that asks for nothing may be told nothing: what counts is that it reads nothing.
		err := d.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			_, err := listOwners(ctx, tx)
			return err
		})
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("with the old primary alone: %v", err)
		}
	}
}

// Nothing tells a process that another server was promoted while its own goes on. Once
// it is told, it leaves that one, with connections that are open and idle.
func TestWhoIsToldOfAPromotionLeavesTheOldPrimary(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	db := p.open()
	p.must(p.primary.Set(t.Context(), map[string]string{"synchronous_standby_names": ""}))
	update(t, db, owner("before"))
	p.must(p.replica.Until(t.Context(), "SELECT pg_last_wal_replay_lsn() >= '"+p.written()+"'", "t"))
	p.must(p.replica.Promote(t.Context()))
	later := storetest.Open(t, store.Config{Engine: store.PostgreSQL, URL: p.replica.URL("vault"), Migrations: schema()})
	update(t, later, owner("after"))
	if got := owners(t, db); len(got) != 1 {
		t.Fatalf("the old primary shows %v", got)
	}
	db.Outlive(later.Era())
	p.holds(db, []string{"before", "after"})
	if db.Era() != later.Era() {
		t.Errorf("the era is %+v", db.Era())
	}
}

// written is how far the primary's log goes.
func (p *pair) written() string {
	p.t.Helper()
	at, err := p.primary.Ask(p.t.Context(), "SELECT pg_current_wal_lsn()")
	p.must(err)
	return at
}

// A commit that waits for its replica is not called off by whoever gives it up: until
// the replica has it, nobody sees it, so nobody acknowledges it. When the replica is
// back, it is there.
func TestWhatTheReplicaDoesNotHaveIsNotSeen(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	db := p.open()
	p.must(p.replica.Freeze())
	result := make(chan error, 1)
	go func() { result <- db.Update(t.Context(), owner("waiting")) }()
	const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
	p.must(p.primary.Until(t.Context(), waiting, "1"))
	p.must(p.primary.Exec(t.Context(), "postgres", "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
	if err := <-result; !errors.Is(err, store.ErrUncertain) {
		t.Errorf("a commit that the operator called off: %v", err)
	}
	store.GiveUpCommits(db)
	if err := db.Update(t.Context(), owner("given up")); !errors.Is(err, store.ErrUncertain) {
		t.Errorf("a commit that was given up: %v", err)
	}
	if got := owners(t, db); len(got) != 1 {
		t.Errorf("without the replica there is %v", got)
	}
	p.must(p.replica.Thaw())
	p.must(p.primary.Until(t.Context(), waiting, "0"))
	p.holds(db, []string{"given up"})
}

// A replica alone is no database: it would show the past.
func TestAReplicaAloneIsUnavailable(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.open()
	cfg := store.Config{Engine: store.PostgreSQL, URL: p.replica.URL("vault"), Migrations: schema()}
	if err := try(t, cfg); !errors.Is(err, store.ErrUnavailable) || !contains(err, "takes no writes") {
		t.Fatalf("opening: %v", err)
	}
}
