//go:build linux

package nodetest_test

import (
	"errors"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
)

// pauseOne pauses one testimony and lifts it when the subtest is over.
func (w *world) pauseOne(testimony, _ api.ID) []api.Opening {
	w.t.Helper()
	return w.pause(testimony, testimony)
}

// pauseAll pauses everything of hers.
func (w *world) pauseAll(testimony, _ api.ID) []api.Opening {
	w.t.Helper()
	return w.pause("", testimony)
}

func (w *world) pause(what, testimony api.ID) []api.Opening {
	w.t.Helper()
	w.must(w.her.Pause(w.t.Context(), what))
	w.closed(testimony)
	list, err := w.her.Grants(w.t.Context(), testimony)
	w.must(err)
	w.must(w.her.Lift(w.t.Context(), what))
	return list[0].Openings
}

// closed wants nothing of the testimony opened at either node.
func (w *world) closed(testimony api.ID) {
	w.t.Helper()
	list, err := w.her.Grants(w.t.Context(), testimony)
	w.must(err)
	if list[0].State != api.GrantPaused {
		w.t.Errorf("the grant stands as %s", list[0].State)
	}
	for name, door := range map[string]*peopletest.Door{"a": w.doorA, "b": w.doorB} {
		if _, err := w.reader.At(door).Open(w.t.Context(), list[0].ID, 1, nil); !errors.Is(err, client.ErrNotFound) {
			w.t.Errorf("the reader at node %s got %v", name, err)
		}
	}
}

// pausesByCode ends a stream at one node by a code that somebody without an
// account brings to the other. The answer does not wait for the end, which comes
// within the stream's lease.
func (w *world) pausesByCode() {
	testimony, grant := w.granted()
	code, err := w.her.NewPauseCode(w.t.Context())
	w.must(err)
	s := w.reader.At(w.doorA).Stream(grant)
	s.Take(begun)
	w.must(w.doorB.Stranger().PauseByCode(w.t.Context(), code))
	<-s.Paced(time.Millisecond)
	w.counted(s, nil, false)
	w.closed(testimony)
	w.must(w.her.Lift(w.t.Context(), ""))
}
