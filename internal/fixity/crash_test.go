package fixity_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// interposed is a store that has something happen while an object is written to it:
// after its last byte was read, and before it is there.
type interposed struct {
	blob.Store
	meanwhile func()
}

func (s *interposed) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	return s.Store.Put(ctx, key, size, &last{r, s})
}

// last calls meanwhile once, at the end of what is read.
type last struct {
	r io.Reader
	s *interposed
}

func (l *last) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if errors.Is(err, io.EOF) && l.s.meanwhile != nil {
		do := l.s.meanwhile
		l.s.meanwhile = nil
		do()
	}
	return n, err
}

// However a store fails on the way, and whether it did or not: what is read is right,
// in the end everything is healed, and nothing is left over.
func TestACrashAnywhereLeavesNothingBehind(t *testing.T) {
	faults := []blobtest.Fault{blobtest.FailedNotDone, blobtest.FailedButDone}
	eachSecond(t, func(w *world) {
		for _, op := range []blobtest.Op{blobtest.OpOpen, blobtest.OpPut, blobtest.OpDelete} {
			for _, s := range []*blobtest.Faulty{w.first, w.second} {
				for _, fault := range faults {
					w.spoil(w.first, w.pieces(1)[1].Blob, nil)
					w.Clock.Forward((everyDays + 1) * 24 * 3600e9)
					s.Next(op, fault)
					// It may say so; the next time it is done.
					_ = w.fixity.Step(t.Context())
					w.Payloads.Reap(t.Context())
					s.Next(op, blobtest.None)
					w.days(2)
					w.readable()
					w.settled()
				}
			}
		}
		if n := w.count("SELECT COUNT(*) FROM pieces WHERE damage IS NOT NULL"); n != 0 {
			t.Errorf("%d are not healed", n)
		}
	})
}

// The same for copies: in the end everything has one, and there is no third.
func TestACrashWhileCopyingIsMadeUpFor(t *testing.T) {
	each(t, func(w *world) {
		w.Payloads.Second = w.second
		for _, fault := range []blobtest.Fault{blobtest.FailedNotDone, blobtest.FailedButDone} {
			w.second.Next(blobtest.OpPut, fault)
			// It may say so; the next time it is done.
			_ = w.fixity.Step(t.Context())
			w.Clock.Forward(24 * 3600e9)
		}
		w.step()
		for _, n := range []int64{1, 2} {
			for _, p := range w.pieces(n) {
				if p.Second == "" {
					t.Errorf("part %d: the piece at %d has no copy", n, p.From)
				}
			}
		}
		w.settled()
	})
}

// An erasure while a piece is copied or healed: the testimony does not come back in
// either store, and until its last byte has gone the vault does not say that it has.
func TestAnErasureMeanwhileIsNotUndone(t *testing.T) {
	for _, what := range []string{"copied", "healed"} {
		t.Run(what, func(t *testing.T) {
			each(t, func(w *world) {
				erase := func() {
					w.Erase(w.tid)
					left, err := w.Payloads.Left(t.Context(), w.tid)
					w.must(err)
					if !left {
						t.Error("the vault says that nothing is left while an object is being written")
					}
				}
				w.Payloads.Second = &interposed{w.second, nil}
				if what == "copied" {
					w.Payloads.Second = &interposed{w.second, erase}
				} else {
					w.step()
					w.spoil(w.first, w.pieces(1)[2].Blob, nil)
					w.Payloads.Blobs = &interposed{w.first, erase}
				}
				w.days(everyDays + 1)
				if n := w.count("SELECT COUNT(*) FROM pieces"); n != 0 {
					t.Errorf("%d pieces of an erased testimony", n)
				}
				w.settled()
				if left, err := w.Payloads.Left(t.Context(), w.tid); err != nil || left {
					t.Errorf("after all: left %v, %v", left, err)
				}
			})
		})
	}
}

