package custody_test

import (
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Every act stands in the feed once, in order; hers with the day only, a
// reader's with the second.
func TestTheFeedTellsEveryActInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		one := w.Add(w.Her, tid, 1, []byte("text"))
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: one})
		w.Clock.Forward(time.Hour)
		if _, err := w.Read(w.Reader, g, 1); err != nil {
			t.Fatal(err)
		}
		opened := w.Clock.Now().Unix()
		w.Revoke(tid, g)
		events, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		want := []custody.Kind{custody.Created, custody.Added, custody.Granted, custody.Opened, custody.Revoked}
		if len(events) != len(want) {
			t.Fatalf("%d events, want %d", len(events), len(want))
		}
		for i, e := range events {
			if e.Kind != want[i] || e.Seq != int64(i+1) {
				t.Errorf("event %d: %s with seq %d, want %s", i+1, e.Kind, e.Seq, want[i])
			}
			if e.Kind == custody.Opened && e.At != opened || e.Kind != custody.Opened && e.At%statement.Day != 0 {
				t.Errorf("%s at %d", e.Kind, e.At)
			}
		}
		page, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 3, 1)
		if err != nil || len(page) != 1 || page[0].Kind != custody.Opened {
			t.Errorf("the page behind 3: %v, %+v", err, page)
		}
		if _, _, err := w.Feed.Read(t.Context(), w.Reader.ID, tid, 0, 1); !errors.Is(err, custody.ErrNotFound) {
			t.Errorf("read by a reader: %v, want ErrNotFound", err)
		}
	})
}

// Refused attempts are counted per day and thing; her own mistakes and tries at
// nothing leave no trace.
func TestDenialsAreCountedPerDay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: w.Add(w.Her, tid, 1, []byte("text"))})
		try := custody.Attempt{Actor: w.Reader.ID, N: 2, Grant: g, What: "open"}
		for range 3 {
			w.Denied.Note(try)
		}
		w.Denied.Note(custody.Attempt{Actor: w.Reader.ID, Testimony: tid, What: "show"})
		w.Denied.Note(custody.Attempt{Actor: w.Her.ID, Testimony: tid, What: "show"})
		w.Denied.Note(custody.Attempt{Actor: w.Reader.ID, Testimony: w.ID(), What: "show"})
		w.Denied.Note(custody.Attempt{Actor: w.Reader.ID, Grant: w.ID(), What: "open"})
		w.Denied.Flush(t.Context())
		w.Denied.Note(try)
		w.Denied.Flush(t.Context())
		w.Clock.Forward(24 * time.Hour)
		w.Denied.Note(try)
		w.Denied.Flush(t.Context())
		denied, err := w.Feed.Denied(t.Context(), w.Her.ID, tid)
		if err != nil {
			t.Fatal(err)
		}
		times := map[string]int64{}
		for _, e := range denied {
			if e.Kind != custody.Denied || e.Actor != w.Reader.ID || e.At%statement.Day != 0 {
				t.Errorf("event %+v", e)
			}
			times[e.Detail] += e.Times
		}
		if len(denied) != 3 || times["open"] != 5 || times["show"] != 1 {
			t.Errorf("%d rows, %v; want open 4 and 1 on two days and show 1", len(denied), times)
		}
		feed, _, err := w.Feed.Read(t.Context(), w.Her.ID, tid, 0, 100)
		if err != nil || len(feed) != 3 {
			t.Errorf("the feed has %d events, %v; refused attempts do not belong in it", len(feed), err)
		}
	})
}
