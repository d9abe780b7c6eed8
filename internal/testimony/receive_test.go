package testimony_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// upload is one upload under way, seen from both sides.
type upload struct {
	*testimonytest.World
	t      *testing.T
	tid    id.ID
	sealed testimonytest.Sealed
	blobs  *blobtest.Faulty
}

// under begins an upload of about so many bytes on every engine.
func under(t *testing.T, size int, test func(u *upload)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		u := &upload{World: w, t: t, tid: w.Create(w.Her), blobs: &blobtest.Faulty{Store: w.Blobs}}
		u.Payloads.Blobs = u.blobs
		u.sealed = w.Seal(blobtest.Random(t, size), w.Her.Recipient)
		u.begin(u.sealed)
		test(u)
	})
}

func (u *upload) must(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *upload) begin(s testimonytest.Sealed) {
	u.t.Helper()
	said := u.Her.Sign(testimonytest.BeginStatement(u.tid, 1, s))
	_, err := u.Vault.Put(u.t.Context(), u.Her.Caller, u.tid, testimony.NewPart{Statement: said.Compact(), Header: s.Header}, nil)
	u.must(err)
}

func (u *upload) progress() testimony.Progress {
	u.t.Helper()
	p, err := u.Vault.Progress(u.t.Context(), u.Her.Caller, u.tid, 1)
	u.must(err)
	return p
}

// send sends the payload from an offset to another, then body ends as it ends.
func (u *upload) send(from, to int, end ...io.Reader) error {
	body := io.MultiReader(append([]io.Reader{bytes.NewReader(u.sealed.Payload[from:to])}, end...)...)
	return u.Vault.Receive(u.t.Context(), u.Her.Caller, u.tid, 1, testimony.Incoming{Offset: int64(from), Body: body})
}

// whole wants the payload to be there as it was sealed, and adds it.
func (u *upload) whole() {
	u.t.Helper()
	if got := u.progress(); statement.B64(got.PayloadSHA256) != u.sealed.Binding().PayloadSHA256 {
		u.t.Fatalf("the digest of %d bytes is another", got.Received)
	}
	u.kept(len(u.sealed.Payload))
	_, err := u.Vault.Add(u.t.Context(), u.Her.Caller, u.tid, 1, u.Her.Sign(testimonytest.AddStatement(u.tid, 1, u.sealed.Binding())).Compact(), nil)
	u.must(err)
	if got := content(u.t, u.World, u.tid, 1); !bytes.Equal(got[len(u.sealed.Header):], u.sealed.Payload) {
		u.t.Error("the part is not what was sealed")
	}
}

// kept wants the first n bytes to be kept, and no others.
func (u *upload) kept(n int) {
	u.t.Helper()
	f, err := u.Vault.Kept(u.t.Context(), u.Her.Caller, u.tid, 1)
	u.must(err)
	defer f.Close()
	var got bytes.Buffer
	_, err = f.WriteRange(&got, 0, f.Size(), func() error { return nil })
	u.must(err)
	if !bytes.Equal(got.Bytes(), u.sealed.Payload[:n]) {
		u.t.Fatalf("%d bytes are kept where %d belong, or others", got.Len(), n)
	}
}

// Every byte that came before a line broke is kept, wherever it breaks, and what
// comes out in the end is what was sealed.
func TestWhatCameIsKeptHoweverTheLineBreaks(t *testing.T) {
	for name, size := range map[string]int{"in a row": 20_000, "in pieces": 3 << 20} {
		t.Run(name, func(t *testing.T) {
			under(t, size, func(u *upload) {
				random := rand.New(rand.NewPCG(1, uint64(size)))
				length := len(u.sealed.Payload)
				for at := 0; at < length; {
					// Many short stretches, some long ones, none at times.
					n := min(length-at, int(float64(length)*random.ExpFloat64()/40))
					if random.IntN(4) == 0 {
						n = min(n, random.IntN(70))
					}
					end, want := io.Reader(bytes.NewReader(nil)), error(nil)
					if at+n < length && random.IntN(2) == 0 {
						end, want = &blobtest.Failing{Err: errBroken}, errBroken
					}
					if err := u.send(at, at+n, end); !errors.Is(err, want) {
						t.Fatalf("%d bytes from %d: %v", n, at, err)
					}
					at += n
					if got := u.progress(); got.Received != int64(at) {
						t.Fatalf("%d bytes are kept of %d", got.Received, at)
					}
					u.kept(at)
				}
				u.whole()
			})
		})
	}
}

var errBroken = errors.New("the line broke")