// While a second store does not answer, an erased testimony is known to have left
// something there, and it goes as soon as the store is back.
func TestAnErasureIsNotSilentlyIncomplete(t *testing.T) {
	eachSecond(t, func(w *world) {
		w.second.Next(blobtest.OpDelete, blobtest.FailedNotDone)
		w.Erase(w.tid)
		if left, err := w.Payloads.Left(t.Context(), w.tid); err != nil || !left {
			t.Errorf("left %v, %v", left, err)
		}
		if n := len(w.objects(w.first)); n != 0 {
			t.Errorf("%d objects are left in the store that answers", n)
		}
		w.settled()
		if left, err := w.Payloads.Left(t.Context(), w.tid); err != nil || left {
			t.Errorf("after all: left %v, %v", left, err)
		}
	})
}

// A second store that is no longer configured does not make an erasure complete.
func TestWhatLiesInASecondStoreThatIsGoneIsNotForgotten(t *testing.T) {
	eachSecond(t, func(w *world) {
		w.Payloads.Second = nil
		w.Erase(w.tid)
		w.Payloads.Reap(t.Context())
		if left, err := w.Payloads.Left(t.Context(), w.tid); err != nil || !left {
			t.Errorf("left %v, %v", left, err)
		}
		w.Payloads.Second = w.second
		w.settled()
	})
}

// A part that is locked anew while its old payload is healed: the new one counts, and
// nothing of the old one stays.
func TestARelockMeanwhileCounts(t *testing.T) {
	eachSecond(t, func(w *world) {
		w.spoil(w.first, w.pieces(1)[2].Blob, nil)
		anew := w.Seal(blobtest.Random(t, 100_000), w.Her.Recipient)
		w.Payloads.Blobs = &interposed{w.first, func() {
			w.Upload(w.Her, w.tid, 1, anew)
			w.Relock(w.tid, 1, w.part, anew)
		}}
		w.days(everyDays + 1)
		w.part = anew
		w.readable()
		w.settled()
		if got := w.told(); slices.Contains(got, custody.Damaged) {
			t.Errorf("her feed says %v of a part that is whole", got)
		}
	})
}

// A store in which nothing is found is not there: nobody is told that everything is
// lost, and nothing is written to where it should be. It comes back by name only.
func TestAStoreThatIsNotThereIsNoFinding(t *testing.T) {
	eachSecond(t, func(w *world) {
		for object := range w.objects(w.first) {
			w.spoil(w.first, object, nil)
		}
		w.Clock.Forward((everyDays + 1) * 24 * 3600e9)
		if err := w.fixity.Step(t.Context()); !errors.Is(err, fixity.ErrGone) {
			t.Errorf("%v, want ErrGone", err)
		}
		if got := w.told(); got != nil || len(w.objects(w.first)) != 0 {
			t.Errorf("her feed says %v, %d objects were written", got, len(w.objects(w.first)))
		}
		w.Clock.Forward(3600e9)
		got, err := w.fixity.All(t.Context(), fixity.Everything{MissingOnly: true, Absent: true}, func(fixity.Result) {})
		if want := (fixity.Result{Looked: 5, Healed: 5}); err != nil || got != want {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
		w.readable()
		w.settled()
		if got, want := fmt.Sprint(w.told()), fmt.Sprint([]custody.Kind{custody.Healed, custody.Healed}); got != want {
			t.Errorf("her feed says %s, want %s: once a part", got, want)
		}
	})
}

// An upload under way goes back to before what is damaged, and is sent again from
// there.
func TestADamagedUploadGoesBack(t *testing.T) {
	each(t, func(w *world) {
		anew := w.Seal(blobtest.Random(t, 100_000), w.Her.Recipient)
		w.Upload(w.Her, w.tid, 4, anew)
		object := id.ID(w.bytes("SELECT p.blob FROM pieces AS p JOIN uploads AS u ON u.blob = p.payload WHERE u.n = 4"))
		w.spoil(w.first, object, nil)
		w.days(1)
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, w.tid)
		w.must(err)
		if len(whole.Slots) != 1 || whole.Slots[0].PayloadSHA256 != nil {
			t.Errorf("%+v", whole.Slots)
		}
		w.Upload(w.Her, w.tid, 4, anew)
		_, err = w.Vault.Add(t.Context(), w.Her.Caller, w.tid, 4, w.Her.Sign(testimonytest.AddStatement(w.tid, 4, anew.Binding())).Compact(), nil)
		w.must(err)
		if got := w.told(); got != nil {
			t.Errorf("her feed says %v, and nothing of hers was lost", got)
		}
		w.settled()
	})
}

