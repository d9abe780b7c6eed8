package tray_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

var errLine = errors.New("the line broke")

// huge is content of several pieces.
func huge() []byte { return bytes.Repeat([]byte("ذاكرتها "), 200_000) }

// send brings an item's bytes from a place on, of which the line lets so many through.
func send(t *testing.T, w *traytest.World, by tray.Bringer, i traytest.Item, from, through int64) error {
	t.Helper()
	body := io.MultiReader(bytes.NewReader(i.Payload[from:from+through]), iotest.ErrReader(errLine))
	if from+through == int64(len(i.Payload)) {
		body = bytes.NewReader(i.Payload[from:])
	}
	return w.Trays.Receive(t.Context(), by, i.Item, testimony.Incoming{Offset: from, Body: body})
}

func offset(t *testing.T, w *traytest.World, i traytest.Item) int64 {
	t.Helper()
	p, err := w.Trays.Progress(t.Context(), w.By, i.Item)
	w.Must(err)
	return p.Received
}

// A line that breaks anywhere costs less than one buffer, however often it breaks, and
// what comes at the end is what was sealed.
func TestALargeItemGoesOnWhereItsLineBroke(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		content := huge()
		i := w.Seal(w.Open(w.Her).Code, content, w.Her)
		w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed))
		w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed)) // again, as after a lost answer
		other := w.Named(i.Code, []byte("other"), w.Her, i.Item)
		if err := w.Trays.Begin(t.Context(), w.By, other.Sealed); !errors.Is(err, testimony.ErrExists) {
			t.Errorf("another note under its name: %v", err)
		}
		length, sent, broke := int64(len(i.Payload)), int64(0), int64(0)
		seed := rand.Uint64()
		dice := rand.New(rand.NewPCG(seed, 1))
		t.Logf("seed %d", seed)
		for at := int64(0); at < length && broke < 100; broke++ {
			through := min(length-at, 1+dice.Int64N(3*tray.Buffer))
			if err := send(t, w, w.By, i, at, through); err != nil && !errors.Is(err, errLine) {
				t.Fatal(err)
			}
			sent += through
			now := offset(t, w, i)
			if now < at || now > at+through || at+through-now > tray.Buffer+64 {
				t.Fatalf("of %d bytes from %d on, the vault keeps up to %d", through, at, now)
			}
			at = now
		}
		if offset(t, w, i) != length || sent > length+broke*(tray.Buffer+64) {
			t.Fatalf("%d bytes were sent of %d, over %d lines", sent, length, broke)
		}
		if got := w.Content(w.Decrypt(w.Her, file(t, w, w.Her.Caller, i))); !bytes.Equal(got, content) {
			t.Error("what waits is not what was sealed")
		}
		w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed)) // whose last answer was lost
		if _, err := w.Adopt(w.Her, w.Create(w.Her), 1, i); err != nil {
			t.Error(err)
		}
	})
}

// Only the very client goes on with what it began: to everybody else there is nothing.
func TestNobodyElseGoesOnWithAnItem(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		i := w.Seal(w.Open(w.Her).Code, huge(), w.Her)
		w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed))
		colleague, _ := w.Client(w.By.Partner)
		stranger, _ := w.Client(w.ID())
		for who, by := range map[string]tray.Bringer{"a colleague": colleague, "a stranger": stranger} {
			_, progress := w.Trays.Progress(t.Context(), by, i.Item)
			for what, err := range map[string]error{"asks": progress, "sends": send(t, w, by, i, 0, 1<<20), "gives up": w.Trays.GiveUp(t.Context(), by, i.Item)} {
				if !errors.Is(err, tray.ErrNotFound) {
					t.Errorf("%s %s: %v", who, what, err)
				}
			}
		}
		w.Halted[w.By.Partner] = true
		if err := send(t, w, w.By, i, 0, 1<<20); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("a partner that was halted meanwhile sends: %v", err)
		}
		w.Halted[w.By.Partner] = false
		if offset(t, w, i) != 0 || w.Objects() != 0 {
			t.Error("somebody left something")
		}
	})
}

