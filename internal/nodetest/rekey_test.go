//go:build linux

package nodetest_test

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// patience bounds the wait for what must come at once, so that a test ends that
// finds it missing.
const patience = 30 * time.Second

// rekeys changes her words at node B while somebody who has the old ones is signed
// in at node A and downloads from there. The download is cut, the session that
// was taken before finds an empty vault, and so does a new one.
func (w *world) rekeys() {
	her := w.doorB.Participant()
	b := make([]byte, large)
	rand.Read(b) // never fails
	testimony, err := her.Create(w.t.Context(), client.Testimony{Title: "الليل", Parts: []client.Content{client.Bytes("voice.m4a", "", b)}})
	w.must(err)
	thief := her.At(w.doorA)
	_, err = thief.List(w.t.Context())
	w.must(err)
	s := thief.OwnStream(testimony)
	s.Take(begun)

	next := w.doorB.Stranger()
	_, err = her.Rekey(w.t.Context(), next.Keys)
	w.must(err)
	<-s.Paced(time.Millisecond)
	w.counted(s, nil, false)
	w.emptied(thief)
	w.emptied(her.At(w.doorA))
	list, err := next.At(w.doorA).List(w.t.Context())
	if err != nil || len(list) != 1 {
		w.t.Errorf("the new words at the other node: %d testimonies, %v", len(list), err)
	}
}

// emptied asks until nothing is there for these words.
func (w *world) emptied(who interface {
	Head(context.Context) (api.Head, error)
}) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for give := time.Now().Add(patience); ; <-tick.C {
		head, err := who.Head(w.t.Context())
		if err == nil && head.Seq == 0 || errors.Is(err, client.ErrTailCut) {
			return
		}
		if time.Now().After(give) {
			w.t.Errorf("the old words still show a chain up to %d, %v", head.Seq, err)
			return
		}
	}
}
