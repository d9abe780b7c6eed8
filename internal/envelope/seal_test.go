package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
	"pgregory.net/rapid"
)

// For the key and nonce that age drew, Seal writes the very bytes that age
// wrote, at every length around chunk and batch edges and for any number of
// workers.
func TestSealWritesTheBytesAgeWrites(t *testing.T) {
	id := classic(t)
	for _, n := range edges() {
		var file bytes.Buffer
		w, err := age.Encrypt(&file, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(noise(n))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		header, want := file.Bytes()[:envelope.X25519HeaderSize], file.Bytes()[envelope.X25519HeaderSize:]
		key, err := envelope.OpenHeader(header, id)
		if err != nil {
			t.Fatal(err)
		}
		for workers := 0; workers <= 4; workers++ {
			var got bytes.Buffer
			sealed, err := envelope.Seal(&got, bytes.NewReader(noise(n)), key, [16]byte(want[:16]), workers)
			if err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Fatalf("%d bytes, %d workers: other bytes than age, %v", n, workers, err)
			}
			if sealed.Size != int64(len(want)) || sealed.SHA256 != sha256.Sum256(want) {
				t.Fatalf("%d bytes, %d workers: reported %+v", n, workers, sealed)
			}
		}
	}
}

// Stock age opens what Seal wrote, and OpenPayload what age wrote, whatever the
// length, the number of workers and the way the bytes arrive.
func TestSealAndOpenAgreeWithAge(t *testing.T) {
	id := hybrid(t)
	rapid.Check(t, func(rt *rapid.T) {
		edge := rapid.SampledFrom(edges()).Draw(rt, "edge")
		plaintext := noise(max(0, edge+rapid.IntRange(-3, 3).Draw(rt, "off")))
		workers := rapid.IntRange(1, 4).Draw(rt, "workers")
		key, nonce := newKey(t), newNonce(t)
		var payload, out bytes.Buffer
		src := rapid.SampledFrom([]func(io.Reader) io.Reader{iotest.HalfReader, iotest.DataErrReader, plain}).Draw(rt, "arrival")
		if _, err := envelope.Seal(&payload, src(bytes.NewReader(plaintext)), key, nonce, workers); err != nil {
			rt.Fatal(err)
		}
		if got, err := ageOpen(compose(t, key, id.Recipient()), payload.Bytes(), id); err != nil || !bytes.Equal(got, plaintext) {
			rt.Fatalf("age gives %d of %d bytes, %v", len(got), len(plaintext), err)
		}
		err := envelope.OpenPayloadWith(&out, src(bytes.NewReader(payload.Bytes())), key, bind(payload.Bytes(), key), workers)
		if err != nil || !bytes.Equal(out.Bytes(), plaintext) {
			rt.Fatalf("we give %d of %d bytes, %v", out.Len(), len(plaintext), err)
		}
	})
}

func plain(r io.Reader) io.Reader { return r }

// A source that breaks off is never sealed as if it had ended, in particular not
// with io.ErrUnexpectedEOF, by which net/http reports a torn upload.
func TestATornSourceIsNotSealedAsAWhole(t *testing.T) {
	for _, broken := range []error{io.ErrUnexpectedEOF, io.ErrNoProgress, errors.New("line broke")} {
		for _, n := range edges() {
			src := io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(broken))
			_, err := envelope.Seal(io.Discard, src, newKey(t), newNonce(t), 2)
			if !errors.Is(err, broken) {
				t.Errorf("%d bytes and %v: got %v", n, broken, err)
			}
		}
	}
	_, err := envelope.Seal(io.Discard, stuck{}, newKey(t), newNonce(t), 1)
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a source that gives nothing: got %v, want ErrNoProgress", err)
	}
}

