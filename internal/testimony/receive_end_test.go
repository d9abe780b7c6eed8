package testimony_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// What happens to an upload ends whoever is writing to it, with what happened; and
// nothing of it stays in the store.
func TestAWriterEndsWithItsUpload(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(u *upload)
		want    error
	}{
		"begun anew": {func(u *upload) { u.begin(u.Seal([]byte("x"), u.Her.Recipient)) }, testimony.ErrChanged},
		"given up":   {func(u *upload) { u.must(u.Vault.Terminate(u.t.Context(), u.Her.Caller, u.tid, 1)) }, testimony.ErrNotFound},
		"erased":     {func(u *upload) { u.Erase(u.tid) }, testimony.ErrNotFound},
		"expired": {func(u *upload) {
			u.Clock.Forward(32 * 24 * time.Hour)
			u.must(u.Vault.Expire(u.t.Context(), 30*24*time.Hour))
		}, testimony.ErrNotFound},
		"sealed to a key that is void": {func(u *upload) { u.Rekey(u.Her) }, testimony.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, 2<<20, func(u *upload) {
				u.Vault.Checkpoint = time.Millisecond
				u.must(u.send(0, 500_000))
				r, w := io.Pipe()
				ended := make(chan error, 1)
				go func() {
					ended <- u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, testimony.Incoming{Offset: 500_000, Body: r})
				}()
				_, err := w.Write(u.sealed.Payload[500_000:600_000])
				u.must(err)
				u.await(600_000)
				c.happens(u)
				go func() { // until nobody takes it any more
					_, _ = w.Write(u.sealed.Payload[600_000:1_000_000])
					_ = w.Close()
				}()
				defer r.Close()
				if err := <-ended; !errors.Is(err, c.want) {
					t.Errorf("%v, want %v", err, c.want)
				}
				u.Payloads.Reap(t.Context())
				if n := objects(t, u.World); n != 0 {
					t.Errorf("%d objects are left", n)
				}
			})
		})
	}
}

// What was kept of an upload may be lost before its end: a disk forgets, or the
// database is restored and names what is gone. Then it does not become whole, for
// she would sign for it and delete her own; and what is missing is told.
func TestAnUploadOfWhichSomethingIsLostDoesNotBecomeWhole(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		var told []id.ID
		u.Payloads.Suspect = func(object id.ID) { told = append(told, object) }
		u.must(u.send(0, 600_000))
		u.must(u.send(600_000, 1_200_000))
		var lost string
		u.must(u.DB.View(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT blob FROM pieces WHERE from_b = 0").Scan(&lost)
		}))
		u.must(u.blobs.Delete(t.Context(), id.ID(lost)))
		before := u.progress()
		if err := u.send(int(before.Received), len(u.sealed.Payload)); !errors.Is(err, blob.ErrDamaged) {
			t.Fatalf("%v, want ErrDamaged", err)
		}
		if got := u.progress(); got.PayloadSHA256 != nil || len(told) == 0 || told[0] != id.ID(lost) {
			t.Errorf("%d of %d bytes, told of %v", got.Received, got.Length, told)
		}
		u.must(u.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error { return u.Vault.Rewind(ctx, tx, u.tid, 1, 0) }))
		u.must(u.send(0, len(u.sealed.Payload)))
		u.whole()
	})
}

// A pause concerns reading. What she records meanwhile arrives.
func TestAPauseDoesNotStopAnUpload(t *testing.T) {
	under(t, 1<<20, func(u *upload) {
		u.must(u.send(0, 300_000))
		_, err := u.Pauses.Pause(t.Context(), u.Her.Caller, u.Her.Sign(statement.Pause{Testimony: u.tid}).Compact(), nil)
		u.must(err)
		u.must(u.send(300_000, len(u.sealed.Payload)))
		u.whole()
	})
}

// What does not verify is not there: neither in a row, nor in the store.
func TestWhatDoesNotVerifyLeavesNothing(t *testing.T) {
	for name, size := range map[string]int{"in a row": 20_000, "in pieces": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			under(t, size, func(u *upload) {
				length := len(u.sealed.Payload)
				verified := func(from, to int, err error) error {
					return u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, testimony.Incoming{Offset: int64(from),
						Body: bytes.NewReader(u.sealed.Payload[from:to]), Verify: func() error { return err }})
				}
				for _, cut := range [][2]int{{0, 10}, {10, length / 2}, {length / 2, length}} {
					before := objects(t, u.World)
					if err := verified(cut[0], cut[1], errBroken); !errors.Is(err, errBroken) {
						t.Fatal(err)
					}
					if got, now := u.progress().Received, objects(t, u.World); got != int64(cut[0]) || now != before {
						t.Errorf("%d bytes are kept of %d, %d objects where there were %d", got, cut[0], now, before)
					}
					u.must(verified(cut[0], cut[1], nil))
				}
				u.whole()
			})
		})
	}
}

// Verifying holds what it verifies out of sight, so there is an end to it.
func TestWhatIsVerifiedIsNoLongerThanAPiece(t *testing.T) {
	under(t, 18<<20, func(u *upload) {
		in := testimony.Incoming{Body: bytes.NewReader(u.sealed.Payload), Verify: func() error { return nil }}
		if err := u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, in); !errors.Is(err, testimony.ErrLimit) {
			t.Errorf("%v, want ErrLimit", err)
		}
		if got := u.progress().Received; got != 0 || objects(t, u.World) != 0 {
			t.Errorf("%d bytes are kept", got)
		}
	})
}

