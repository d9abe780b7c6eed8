package grant_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// limited is a grant on parts that may be read so often, each.
func limited(w *testimonytest.World, tid id.ID, parts sealedParts, maxReads int64) id.ID {
	w.T.Helper()
	body, headers := w.GrantBody(tid, parts)
	body.MaxReads = maxReads
	g, _, err := w.Grants.Grant(w.T.Context(), w.Her.Caller, tid, w.Her.Sign(body).Compact(), headers, nil)
	if err != nil {
		w.T.Fatal(err)
	}
	return g
}

// state is how her first grant on the testimony stands, for her and its reader.
func state(w *testimonytest.World, tid, g id.ID) release.State {
	w.T.Helper()
	list, err := w.Grants.List(w.T.Context(), w.Her.Caller, tid, 0, 10)
	if err != nil || len(list) != 1 {
		w.T.Fatalf("%v, %d grants", err, len(list))
	}
	got, err := w.Grants.Receive(w.T.Context(), w.Reader.Caller, g)
	if err != nil || got.State != list[0].State {
		w.T.Errorf("to the reader it is %s (%v), to her %s", got.State, err, list[0].State)
	}
	return list[0].State
}

// A read is a session of a day: ranges inside it count once, a second later is
// another read, and when all are used there is nothing here.
func TestReadsAreCountedBySession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := limited(w, tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))}, 2)
		for _, c := range []struct {
			after  time.Duration // since the step before
			read   error
			before release.State
		}{
			{0, nil, release.Live},
			{grant.Session - time.Second, nil, release.Live},             // the first session
			{time.Second, nil, release.Live},                             // the second
			{time.Second, nil, release.Live},                             // no read is left, but this one goes on
			{grant.Session - 2*time.Second, nil, release.Live},           // to its last second
			{time.Second, grant.ErrNotFound, release.UsedUp},             // and not beyond it
			{200 * 24 * time.Hour, grant.ErrNotFound, release.UsedUp},    // time does not give reads back
			{200 * 24 * time.Hour, grant.ErrNotFound, release.State("")}, // it has ended
		} {
			w.Clock.Forward(c.after)
			if c.before != "" {
				if got := state(w, tid, g); got != c.before {
					t.Errorf("%s later it is %s, want %s", c.after, got, c.before)
				}
			}
			if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, c.read) {
				t.Errorf("%s later: %v, want %v", c.after, err, c.read)
			}
		}
	})
}

// Each part is counted for itself; the grant is used up when all of them are.
func TestEachPartHasItsOwnReads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := limited(w, tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text")), 2: w.Add(w.Her, tid, 2, []byte("more"))}, 1)
		for n := int64(1); n <= 2; n++ {
			if _, err := w.Read(w.Reader, g, n); err != nil {
				t.Errorf("part %d: %v", n, err)
			}
			w.Clock.Forward(grant.Session)
			if _, err := w.Read(w.Reader, g, n); !errors.Is(err, grant.ErrNotFound) {
				t.Errorf("part %d again: %v, want ErrNotFound", n, err)
			}
			if got, want := state(w, tid, g), []release.State{release.Live, release.UsedUp}[n-1]; got != want {
				t.Errorf("after part %d it is %s, want %s", n, got, want)
			}
		}
	})
}

// race lets many goroutines open the part through all nodes at once and counts
// who got the header.
func race(t *testing.T, w *testimonytest.World, nodes []*grant.Grants, g id.ID) int64 {
	t.Helper()
	const tries = 24
	var headers atomic.Int64
	var all sync.WaitGroup
	start := make(chan struct{})
	for i := range tries {
		node := nodes[i%len(nodes)]
		all.Go(func() {
			<-start
			o, err := node.Open(t.Context(), w.Reader.Caller, g, 1, testimonytest.Whole)
			if err != nil {
				// A database that was asked too much at once may refuse: nothing left then.
				if !errors.Is(err, grant.ErrNotFound) && !errors.Is(err, store.ErrUnavailable) {
					t.Errorf("an opening failed with %v", err)
				}
				return
			}
			headers.Add(1)
			line, _ := testimonytest.Line()
			if err := o.Send(context.WithoutCancel(t.Context()), io.Discard, line); err != nil {
				t.Errorf("sending failed with %v", err)
			}
		})
	}
	close(start)
	all.Wait()
	return headers.Load()
}

