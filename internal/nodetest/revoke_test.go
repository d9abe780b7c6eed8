//go:build linux

package nodetest_test

import (
	"errors"
	"slices"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// begun is how much a reader has read when something happens to the stream.
const begun = 200 << 10

// cuts ends a grant at node B while the reader streams from node A. Promise P4:
// when the call has returned, not one byte more is sent. The reader stands still
// meanwhile, so what its kernel holds is all there is to read, unless the stream
// goes on.
func (w *world) cuts(end func(testimony, grant api.ID) []api.Opening, told bool) {
	w.t.Helper()
	testimony, grant := w.granted()
	s := w.reader.At(w.doorA).Stream(grant)
	s.Take(begun)
	fetched := end(testimony, grant)
	held := s.Held()
	if more := s.Rest(); more > held {
		w.t.Errorf("%d bytes came after the end, where the kernel held %d", more, held)
	}
	w.counted(s, fetched, told)
}

func (w *world) revoke(testimony, grant api.ID) []api.Opening {
	w.t.Helper()
	fetched, err := w.her.Revoke(w.t.Context(), testimony, grant)
	w.must(err)
	return fetched
}

// relock carries the grant over: it lives on, and only its old stream ends.
func (w *world) relock(testimony, _ api.ID) []api.Opening {
	w.t.Helper()
	_, err := w.her.Relock(w.t.Context(), testimony, 1)
	w.must(err)
	list, err := w.her.Grants(w.t.Context(), testimony)
	w.must(err)
	return list[0].Openings
}

// erase lists nothing: what is erased is gone from the feed, too.
func (w *world) erase(testimony, _ api.ID) []api.Opening {
	w.t.Helper()
	w.must(w.her.Erase(w.t.Context(), testimony))
	return nil
}

// counted holds what the reader got against what she was told.
func (w *world) counted(s *peopletest.Stream, fetched []api.Opening, told bool) {
	w.t.Helper()
	if s.Got >= s.Size {
		w.t.Errorf("the reader got all of %d bytes", s.Size)
	}
	if told && (len(fetched) != 1 || fetched[0].Bytes < s.Got) {
		w.t.Errorf("the reader got %d bytes, and she was told %+v", s.Got, fetched)
	}
}

// readsOn revokes while the reader reads without a pause.
func (w *world) readsOn() {
	testimony, grant := w.granted()
	s := w.reader.At(w.doorA).Stream(grant)
	s.Take(begun)
	got := s.Paced(time.Millisecond)
	fetched := w.revoke(testimony, grant)
	<-got
	w.counted(s, fetched, true)
	if fetched[0].Complete || fetched[0].Bytes >= s.Size {
		w.t.Errorf("she was told that all of %d bytes were fetched: %+v", s.Size, fetched)
	}
}

// suspends ends the streams within their lease, and opens nothing any more at
// either node.
func (w *world) suspends() {
	_, grant := w.granted()
	s := w.reader.At(w.doorA).Stream(grant)
	s.Take(begun)
	w.must(w.guard.Suspend(w.t.Context(), w.reader.Account()))
	<-s.Paced(time.Millisecond)
	w.counted(s, nil, false)
	for name, door := range map[string]*peopletest.Door{"a": w.doorA, "b": w.doorB} {
		_, err := w.reader.At(door).Open(w.t.Context(), grant, 1, nil)
		if !errors.Is(err, client.ErrNotFound) {
			w.t.Errorf("a suspended reader at node %s got %v", name, err)
		}
	}
}

// seen wants the opening in her feed, whatever became of the node that made it
// (promise P6: the event is durable before the first byte).
func (w *world) seen(testimony, grant api.ID) {
	w.t.Helper()
	events, _, err := w.her.Feed(w.t.Context(), testimony)
	w.must(err)
	if !slices.ContainsFunc(events, func(e api.Event) bool { return e.Kind == api.EventOpened && e.Grant == grant }) {
		w.t.Errorf("bytes left for a reader and her feed does not say so: %+v", events)
	}
}

// silent revokes what a node streams that says nothing any more. It is waited for
// no longer than its lease, and all that it could have sent counts as fetched.
// When it wakes up it does not go on.
func (w *world) silent(fall, wake func(*vaulttest.Process)) {
	testimony, grant := w.granted()
	c := w.vault.Start()
	s := w.reader.At(w.vault.Door(c)).Stream(grant)
	s.Take(begun)
	fall(c)
	fetched := w.revoke(testimony, grant)
	if len(fetched) != 1 || !fetched[0].Complete || fetched[0].Bytes != s.Size {
		w.t.Errorf("of %d bytes at a silent node she was told %+v", s.Size, fetched)
	}
	w.seen(testimony, grant)
	wake(c)
	s.Rest()
	w.counted(s, fetched, true)
}
