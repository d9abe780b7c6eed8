package pause_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/notice"
	"github.com/relatingfield/vault/internal/pause"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// world is a vault in which she has two testimonies, each granted to the reader.
type world struct {
	*testimonytest.World
	one, two   id.ID // testimonies
	gOne, gTwo id.ID // grants on them
}

func each(t *testing.T, f func(*world)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	w := &world{World: testimonytest.New(t, db)}
	w.one, w.gOne = w.granted([]byte("one"))
	w.two, w.gTwo = w.granted([]byte("two"))
	return w
}

func (w *world) granted(content []byte) (testimony, grant id.ID) {
	w.T.Helper()
	testimony = w.Create(w.Her)
	part := w.Add(w.Her, testimony, 1, content)
	return testimony, w.Grant(testimony, map[int64]testimonytest.Sealed{1: part})
}

func (w *world) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) pause(testimony id.ID) {
	w.T.Helper()
	_, err := w.Pauses.Pause(w.T.Context(), w.Her.Caller, w.Her.Sign(statement.Pause{Testimony: testimony}).Compact(), nil)
	w.must(err)
}

func (w *world) lift(testimony id.ID) {
	w.T.Helper()
	_, err := w.Pauses.Lift(w.T.Context(), w.Her.Caller, w.Her.Sign(statement.Lift{Testimony: testimony}).Compact(), nil)
	w.must(err)
}

// code makes a code good, or none.
func (w *world) code(of *accounttest.Person, hash string) {
	w.T.Helper()
	_, err := w.Pauses.SetCode(w.T.Context(), of.Caller, of.Sign(statement.PauseCode{CodeSHA256: hash}).Compact(), nil)
	w.must(err)
}

// knock sends a code and has it looked up.
func (w *world) knock(code string) {
	w.T.Helper()
	w.must(w.Pauses.Knock(w.T.Context(), code))
	w.must(w.Pauses.Heed(w.T.Context()))
}

// reads says whether the reader gets the two parts.
func (w *world) reads(one, two bool) {
	w.T.Helper()
	for _, c := range []struct {
		name string
		g    id.ID
		want bool
	}{{"one", w.gOne, one}, {"two", w.gTwo, two}} {
		if _, err := w.Read(w.Reader, c.g, 1); (err == nil) != c.want {
			w.T.Errorf("testimony %s: %v, want it readable: %v", c.name, err, c.want)
		}
	}
}

func (w *world) standing(of account.Caller) pause.Standing {
	w.T.Helper()
	s, err := w.Pauses.Standing(w.T.Context(), of)
	w.must(err)
	return s
}

// feed is the kinds of her newest events on a testimony.
func (w *world) feed(testimony id.ID, newest int) []custody.Kind {
	w.T.Helper()
	events, _, err := w.Feed.Read(w.T.Context(), w.Her.ID, testimony, 0, 100)
	w.must(err)
	var out []custody.Kind
	for _, e := range events[max(0, len(events)-newest):] {
		out = append(out, e.Kind)
		if (e.Kind == custody.Paused || e.Kind == custody.Lifted) && (e.Actor != w.Her.ID || e.At%statement.Day != 0) {
			w.T.Errorf("her own act is told as %+v", e)
		}
	}
	return out
}

func kinds(list []notice.Notice) map[notice.Kind]int64 {
	out := map[notice.Kind]int64{}
	for _, n := range list {
		out[n.Kind] += n.Times
	}
	return out
}
