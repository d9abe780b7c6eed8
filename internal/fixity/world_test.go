package fixity_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/fsblob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// world is a vault whose stores can be spoilt.
type world struct {
	*testimonytest.World
	fixity        *fixity.Fixity
	first, second *blobtest.Faulty
	tid           id.ID
	part          testimonytest.Sealed // part 1, in four pieces
}

const everyDays = 30

// pieces are the lengths in which part 1 lies, but for the rest.
var pieces = []int{1, 70_000, 130_001}

// newWorld has a part of four pieces, and another of one, and a small one.
func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{World: testimonytest.New(t, db)}
	w.first, w.second = w.disk(), w.disk()
	w.Payloads.Blobs = w.first
	w.fixity = w.node(db)
	w.tid = w.Create(w.Her)
	w.part = w.Add(w.Her, w.tid, 1, blobtest.Random(t, 300_000))
	w.Add(w.Her, w.tid, 2, blobtest.Random(t, 60_000))
	w.Add(w.Her, w.tid, 3, []byte("small"))
	w.split(1, w.part.Payload)
	return w
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(newWorld(t, db)) })
}

// eachSecond is each with a second store that has everything.
func eachSecond(t *testing.T, test func(w *world)) {
	t.Helper()
	each(t, func(w *world) {
		w.Payloads.Second = w.second
		w.step()
		if n := len(w.objects(w.second)); n != 5 {
			w.T.Fatalf("%d objects were copied, want 5", n)
		}
		test(w)
	})
}

func (w *world) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *world) disk() *blobtest.Faulty {
	w.T.Helper()
	s, err := fsblob.Open(w.T.TempDir(), w.Clock.Now)
	w.must(err)
	return &blobtest.Faulty{Store: s}
}

// node is one more node that checks.
func (w *world) node(db *store.DB) *fixity.Fixity {
	return &fixity.Fixity{DB: db, Payloads: w.Payloads, Keys: shred.Keys{Rand: rand.Reader}, Rewind: w.Vault.Rewind, Every: everyDays * 24 * time.Hour,
		Pace: 1 << 40, PerDay: 1 << 20, Now: w.Clock.Now, Tick: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) step() {
	w.T.Helper()
	w.must(w.fixity.Step(w.T.Context()))
}

// days lets days pass and does what is due after them, now and then.
func (w *world) days(n int) {
	w.T.Helper()
	const often = 3
	for left, i := n, often; left > 0; i-- {
		stride := max(left/max(i, 1), 1)
		w.Clock.Forward(time.Duration(stride) * 24 * time.Hour)
		left -= stride
		w.step()
	}
}

// split lays the payload of a part out in pieces, as a broken line leaves it.
func (w *world) split(n int64, content []byte) {
	w.T.Helper()
	name, h, from := w.ID(), sha256.New(), 0
	for _, length := range append(append([]int(nil), pieces...), len(content)) {
		length = min(length, len(content)-from)
		object := w.ID()
		w.must(w.first.Put(w.T.Context(), object, int64(length), bytes.NewReader(content[from:from+length])))
		h.Write(content[from : from+length])
		state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
		w.must(err)
		p := payload.Piece{From: int64(from), Length: int64(length), Blob: object, Digest: state}
		from += length
		if from == len(content) {
			p.Digest = nil
		}
		w.update(func(ctx context.Context, tx store.Tx) error { return payload.Append(ctx, tx, name, p) })
	}
	old := w.payloadOf(n)
	w.exec("UPDATE parts SET blob = $1 WHERE testimony = $2 AND n = $3", string(name), string(w.tid), n)
	w.update(func(ctx context.Context, tx store.Tx) error { return payload.Doom(ctx, tx, old) })
	w.Payloads.Reap(w.T.Context())
}

func (w *world) update(do store.Work) {
	w.T.Helper()
	w.must(w.DB.Update(w.T.Context(), do))
}

func (w *world) exec(query string, args ...any) {
	w.T.Helper()
	w.update(func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

func (w *world) count(query string, args ...any) (n int64) {
	w.T.Helper()
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, query, args...).Scan(&n)
	}))
	return n
}

