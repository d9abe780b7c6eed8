package trust_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/trust"
	"github.com/relatingfield/vault/migrations"
)

const (
	rounds  = 12
	readers = 3 // on each node, reading in a row until they are refused
	reads   = 6
)

// node is one more process on the same database: other connections, other gate.
func (s *scene) node(db *store.DB) *scene {
	w := *s.World
	w.Grants = &grant.Grants{DB: db, Payloads: w.Payloads, Ledger: w.Ledger, Keys: s.Grants.Keys, Reader: s.Grants.Reader, PerTestimony: 100,
		Now: s.Grants.Now, Tick: s.Grants.Tick, Rand: s.Grants.Rand, Log: s.Grants.Log}
	w.Trust = &trust.Policies{DB: db, Ledger: w.Ledger, Keys: s.Trust.Keys, Reading: trust.Reading{State: w.Grants.State, SettleSilence: w.Grants.SettleSilence}, Now: s.Trust.Now}
	w.Grants.Policy, w.Grants.Rely = w.Trust.Standing, w.Trust.Rely
	other := *s
	other.World = &w
	return &other
}

// asked is how many transactions have relied on her silence so far, read in tx.
func (s *scene) asked(ctx context.Context, tx store.Tx) (n int64, err error) {
	err = tx.QueryRowContext(ctx, "SELECT asked FROM chains WHERE iss = $1", string(s.Her.ID)).Scan(&n)
	return n, err
}

// race lets readers open on all nodes and has her check in on the last one as soon
// as somebody is in. It says
// how many openings had been recorded when the check-in committed, and how many in
// the end: her act and every opening write one row, and whoever holds it to commit
// has seen all who came before.
func (s *scene) race(g id.ID, nodes ...*scene) (before, after, opened int64) {
	s.t.Helper()
	check := s.Her.Sign(statement.CheckIn{}).Compact()
	in := make(chan struct{})
	var first sync.Once
	var count atomic.Int64
	var all sync.WaitGroup
	for _, n := range nodes {
		for range readers {
			all.Go(func() { count.Add(n.readUntilRefused(g, func() { first.Do(func() { close(in) }) })) })
		}
	}
	all.Go(func() {
		<-in
		keep := func(ctx context.Context, tx store.Tx, _ ...ledger.Accepted) (err error) {
			before, err = s.asked(ctx, tx)
			return err
		}
		if _, err := nodes[len(nodes)-1].Trust.CheckIn(s.t.Context(), s.Her.Caller, check, keep); err != nil {
			s.t.Errorf("check-in: %v", err)
		}
	})
	all.Wait()
	s.View(func(ctx context.Context, tx store.Tx) (err error) {
		after, err = s.asked(ctx, tx)
		return err
	})
	return before, after, count.Load()
}

// readUntilRefused calls in after each opening.
func (s *scene) readUntilRefused(g id.ID, in func()) (n int64) {
	for range reads {
		switch _, err := s.Read(s.Reader, g, 1); {
		case errors.Is(err, grant.ErrNotFound):
			return n
		case errors.Is(err, grant.ErrCut):
			n++ // recorded, and then cut
			in()
		case err != nil:
			s.t.Errorf("reading: %v", err)
			return n
		default:
			n++
			in()
		}
	}
	return n
}

func (s *scene) races(nodes ...*scene) {
	s.t.Helper()
	g := s.GrantUnder(s.Set(s.tid, silent()), s.parts)
	base := int64(0)
	for round := range rounds {
		s.at(releaseAt(silent(), s.today()))
		before, after, opened := s.race(g, nodes...)
		if before != after {
			s.t.Errorf("round %d: %d openings were recorded after her check-in was accepted", round, after-before)
		}
		if opened != after-base {
			s.t.Errorf("round %d: %d openings went through, %d were recorded", round, opened, after-base)
		}
		base = after
		s.closed("after the check-in", g)
	}
}

// In any race between readers and her check-in, the openings that were recorded
// came before it.
func TestNoOpeningIsRecordedAfterACheckIn(t *testing.T) {
	each(t, func(_ *testing.T, s *scene) { s.races(s) })
}

// So it is on two nodes over one database.
func TestNoOpeningIsRecordedAfterACheckInOnAnotherNode(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, migrations.Files)
	s := newScene(t, storetest.Open(t, cfg))
	s.races(s, s.node(storetest.Open(t, cfg)))
}

// Votes, too, have an order with her check-in: none is taken after it.
func TestNoVoteIsTakenAfterACheckIn(t *testing.T) {
	cfg := storetest.Fresh(t, store.PostgreSQL, migrations.Files)
	s := newScene(t, storetest.Open(t, cfg))
	other := s.node(storetest.Open(t, cfg))
	terms := silent()
	terms.Threshold = 2
	p := s.Set(s.tid, terms, s.trustees...)
	g := s.GrantUnder(p, s.parts)
	for range rounds {
		s.at(releaseAt(terms, s.today()))
		check := s.Her.Sign(statement.CheckIn{}).Compact()
		start := make(chan struct{})
		var all sync.WaitGroup
		for i := range p.Trustees {
			all.Go(func() {
				<-start
				if err := s.Vote(p, i); err != nil && !errors.Is(err, trust.ErrNotNow) {
					t.Errorf("vote: %v", err)
				}
			})
		}
		var before, after int64
		all.Go(func() {
			<-start
			keep := func(ctx context.Context, tx store.Tx, _ ...ledger.Accepted) (err error) {
				before, err = s.asked(ctx, tx)
				return err
			}
			if _, err := other.Trust.CheckIn(t.Context(), s.Her.Caller, check, keep); err != nil {
				t.Errorf("check-in: %v", err)
			}
		})
		close(start)
		all.Wait()
		s.View(func(ctx context.Context, tx store.Tx) (err error) {
			after, err = s.asked(ctx, tx)
			return err
		})
		if before != after {
			t.Errorf("%d votes were taken after her check-in was accepted", after-before)
		}
		s.closed("after the check-in", g)
	}
}
