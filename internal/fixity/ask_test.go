package fixity_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/testimony"
)

// ask asks about part 1 as she does.
func (w *world) ask(at int64) fixity.State {
	w.T.Helper()
	part, err := w.Vault.Doubted(w.T.Context(), w.Her.Caller, w.tid, 1)
	w.must(err)
	state, err := w.fixity.Ask(w.T.Context(), w.Her.ID, part, at)
	w.must(err)
	return state
}

// Whoever doubts a part is told how it is, and it is healed if it can be.
func TestADoubtedPartIsLookedAtNow(t *testing.T) {
	eachSecond(t, func(w *world) {
		if got := w.ask(fixity.Whole); got != fixity.Good {
			t.Errorf("a good part is %s", got)
		}
		p := w.pieces(1)
		w.spoil(w.first, p[2].Blob, nil)
		if got := w.ask(p[1].From); got != fixity.Good {
			t.Errorf("the good piece is %s", got)
		}
		if got := w.ask(p[2].End() - 1); got != fixity.Healed {
			t.Errorf("the lost piece is %s", got)
		}
		w.readable()
		p = w.pieces(1)
		w.spoil(w.first, p[2].Blob, nil)
		w.spoil(w.second, p[2].Second, nil)
		if got := w.ask(fixity.Whole); got != fixity.Bad {
			t.Errorf("a lost part is %s", got)
		}
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, w.tid)
		w.must(err)
		if got := whole.Parts[0]; !got.Damaged || got.Readable != p[2].From || whole.Parts[1].Damaged {
			t.Errorf("her list says %+v", got)
		}
	})
}

// A day of one account has so many bytes: what is beyond them waits for its turn, and
// costs nothing more however often it is asked for.
func TestAskingIsNoWayToWearTheVaultOut(t *testing.T) {
	each(t, func(w *world) {
		w.step()
		w.Clock.Forward(24 * time.Hour)
		w.fixity.PerDay = int64(len(w.part.Payload))
		count := &counting{w.first, make(chan id.ID, 100)}
		w.Payloads.Blobs = count
		if got := w.ask(fixity.Whole); got != fixity.Good {
			t.Errorf("the first time: %s", got)
		}
		for range 5 {
			if got := w.ask(fixity.Whole); got != fixity.Later {
				t.Errorf("beyond her day: %s", got)
			}
		}
		if n := len(count.opened); n != 4 {
			t.Errorf("%d objects were opened, want 4", n)
		}
		if n := w.count("SELECT COUNT(*) FROM pieces WHERE suspect = 1"); n != 0 {
			t.Errorf("%d pieces that were looked at today wait to be looked at", n)
		}
		w.Clock.Forward(24 * time.Hour)
		w.fixity.PerDay = 1
		if got := w.ask(fixity.Whole); got != fixity.Later {
			t.Errorf("on another day: %s", got)
		}
		w.step()
		if n := len(count.opened); n != 8 {
			t.Errorf("%d objects were opened, want 8", n)
		}
	})
}

// Nobody can ask about what is not theirs to open.
func TestOnlyWhoMayOpenMayDoubt(t *testing.T) {
	each(t, func(w *world) {
		if _, err := w.Vault.Doubted(t.Context(), w.Reader.Caller, w.tid, 1); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("somebody else: %v", err)
		}
		if _, err := w.Vault.Doubted(t.Context(), w.Her.Caller, w.tid, 77); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("no such part: %v", err)
		}
	})
}

// A reader who finds a piece missing or short gets what comes before it and an error,
// and the next one gets all of it.
func TestWhatAReaderFindsIsHealedForTheNext(t *testing.T) {
	eachSecond(t, func(w *world) {
		w.Payloads.Suspect = w.fixity.Note
		for _, content := range [][]byte{nil, {1, 2, 3}} {
			p := w.pieces(1)[2]
			w.spoil(w.first, p.Blob, content)
			f, err := w.Vault.Content(t.Context(), w.Her.Caller, w.tid, 1)
			w.must(err)
			var got bytes.Buffer
			_, err = f.WriteRange(&got, 0, f.Size(), func() error { return nil })
			w.must(f.Close())
			if !errors.Is(err, blob.ErrDamaged) || int64(got.Len()) != int64(len(w.part.Header))+p.From {
				t.Errorf("%d bytes and %v", got.Len(), err)
			}
			w.step()
			w.readable()
		}
		// A first piece that is missing is damage too, and no part that is gone.
		w.spoil(w.first, w.pieces(1)[0].Blob, nil)
		if _, err := w.Vault.Content(t.Context(), w.Her.Caller, w.tid, 1); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("the first piece is missing: %v", err)
		}
		w.step()
		w.readable()
		w.settled()
	})
}