// counting counts how often each object is opened.
type counting struct {
	blob.Store
	opened chan id.ID
}

func (s *counting) Open(ctx context.Context, key id.ID) (blob.Object, error) {
	s.opened <- key
	return s.Store.Open(ctx, key)
}

// Several nodes share the work: each object is read once, whoever does it.
func TestNodesShareTheWork(t *testing.T) {
	each(t, func(w *world) {
		w.step()
		for n := int64(4); n < 14; n++ {
			w.Add(w.Her, w.tid, n, blobtest.Random(t, 50_000))
		}
		w.Clock.Forward((everyDays + 1) * 24 * 3600e9)
		count := &counting{w.first, make(chan id.ID, 1000)}
		w.Payloads.Blobs = count
		done := make(chan error, 3)
		for range 3 {
			node := w.node(w.DB)
			go func() { done <- node.Step(t.Context()) }()
		}
		for range 3 {
			if err := <-done; err != nil && !errors.Is(err, store.ErrUnavailable) {
				t.Error(err)
			}
		}
		w.step()
		close(count.opened)
		seen := map[id.ID]int{}
		for o := range count.opened {
			seen[o]++
		}
		for o, n := range seen {
			if n != 1 {
				t.Errorf("%s was read %d times", o, n)
			}
		}
		if len(seen) != 15 {
			t.Errorf("%d objects were read, want 15", len(seen))
		}
	})
}

// Of an upload under way that is damaged in its middle, the beginning stays, and the
// next bytes are asked for from there; also where everything had arrived.
func TestAnUploadGoesBackToBeforeTheDamage(t *testing.T) {
	each(t, func(w *world) {
		anew := w.Seal(blobtest.Random(t, 4<<20), w.Her.Recipient)
		begin := w.Her.Sign(testimonytest.BeginStatement(w.tid, 4, anew))
		_, err := w.Vault.Put(t.Context(), w.Her.Caller, w.tid, testimony.NewPart{Statement: begin.Compact(), Header: anew.Header}, nil)
		w.must(err)
		for _, upTo := range []int{3 << 20, len(anew.Payload)} {
			w.receive(4, anew.Payload[:upTo])
			second := w.piecesOf("SELECT blob FROM uploads WHERE n = 4")[1]
			w.spoil(w.first, second.Blob, nil)
			w.days(1)
			p, err := w.Vault.Progress(t.Context(), w.Her.Caller, w.tid, 4)
			w.must(err)
			if p.Received != second.From || p.PayloadSHA256 != nil {
				t.Errorf("of %d bytes it has %d, want %d", upTo, p.Received, second.From)
			}
		}
		w.receive(4, anew.Payload)
		_, err = w.Vault.Add(t.Context(), w.Her.Caller, w.tid, 4, w.Her.Sign(testimonytest.AddStatement(w.tid, 4, anew.Binding())).Compact(), nil)
		w.must(err)
		w.days(everyDays + 1)
		if n := w.count("SELECT COUNT(*) FROM pieces WHERE damage IS NOT NULL"); n != 0 || w.told() != nil {
			t.Errorf("%d pieces are damaged, her feed says %v", n, w.told())
		}
		w.settled()
	})
}

// receive sends what is missing of the first bytes of an upload.
func (w *world) receive(n int64, upTo []byte) {
	w.T.Helper()
	p, err := w.Vault.Progress(w.T.Context(), w.Her.Caller, w.tid, n)
	w.must(err)
	w.must(w.Vault.Receive(w.T.Context(), w.Her.Caller, w.tid, n, testimony.Incoming{Offset: p.Received, Body: bytes.NewReader(upTo[p.Received:])}))
}

// piecesOf are those of the payload that a query names.
func (w *world) piecesOf(query string) (out []payload.Piece) {
	w.T.Helper()
	name := id.ID(w.bytes(query))
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		out, err = payload.Pieces(ctx, tx, name)
		return err
	}))
	return out
}