// Whatever the store does, what the vault has told is there, what comes next goes
// on from it, and in the end nothing lies in the store that no row names.
func TestAFailingStoreLosesNothingThatWasTold(t *testing.T) {
	under(t, 4<<20, func(u *upload) {
		random := rand.New(rand.NewPCG(2, 3))
		length, failed := len(u.sealed.Payload), 0
		for at := 0; at < length; {
			fault := []blobtest.Fault{blobtest.None, blobtest.FailedNotDone, blobtest.FailedButDone}[random.IntN(3)]
			u.blobs.Next(blobtest.OpPut, fault)
			to := min(length, at+1+random.IntN(length/6))
			err := u.send(at, to)
			now := int(u.progress().Received)
			switch {
			case now < at, now > to, err == nil && now != to:
				t.Fatalf("%d to %d: %d are kept, %v", at, to, now, err)
			case err != nil && !errors.Is(err, blobtest.ErrFault):
				t.Fatal(err)
			case err != nil:
				failed++
			}
			at = now
		}
		u.blobs.Next(blobtest.OpPut, blobtest.None)
		if failed == 0 {
			t.Error("nothing ever failed")
		}
		u.whole()
		u.Payloads.Reap(t.Context())
		var pieces []payload.Piece
		u.must(u.DB.View(t.Context(), func(ctx context.Context, tx store.Tx) error { return u.pieces(ctx, tx, &pieces) }))
		if n := objects(t, u.World); n != len(pieces) {
			t.Errorf("%d objects for %d pieces", n, len(pieces))
		}
	})
}

// pieces lists those of the one part there is.
func (u *upload) pieces(ctx context.Context, tx store.Tx, out *[]payload.Piece) error {
	var name string
	if err := tx.QueryRowContext(ctx, "SELECT blob FROM parts").Scan(&name); err != nil {
		return err
	}
	var err error
	*out, err = payload.Pieces(ctx, tx, id.ID(name))
	return err
}

// The state that is kept beside a piece is a digest and no content: nothing of what
// she sealed stands in it.
func TestPiecesCarryDigestsAndNoContent(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		for _, cut := range [][2]int{{0, 700_001}, {700_001, 1_400_003}, {1_400_003, len(u.sealed.Payload)}} {
			u.must(u.send(cut[0], cut[1]))
		}
		u.whole()
		var pieces []payload.Piece
		u.must(u.DB.View(t.Context(), func(ctx context.Context, tx store.Tx) error { return u.pieces(ctx, tx, &pieces) }))
		if len(pieces) < 3 {
			t.Fatalf("%d pieces", len(pieces))
		}
		last := len(pieces) - 1
		for _, p := range pieces[:last] {
			// magic, eight words, the bytes of an unfinished block, the count
			if len(p.Digest) != 4+32+64+8 || !bytes.Equal(p.Digest[36:100], make([]byte, 64)) || p.End()%64 != 0 {
				t.Errorf("the piece to %d has the state %x", p.End(), p.Digest)
			}
		}
		if pieces[last].Digest != nil {
			t.Errorf("the last piece has the state %x", pieces[last].Digest)
		}
	})
}

// A request that is no longer than a piece may be becomes one, not several with a
// flush for each.
func TestAShortRequestIsOnePiece(t *testing.T) {
	under(t, 4<<20, func(u *upload) {
		u.Vault.Checkpoint = time.Hour
		for i, cut := range [][2]int{{0, 3 << 20}, {3 << 20, len(u.sealed.Payload)}} {
			in := testimony.Incoming{Offset: int64(cut[0]), Body: bytes.NewReader(u.sealed.Payload[cut[0]:cut[1]]), Length: int64(cut[1] - cut[0])}
			u.must(u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, in))
			if n := objects(t, u.World); n != i+1 {
				t.Errorf("%d objects of %d requests", n, i+1)
			}
		}
		u.whole()
	})
}

// A slow line's bytes are made durable while it goes on, so that a node that dies
// takes seconds of them with it.
func TestASlowLineIsKeptWhileItGoesOn(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		u.Vault.Checkpoint = time.Millisecond
		r, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, testimony.Incoming{Body: r})
		}()
		at := 0
		for _, n := range []int{1, 100, 300_000, 5} {
			_, err := w.Write(u.sealed.Payload[at : at+n])
			u.must(err)
			at += n
			u.await(int64(at))
		}
		u.must(w.Close())
		u.must(<-ended)
		u.must(u.send(at, len(u.sealed.Payload)))
		u.whole()
	})
}

// await waits until so many bytes are kept.
func (u *upload) await(n int64) {
	u.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 20_000 {
		if u.progress().Received == n {
			return
		}
		<-tick.C
	}
	u.t.Fatalf("%d bytes are kept, and %d never", u.progress().Received, n)
}

// Of two who write to one upload one goes on; the other learns that it was
// overtaken, and nothing of it is kept.
func TestTwoWritersDoNotMix(t *testing.T) {
	under(t, 2<<20, func(u *upload) {
		r, w := io.Pipe()
		ended := make(chan error, 1)
		go func() {
			ended <- u.Vault.Receive(t.Context(), u.Her.Caller, u.tid, 1, testimony.Incoming{Body: r})
		}()
		_, err := w.Write(u.sealed.Payload[:100_000])
		u.must(err)
		u.must(u.send(0, 600_000))
		u.must(w.Close())
		if err := <-ended; !errors.Is(err, testimony.ErrOffset) {
			t.Errorf("the one that was overtaken: %v", err)
		}
		if err := u.send(100_000, 200_000); !errors.Is(err, testimony.ErrOffset) {
			t.Errorf("an offset that lies: %v", err)
		}
		u.kept(600_000)
		u.must(u.send(600_000, len(u.sealed.Payload)))
		u.whole()
	})
}
