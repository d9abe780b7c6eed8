//go:build linux

package clustertest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

const (
	// large is a part that is still on its way when something happens to it.
	large = 24 << 20
	// begun is how much a reader has read by then.
	begun = 200 << 10
)

// granted is a new testimony of hers with a part of a size, granted to a reader.
func (w *world) granted(her, reader *peopletest.Person, size int) (testimony, grant api.ID) {
	w.t.Helper()
	b := make([]byte, size)
	rand.Read(b) // never fails
	testimony, err := her.Create(w.t.Context(), client.Testimony{Title: "الليل", Parts: []client.Content{client.Bytes("voice.m4a", "", b)}})
	w.must(err)
	g, err := her.Grant(w.t.Context(), client.Offer{Testimony: testimony, Parts: []int64{1}, To: reader.Account(),
		Terms: api.Terms{Purposes: []statement.Purpose{"Research"}, Attribution: statement.ChathamHouse, Access: statement.Download}})
	w.must(err)
	return testimony, g.ID
}

// revokedElsewhere revokes at each node while a reader streams from another. When the
// call has returned, not one byte more is sent: what the reader's kernel holds is all
// there is to read.
func (w *world) revokedElsewhere() {
	her := w.Door(0).Participant()
	reader := w.Door(0).Researcher(100)
	for i := range w.Nodes {
		there := (i + 1) % len(w.Nodes)
		testimony, grant := w.granted(her.At(w.Door(i)), reader, large)
		s := reader.At(w.Door(there)).Stream(grant)
		s.Take(begun)
		fetched, err := her.At(w.Door(i)).Revoke(w.t.Context(), testimony, grant)
		w.must(err)
		held := s.Held()
		if more := s.Rest(); more > held {
			w.t.Errorf("revoked at node %d: %d bytes came from node %d after the end, where the kernel held %d", i+1, more, there+1, held)
		}
		if len(fetched) != 1 || s.Got >= s.Size {
			w.t.Errorf("the reader got %d of %d bytes, and she was told %v", s.Got, s.Size, fetched)
		}
	}
}

// frozen is a primary (by now the second server) that falls silent for longer than a
// lease, under load and while readers stream from all nodes. Nobody can say whether a
// grant still stands, so each stream ends; the nodes give the server up by themselves,
// and when it thaws with what it was asked long ago, everybody has left it.
func (w *world) frozen() {
	her := w.Door(0).Participant()
	reader := w.Door(0).Researcher(100)
	_, grant := w.granted(her, reader, large)
	var streams []*peopletest.Stream
	for i := range w.Nodes {
		s := reader.At(w.Door(i)).Stream(grant)
		s.Take(begun)
		streams = append(streams, s)
	}
	w.must(w.crowd.ThroughOutage(w.t.Context(), func(ctx context.Context) error {
		if err := w.Replica.Freeze(); err != nil {
			return err
		}
		for i, s := range streams {
			if <-s.Paced(time.Millisecond); s.Got >= s.Size {
				w.t.Errorf("node %d sent all of %d bytes without asking anybody", i+1, s.Size)
			}
		}
		return errors.Join(w.ready(ctx, http.StatusServiceUnavailable), w.takeOver(ctx, w.Primary), w.ready(ctx, http.StatusOK), w.Replica.Thaw())
	}))
	for i := range w.Nodes {
		s := reader.At(w.Door(i)).Stream(grant)
		if s.Rest(); s.Got != s.Size {
			w.t.Errorf("afterwards node %d sent %d of %d bytes", i+1, s.Got, s.Size)
		}
	}
	// The old one is made a replica again, for whoever goes on.
	w.must(w.Replica.Follow(w.t.Context(), w.Primary))
	w.must(w.Primary.Synchronous(w.t.Context()))
}