func (w *world) payloadOf(n int64) (name id.ID) {
	w.T.Helper()
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, "SELECT blob FROM parts WHERE testimony = $1 AND n = $2", string(w.tid), n).Scan(&name)
	}))
	return name
}

// pieces are those of a part as they are now.
func (w *world) pieces(n int64) (out []payload.Piece) {
	w.T.Helper()
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		out, err = payload.Pieces(ctx, tx, w.payloadOfIn(ctx, tx, n))
		return err
	}))
	return out
}

func (w *world) payloadOfIn(ctx context.Context, tx store.Tx, n int64) (name id.ID) {
	w.T.Helper()
	w.must(tx.QueryRowContext(ctx, "SELECT blob FROM parts WHERE testimony = $1 AND n = $2", string(w.tid), n).Scan(&name))
	return name
}

// objects is what a store has.
func (w *world) objects(s blob.Store) map[id.ID][]byte {
	w.T.Helper()
	out := map[id.ID][]byte{}
	w.must(s.List(w.T.Context(), func(e blob.Entry) error {
		b, err := bytesOf(w.T.Context(), s, e.Key)
		out[e.Key] = b
		return err
	}))
	return out
}

func bytesOf(ctx context.Context, s blob.Store, object id.ID) ([]byte, error) {
	o, err := s.Open(ctx, object)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(o)
	return b, errors.Join(err, o.Close())
}

// spoil puts other bytes in an object's place; nil takes it away.
func (w *world) spoil(s blob.Store, object id.ID, content []byte) {
	w.T.Helper()
	w.must(s.Delete(w.T.Context(), object))
	if content != nil {
		w.must(s.Put(w.T.Context(), object, int64(len(content)), bytes.NewReader(content)))
	}
}

// readable wants part 1 to come back as it was sent.
func (w *world) readable() {
	w.T.Helper()
	f, err := w.Vault.Content(w.T.Context(), w.Her.Caller, w.tid, 1)
	w.must(err)
	var got bytes.Buffer
	_, err = f.WriteRange(&got, 0, f.Size(), func() error { return nil })
	w.must(errors.Join(err, f.Close()))
	if !bytes.Equal(got.Bytes(), append(bytes.Clone(w.part.Header), w.part.Payload...)) {
		w.T.Error("the part is not what was sent")
	}
}

// told is what her feed says of the vault's own findings, in order.
func (w *world) told() (out []custody.Kind) {
	w.T.Helper()
	events, _, err := w.Feed.Read(w.T.Context(), w.Her.ID, w.tid, 0, 1000)
	w.must(err)
	for _, e := range events {
		if e.Kind != custody.Damaged && e.Kind != custody.Healed {
			continue
		}
		if e.Actor != custody.Vault || e.At%86400 != 0 || e.N == 0 || e.Grant != "" || e.Detail != "" {
			w.T.Errorf("her feed says too much or too little: %+v", e)
		}
		out = append(out, e.Kind)
	}
	return out
}

// left is how many objects are doomed.
func (w *world) left() int64 {
	w.T.Helper()
	return w.count("SELECT COUNT(*) FROM doomed_blobs")
}

// settled wants nothing in either store that no piece names, once all holds have
// passed, and nothing missing.
func (w *world) settled() {
	w.T.Helper()
	w.Clock.Forward(time.Hour)
	w.Payloads.Reap(w.T.Context())
	if n := w.left(); n != 0 {
		w.T.Errorf("%d objects are still doomed", n)
	}
	if n, want := int64(len(w.objects(w.first))), w.count("SELECT COUNT(*) FROM pieces"); n != want {
		w.T.Errorf("%d objects in the first store, %d pieces", n, want)
	}
	if n, want := int64(len(w.objects(w.second))), w.count("SELECT COUNT(*) FROM pieces WHERE second IS NOT NULL"); n != want {
		w.T.Errorf("%d objects in the second store, %d copies", n, want)
	}
}

func (w *world) bytes(query string, args ...any) (b []byte) {
	w.T.Helper()
	w.must(w.DB.View(w.T.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.QueryRowContext(ctx, query, args...).Scan(&b)
	}))
	return b
}