// Bytes that are not those of the note leave nothing, and neither does an item that is
// given up or that nobody goes on with.
func TestAnItemThatIsNotFinishedLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code := w.Open(w.Her).Code
		ends := map[string]func(traytest.Item) error{
			"other bytes": func(i traytest.Item) error {
				i.Payload[len(i.Payload)-1] ^= 1
				err := send(t, w, w.By, i, 1<<20, int64(len(i.Payload))-1<<20)
				if !errors.Is(err, testimony.ErrDigest) {
					t.Errorf("other bytes: %v", err)
				}
				return nil
			},
			"given up": func(i traytest.Item) error { return w.Trays.GiveUp(t.Context(), w.By, i.Item) },
			"left alone": func(traytest.Item) error {
				w.Clock.Forward(31 * traytest.Day)
				return w.Trays.Sweep(t.Context())
			},
		}
		for _, how := range []string{"other bytes", "given up", "left alone"} {
			i := w.Seal(code, huge(), w.Her)
			w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed))
			if err := send(t, w, w.By, i, 0, 1<<20); err != nil && !errors.Is(err, errLine) {
				t.Fatal(err)
			}
			if at := offset(t, w, i); at != 1<<20 {
				t.Fatalf("%s: %d bytes are kept", how, at)
			}
			w.Must(ends[how](i))
			w.Payloads.Reap(t.Context())
			if _, err := w.Trays.Progress(t.Context(), w.By, i.Item); !errors.Is(err, tray.ErrNotFound) || w.Objects() != 0 {
				t.Errorf("%s: %v, %d objects", how, err, w.Objects())
			}
		}
		w.Must(w.Put(w.Seal(w.Open(w.Her).Code, large(), w.Her))) // whose room is all there again
	})
}

// Of two writers one goes on: what an old line still brings is not mixed in.
func TestTwoLinesDoNotMix(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		i := w.Seal(w.Open(w.Her).Code, huge(), w.Her)
		w.Must(w.Trays.Begin(t.Context(), w.By, i.Sealed))
		between := &meanwhile{r: bytes.NewReader(i.Payload), do: func() { w.Must(send(t, w, w.By, i, 0, int64(len(i.Payload)))) }}
		err := w.Trays.Receive(t.Context(), w.By, i.Item, testimony.Incoming{Body: between})
		if !errors.Is(err, testimony.ErrOffset) {
			t.Errorf("the old line: %v", err)
		}
		if got := w.Content(w.Decrypt(w.Her, file(t, w, w.Her.Caller, i))); !bytes.Equal(got, huge()) {
			t.Error("what waits is not what was sealed")
		}
	})
}

// meanwhile does something before its first byte.
type meanwhile struct {
	r  io.Reader
	do func()
}

func (m *meanwhile) Read(p []byte) (int, error) {
	if m.do != nil {
		m.do()
		m.do = nil
	}
	return m.r.Read(p)
}

// Names are a partner's own: who uses another's learns nothing of it, and both women
// find what is for them.
func TestANameThatAnotherPartnerUsedDoesNotShow(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		first := w.Bring(w.Open(w.Her).Code, []byte("الأولى"), w.Her)
		w.By, w.Key = w.Client(w.ID())
		code := w.Open(w.Her).Code
		for _, name := range []id.ID{first.Item, w.Create(w.Her)} {
			second := w.Named(code, []byte("الثانية"), w.Her, name)
			w.Must(w.Put(second))
			w.Must(w.Put(second)) // answered as the first time
			if w.State(name) != tray.Waiting {
				t.Error("the second partner does not find what it brought")
			}
		}
		list, err := w.Trays.Items(t.Context(), w.Her.Caller, "", 10)
		w.Must(err)
		if len(list) != 3 {
			t.Fatalf("%d items wait for her", len(list))
		}
		for _, one := range list {
			w.Must(w.Trays.Refuse(t.Context(), w.Her.Caller, one.ID))
		}
		w.Clock.Forward(traytest.Day)
		w.Must(w.Trays.Sweep(t.Context()))
		for _, told := range w.Told {
			if told.Partner == w.By.Partner && w.State(told.Item) != tray.Refused {
				t.Errorf("the second partner was told of %s", told.Item)
			}
		}
	})
}