// stuck neither gives a byte nor ends.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// However sealing or opening fails, reading, writing or authenticating, early or
// late, no goroutine stays behind: synctest panics when one is left blocked.
func TestNoFailureLeavesAGoroutineBehind(t *testing.T) {
	const total = 40 * envelope.ChunkSize
	key := newKey(t)
	payload, want := seal(t, noise(total), key, 2)
	broken := errors.New("broken")
	for _, at := range []int{0, 10, envelope.ChunkSize, 9 * envelope.ChunkSize, 20 * envelope.ChunkSize, total - 1} {
		torn := func(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b[:at]), iotest.ErrReader(broken)) }
		bent := bytes.Clone(payload)
		bent[at+16] ^= 1
		for name, run := range map[string]func() error{
			"seal, read":  func() error { return sealErr(io.Discard, torn(noise(total)), key) },
			"seal, write": func() error { return sealErr(&fullDisk{room: at, err: broken}, bytes.NewReader(noise(total)), key) },
			"open, read":  func() error { return envelope.OpenPayloadWith(io.Discard, torn(payload), key, want, 3) },
			"open, write": func() error {
				return envelope.OpenPayloadWith(&fullDisk{room: at, err: broken}, bytes.NewReader(payload), key, want, 3)
			},
			"open, tampered": func() error { return envelope.OpenPayloadWith(io.Discard, bytes.NewReader(bent), key, want, 3) },
		} {
			synctest.Test(t, func(t *testing.T) {
				if err := run(); !errors.Is(err, broken) && !errors.Is(err, envelope.ErrPayload) {
					t.Errorf("%s at byte %d: got %v", name, at, err)
				}
			})
		}
	}
}

func sealErr(dst io.Writer, src io.Reader, key envelope.FileKey) error {
	_, err := envelope.Seal(dst, src, key, [16]byte{}, 3)
	return err
}

// fullDisk takes room bytes and then fails.
type fullDisk struct {
	room int
	err  error
}

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n := d.room
		d.room = 0
		return n, d.err
	}
	d.room -= len(p)
	return len(p), nil
}

// A source that panics does not leave goroutines behind either, and a writer
// that takes less than it was given without saying so is an error.
func TestSealSurvivesBadReadersAndWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = sealErr(io.Discard, io.MultiReader(bytes.NewReader(noise(20*envelope.ChunkSize)), panics{}), newKey(t))
	})
	if err := sealErr(&fullDisk{room: 100}, bytes.NewReader(noise(9_000_000)), newKey(t)); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v, want ErrShortWrite", err)
	}
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("reader panics") }

// Memory does not grow with the plaintext: all that sealing and opening 256 MiB
// allocate is a few buffers.
func TestMemoryIsBoundedWhateverTheSize(t *testing.T) {
	const size, limit = 256 << 20, 8 << 20
	key := newKey(t)
	var sealed envelope.Sealed
	used := allocated(func() {
		var err error
		if sealed, err = envelope.Seal(io.Discard, io.LimitReader(zeros{}, size), key, [16]byte{}, 2); err != nil {
			t.Fatal(err)
		}
	})
	if sealed.Size != envelope.PayloadSize(size) || used > limit {
		t.Errorf("sealing %d bytes allocated %d, more than %d", sealed.Size, used, limit)
	}
	want := envelope.Binding{SHA256: sealed.SHA256, Commit: envelope.Commit(key, sealed.SHA256), Size: sealed.Size}
	r, w := io.Pipe()
	go func() {
		_, err := envelope.Seal(w, io.LimitReader(zeros{}, size), key, [16]byte{}, 2)
		w.CloseWithError(err)
	}()
	used = allocated(func() {
		if err := envelope.OpenPayload(io.Discard, r, key, want); err != nil {
			t.Error(err)
		}
	})
	if used > 2*limit {
		t.Errorf("sealing and opening %d bytes allocated %d, more than %d", sealed.Size, used, 2*limit)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Nothing but ciphertext is ever handed to the writer, whole or torn.
func TestNoPlaintextReachesTheWriter(t *testing.T) {
	mark := "canary-7c1e"
	plaintext := strings.Repeat(mark, 200_000)
	for _, src := range []io.Reader{strings.NewReader(plaintext), io.MultiReader(strings.NewReader(plaintext), iotest.ErrReader(io.ErrUnexpectedEOF))} {
		var out bytes.Buffer
		_ = sealErr(&out, src, newKey(t))
		if out.Len() < 1<<16 || bytes.Contains(out.Bytes(), []byte(mark)) {
			t.Fatalf("%d bytes written, plaintext among them: %v", out.Len(), bytes.Contains(out.Bytes(), []byte(mark)))
		}
	}
}
