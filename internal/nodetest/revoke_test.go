//go:build linux

package nodetest_test

import (
	"errors"
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
	s := w.stream(w.doorA, grant)
	s.read(begun)
	fetched := end(testimony, grant)
	held := s.waiting()
	if more := s.rest(); more > held {
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
func (w *world) counted(s *stream, fetched []api.Opening, told bool) {
	w.t.Helper()
	if s.got >= s.size {
		w.t.Errorf("the reader got all of %d bytes", s.size)
	}
	if told && (len(fetched) != 1 || fetched[0].Bytes < s.got) {
		w.t.Errorf("the reader got %d bytes, and she was told %+v", s.got, fetched)
	}
}

// readsOn revokes while the reader reads without a pause.
func (w *world) readsOn() {
	testimony, grant := w.granted()
	s := w.stream(w.doorA, grant)
	s.read(begun)
	got := s.paced(time.Millisecond)
	fetched := w.revoke(testimony, grant)
	<-got
	w.counted(s, fetched, true)
	if fetched[0].Complete || fetched[0].Bytes >= s.size {
		w.t.Errorf("she was told that all of %d bytes were fetched: %+v", s.size, fetched)
	}
}

// suspends ends the streams within their lease, and opens nothing any more at
// either node.
func (w *world) suspends() {
	_, grant := w.granted()
	s := w.stream(w.doorA, grant)
	s.read(begun)
	w.must(w.guard.Suspend(w.t.Context(), w.reader.Account()))
	<-s.paced(time.Millisecond)
	w.counted(s, nil, false)
	for name, door := range map[string]*peopletest.Door{"a": w.doorA, "b": w.doorB} {
		_, err := w.reader.At(door).Open(w.t.Context(), grant, 1, nil)
		if !errors.Is(err, client.ErrNotFound) {
			w.t.Errorf("a suspended reader at node %s got %v", name, err)
		}
	}
}

// silent revokes what a node streams that says nothing any more. It is waited for
// no longer than its lease, and all that it could have sent counts as fetched.
// When it wakes up it does not go on.
func (w *world) silent(fall, wake func(*vaulttest.Process)) {
	testimony, grant := w.granted()
	c := w.vault.Start()
	s := w.stream(w.vault.Door(c), grant)
	s.read(begun)
	fall(c)
	fetched := w.revoke(testimony, grant)
	if len(fetched) != 1 || !fetched[0].Complete || fetched[0].Bytes != s.size {
		w.t.Errorf("of %d bytes at a silent node she was told %+v", s.size, fetched)
	}
	wake(c)
	s.rest()
	w.counted(s, fetched, true)
}