// opened counts the openings in her feed.
func opened(w *testimonytest.World, tid id.ID) (n int64) {
	w.T.Helper()
	events, _, err := w.Feed.Read(w.T.Context(), w.Her.ID, tid, 0, 1000)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == custody.Opened {
			n++
		}
	}
	return n
}

// node is one more node over the database of a world.
func node(w *testimonytest.World, db *store.DB) *grant.Grants {
	return &grant.Grants{DB: db, Payloads: w.Payloads, Ledger: w.Ledger, Keys: w.Grants.Keys, Reader: w.Grants.Reader, PerTestimony: w.Grants.PerTestimony,
		Now: w.Clock.Now, Tick: time.Now, Rand: w.Grants.Rand, Log: w.Grants.Log}
}

// However many ask at the same moment, a day has one session and each session is
// one read, so never more headers leave than sessions were allowed: the reads of
// a part are no more than its maximum, and her feed has each of them.
func TestNoRaceExceedsTheReads(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (*store.DB, *store.DB){
		"sqlite": func(t *testing.T) (*store.DB, *store.DB) {
			db := storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files))
			return db, db // one process serves the file
		},
		"two nodes on postgres": func(t *testing.T) (*store.DB, *store.DB) {
			cfg := storetest.Fresh(t, store.PostgreSQL, migrations.Files)
			return storetest.Open(t, cfg), storetest.Open(t, cfg)
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := open(t)
			w := testimonytest.New(t, a)
			tid := w.Create(w.Her)
			const most = 3
			g := limited(w, tid, sealedParts{1: w.Add(w.Her, tid, 1, []byte("text"))}, most)
			nodes := []*grant.Grants{w.Grants, node(w, b)}
			for day := range int64(most + 2) {
				got, reads := race(t, w, nodes, g), opened(w, tid)
				if day < most && (got == 0 || reads != day+1) || day >= most && (got != 0 || reads != most) {
					t.Errorf("day %d: %d got the header, her feed has %d readings", day+1, got, reads)
				}
				w.Clock.Forward(grant.Session)
			}
		})
	}
}

// A part that was locked anew is another file, and another read.
func TestARelockedPartIsAnotherRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one := w.Add(w.Her, tid, 1, []byte("text"))
		g := limited(w, tid, sealedParts{1: one}, 1)
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		relock(w, tid, g, one)
		if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("a second read of one: %v", err)
		}
		if got := state(w, tid, g); got != release.UsedUp {
			t.Errorf("it is %s", got)
		}
	})
}

// relock seals part 1 anew and carries the one grant over.
func relock(w *testimonytest.World, tid, g id.ID, old testimonytest.Sealed) {
	w.T.Helper()
	anew := w.Seal([]byte("text"), w.Her.Recipient)
	w.Upload(w.Her, tid, 1, anew)
	b, header := anew.Binding(), w.Head(anew.Key, w.Reader.Recipient)
	body := statement.Relock{Testimony: tid, N: 1, OldPayloadSHA256: old.Binding().PayloadSHA256, Length: b.Length, PayloadSHA256: b.PayloadSHA256,
		Commit: b.Commit, HeaderSHA256: b.HeaderSHA256, Grants: []statement.RelockedGrant{{Grant: g, HeaderSHA256: testimonytest.Sum(header)}}}
	_, err := w.Vault.Relock(w.T.Context(), w.Her.Caller, testimony.Relocking{Testimony: tid, Statement: w.Her.Sign(body).Compact(),
		Header: anew.Header, Headers: []grant.Carried{{Grant: g, Header: header}}}, nil)
	if err != nil {
		w.T.Fatal(err)
	}
}
