//go:build linux

package nodetest_test

import (
	"errors"
	"io"
	"slices"
	"sync"
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

// withdraw takes everything back, and gives what the receipt says.
func (w *world) withdraw(_, grant api.ID) []api.Opening {
	w.t.Helper()
	return w.ended(grant, client.Scope{})
}

// withdrawPart takes back the one part that is being read.
func (w *world) withdrawPart(testimony, grant api.ID) []api.Opening {
	w.t.Helper()
	return w.ended(grant, client.Scope{Testimony: testimony, Part: 1})
}

func (w *world) ended(grant api.ID, scope client.Scope) (fetched []api.Opening) {
	w.t.Helper()
	list, err := w.her.Withdraw(w.t.Context(), scope)
	w.must(err)
	for _, e := range list {
		for _, f := range e.Said.Fetched {
			if e.Grant == grant {
				fetched = append(fetched, api.Opening(f))
			}
		}
	}
	return fetched
}

// opensWhileWithdrawn has readers at both nodes open again and again while she
// withdraws everything, on a new device, at one of them. What they got before it
// returned is in the receipts, and afterwards nobody gets a byte.
func (w *world) opensWhileWithdrawn() {
	testimony, first := w.granted()
	second := w.grant(w.her, testimony, w.reader)
	readers := map[api.ID]*peopletest.Person{first: w.reader.At(w.doorA), second: w.reader.At(w.doorB)}
	begun, over := make(chan struct{}, len(readers)), make(chan struct{})
	var all sync.WaitGroup
	for grant, reader := range readers {
		all.Go(func() { w.opensOn(reader, grant, begun, over) })
	}
	for range readers {
		<-begun
	}
	list, err := w.her.At(w.doorB).Withdraw(w.t.Context(), client.Scope{}) // a client without state
	for grant, reader := range readers {
		if n, _ := w.bytes(reader, grant); n != 0 {
			w.t.Errorf("grant %s: %d bytes after it had returned", grant, n)
		}
	}
	close(over)
	all.Wait()
	w.must(err)
	again, err := w.her.Withdrawals(w.t.Context())
	w.must(err)
	for _, e := range list {
		i := slices.IndexFunc(again, func(o client.Withdrawal) bool { return o.Grant == e.Grant })
		if i < 0 || again[i].Receipt != e.Receipt {
			w.t.Errorf("grant %s: something left after she had been told what had", e.Grant)
		}
		delete(readers, e.Grant)
	}
	if len(readers) > 0 {
		w.t.Errorf("no receipt for %v", readers)
	}
}

// opensOn opens part 1 again and again until there is nothing to open any more,
// and says when it has got something.
func (w *world) opensOn(reader *peopletest.Person, grant api.ID, begun chan<- struct{}, over <-chan struct{}) {
	told := sync.OnceFunc(func() { begun <- struct{}{} })
	defer told()
	for range 10_000 {
		n, err := w.bytes(reader, grant)
		if n > 0 {
			told()
		}
		select {
		case <-over:
			return
		default:
		}
		if errors.Is(err, client.ErrNotFound) {
			return
		}
	}
}

// bytes is how much of part 1 a reader gets.
func (w *world) bytes(reader *peopletest.Person, grant api.ID) (n int64, err error) {
	_, err = reader.Open(w.t.Context(), grant, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return (*counting)(&n), nil }))
	return n, err
}

// counting is a writer that only counts.
type counting int64

func (c *counting) Write(p []byte) (int, error) {
	*c += counting(len(p))
	return len(p), nil
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

// narrow brings the end of the term forward to one that is over.
func (w *world) narrow(testimony, grant api.ID) []api.Opening {
	w.t.Helper()
	_, err := w.her.Narrow(w.t.Context(), testimony, grant, func(t api.Terms) (api.Terms, error) { t.Until = t.From + 1; return t, nil })
	w.must(err)
	list, err := w.her.Grants(w.t.Context(), testimony)
	w.must(err)
	if list[0].State != api.GrantEnded {
		w.t.Errorf("the grant stands as %s", list[0].State)
	}
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