// A full store says so, and what was kept stays.
func TestAFullStoreKeepsWhatItHas(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		u.must(u.send(0, 600_000))
		u.Payloads.Blobs = full{u.blobs}
		if err := u.send(600_000, 1_500_000); !errors.Is(err, blob.ErrFull) {
			t.Errorf("%v, want ErrFull", err)
		}
		u.Payloads.Blobs = u.blobs
		at := int(u.progress().Received)
		u.kept(at)
		u.must(u.send(at, len(u.sealed.Payload)))
		u.whole()
	})
}

// A body that waits is hung up on when its upload cannot go on.
func TestALineIsHungUpWhenTheStoreFails(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		u.blobs.Always(blobtest.OpPut, blobtest.FailedNotDone)
		r, w := io.Pipe()
		go func() { _, _ = w.Write(u.sealed.Payload[:1<<20]) }() // and then it waits
		in := testimony.Incoming{Body: r, Hang: func() { _ = r.CloseWithError(errBroken) }}
		if err := u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, in); !errors.Is(err, blobtest.ErrFault) {
			t.Errorf("%v, want the store's error", err)
		}
	})
}

// Nothing is received behind a piece that failed: she hears of it while her line
// would go on, and is not asked for bytes that nobody keeps.
func TestAFailedPieceEndsALineThatGoesOn(t *testing.T) {
	under(t, 8<<20, func(u *upload) {
		u.Vault.Checkpoint = time.Hour
		hung := make(chan struct{})
		store := &failsLate{Faulty: u.blobs, wait: make(chan struct{})}
		u.Payloads.Blobs = store
		line := &goingOn{r: bytes.NewReader(u.sealed.Payload[:3<<19]), stalls: func() { close(store.wait) }, hung: hung}
		in := testimony.Incoming{Body: line, Hang: func() { close(hung) }}
		ended := make(chan error, 1)
		go func() { ended <- u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, in) }()
		select {
		case err := <-ended:
			if !errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("%v, want the store's error", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("the line goes on")
		}
		if got := u.progress().Received; got != 0 {
			t.Errorf("%d bytes are kept", got)
		}
	})
}

// The state of a digest that was altered is refused, not believed.
func TestAnAlteredStateIsRefused(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		u.must(u.send(0, 600_000))
		u.must(u.DB.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE pieces SET digest = NULL")
			return err
		}))
		if err := u.send(600_000, 1_500_000); !errors.Is(err, inflow.ErrState) {
			t.Errorf("%v, want ErrState", err)
		}
		u.kept(600_000)
	})
}

// The quota counts an upload in full from its begin on, once, and gives it back
// however it ends.
func TestTheQuotaCountsAnUploadFromItsBegin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		u := &upload{World: w, t: t, tid: w.Create(w.Her)}
		u.sealed = w.Seal(blobtest.Random(t, 100_000), w.Her.Recipient)
		w.Vault.Limits.Bytes = int64(len(u.sealed.Payload)) * 3 / 2
		begin := func(n int64) error {
			said := w.Her.SignAt(w.ChainHead(w.Her), testimonytest.BeginStatement(u.tid, n, u.sealed))
			_, err := w.Vault.Put(t.Context(), w.Her.Caller, u.tid, testimony.NewPart{Statement: said.Compact(), Header: u.sealed.Header}, nil)
			return err
		}
		u.must(begin(1))
		u.must(begin(1)) // which gives up the first
		if err := begin(2); !errors.Is(err, account.ErrQuota) {
			t.Errorf("a second one: %v", err)
		}
		u.must(u.Vault.Terminate(t.Context(), w.Her.Caller, u.tid, 1))
		u.must(begin(2))
		w.Clock.Forward(32 * 24 * time.Hour)
		u.must(w.Vault.Expire(t.Context(), 30*24*time.Hour))
		u.must(begin(1))
		u.must(u.send(0, len(u.sealed.Payload)))
		if err := begin(2); !errors.Is(err, account.ErrQuota) {
			t.Errorf("beside one that is whole: %v", err)
		}
	})
}

// Days that bring bytes count anew.
func TestAnUploadThatMovesDoesNotExpire(t *testing.T) {
	under(t, 1<<20, func(u *upload) {
		for _, at := range []int{0, 1000, 2000} {
			u.Clock.Forward(29 * 24 * time.Hour)
			u.must(u.send(at, at+1000))
			u.must(u.Vault.Expire(t.Context(), 30*24*time.Hour))
		}
		u.kept(3000)
	})
}

// goingOn is a line that stalls in the middle, until it is hung up on.
type goingOn struct {
	r      io.Reader
	stalls func()
	hung   chan struct{}
}

func (g *goingOn) Read(b []byte) (int, error) {
	if n, _ := g.r.Read(b); n > 0 {
		return n, nil
	}
	g.stalls()
	<-g.hung
	return 0, errBroken
}

// failsLate is a store that takes its first object, and fails when it is told to.
type failsLate struct {
	*blobtest.Faulty
	wait  chan struct{}
	calls atomic.Int64
}

// PutSome implements blob.Store.
func (f *failsLate) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (int64, error) {
	if f.calls.Add(1) > 1 {
		return f.Faulty.PutSome(ctx, key, most, r)
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return 0, err
	}
	<-f.wait
	return 0, blob.ErrUnavailable
}

// full is a store without room.
type full struct{ *blobtest.Faulty }

// PutSome implements blob.Store.
func (full) PutSome(_ context.Context, _ id.ID, _ int64, r io.Reader) (int64, error) {
	_, err := io.CopyN(io.Discard, r, 1000)
	return 0, errors.Join(blob.ErrFull, err)
}