// Whoever reads while a piece is healed under another name goes on with that.
func TestHealingDoesNotEndARead(t *testing.T) {
	eachSecond(t, func(w *world) {
		f, err := w.Vault.Content(t.Context(), w.Her.Caller, w.tid, 1)
		w.must(err)
		w.spoil(w.first, w.pieces(1)[2].Blob, nil)
		w.days(everyDays + 1)
		w.Payloads.Reap(t.Context())
		var got bytes.Buffer
		_, err = f.WriteRange(&got, 0, f.Size(), func() error { return nil })
		w.must(errors.Join(err, f.Close()))
		if !bytes.HasSuffix(got.Bytes(), w.part.Payload) {
			t.Error("other bytes came")
		}
	})
}

// Nothing of it needs a key or sees a text: with every shred key destroyed, pieces are
// checked, copied and healed all the same.
func TestPiecesAreCheckedWithoutAnyKey(t *testing.T) {
	each(t, func(w *world) {
		w.exec("DELETE FROM shred_keys")
		w.Payloads.Second = w.second
		w.step()
		p := w.pieces(1)[2]
		was := w.objects(w.second)[p.Second]
		w.spoil(w.first, p.Blob, was[:10])
		w.days(everyDays + 1)
		if !bytes.Equal(w.objects(w.first)[w.pieces(1)[2].Blob], was) {
			t.Error("it was not healed")
		}
		for _, content := range w.objects(w.second) {
			if bytes.Contains(content, w.part.Plain[:512]) {
				t.Error("a second copy has plaintext in it")
			}
		}
	})
}

// A store that is slow to answer, full or away is no finding.
func TestTroubleOfAStoreIsNoFinding(t *testing.T) {
	eachSecond(t, func(w *world) {
		for _, fault := range []blobtest.Fault{blobtest.FailedNotDone, blobtest.Full, blobtest.Unavailable} {
			w.first.Always(blobtest.OpOpen, fault)
			w.Clock.Forward((everyDays + 1) * 24 * time.Hour)
			if err := w.fixity.Step(t.Context()); err == nil {
				t.Errorf("fault %d: it went well", fault)
			}
			w.first.Always(blobtest.OpOpen, blobtest.None)
			if got := w.told(); got != nil {
				t.Errorf("fault %d: her feed says %v", fault, got)
			}
			w.days(1)
		}
		// One that cannot be written to keeps a finding open, and unsaid.
		w.spoil(w.first, w.pieces(1)[1].Blob, nil)
		w.first.Always(blobtest.OpPut, blobtest.Full)
		w.Clock.Forward((everyDays + 1) * 24 * time.Hour)
		if err := w.fixity.Step(t.Context()); err != nil {
			t.Logf("it says so: %v", err)
		}
		if got := w.told(); got != nil {
			t.Errorf("full: her feed says %v", got)
		}
		w.first.Always(blobtest.OpPut, blobtest.None)
		w.days(1)
		w.readable()
		w.settled()
	})
}

// An ended context ends a run, and the next one goes on.
func TestARunThatIsStoppedGoesOn(t *testing.T) {
	each(t, func(w *world) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.fixity.Step(ended); err == nil {
			t.Error("it went well")
		}
		w.days(1)
		if n := w.count("SELECT COUNT(*) FROM pieces WHERE checked_day = 0"); n != 0 {
			t.Errorf("%d pieces were not checked", n)
		}
	})
}

// Reads together are no faster than they may be, and the last quarter of a period is
// enough for everything.
func TestTheWorkIsSpread(t *testing.T) {
	for i, wait := range fixity.Pace(1<<20, 256<<10, 9) {
		if want := time.Duration(i) * time.Second / 4; wait != want {
			t.Errorf("read %d waits %s, want %s", i, wait, want)
		}
	}
	const day = 24 * time.Hour
	for _, volume := range []int64{1, 1000, 1 << 40} {
		if got := fixity.Early(volume, 40*day, 10*day, time.Minute); got > volume || got < volume-volume/1000-1 {
			t.Errorf("in a quarter of the period %d of %d bytes may be checked", got, volume)
		}
		if got := fixity.Early(volume, 40*day, day, time.Minute); got > volume/10+1 {
			t.Errorf("in a day %d of %d bytes may be checked", got, volume)
		}
	}
}
