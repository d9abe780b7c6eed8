package envelope_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"io"
	mathrand "math/rand/v2"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

func newKey(t testing.TB) envelope.FileKey {
	t.Helper()
	key, err := envelope.NewFileKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newNonce(t testing.TB) [envelope.NonceSize]byte {
	t.Helper()
	nonce, err := envelope.NewNonce(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return nonce
}

func hybrid(t testing.TB) *age.HybridIdentity {
	t.Helper()
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func classic(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func compose(t testing.TB, key envelope.FileKey, to age.Recipient) []byte {
	t.Helper()
	header, err := envelope.ComposeHeader(key, to)
	if err != nil {
		t.Fatal(err)
	}
	return header
}

// noise is the same for the same length, and incompressible.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = mathrand.NewChaCha8([32]byte{byte(n), byte(n >> 8)}).Read(b)
	return b
}

// seal gives the payload of plaintext and what binds it.
func seal(t testing.TB, plaintext []byte, key envelope.FileKey, workers int) ([]byte, envelope.Binding) {
	t.Helper()
	var payload bytes.Buffer
	sealed, err := envelope.Seal(&payload, bytes.NewReader(plaintext), key, newNonce(t), workers)
	if err != nil {
		t.Fatal(err)
	}
	want := bind(payload.Bytes(), key)
	if sealed.SHA256 != want.SHA256 || sealed.Size != want.Size {
		t.Fatalf("Seal reports %+v for a payload of %d bytes", sealed, payload.Len())
	}
	return payload.Bytes(), want
}

func bind(payload []byte, key envelope.FileKey) envelope.Binding {
	sum := sha256.Sum256(payload)
	return envelope.Binding{SHA256: sum, Commit: envelope.Commit(key, sum), Size: int64(len(payload))}
}

// ageOpen is what the library of age makes of header and payload.
func ageOpen(header, payload []byte, ids ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(envelope.Join(header, bytes.NewReader(payload)), ids...)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// edges are plaintext lengths at which chunks and batches begin and end.
func edges() []int {
	const chunk, run = envelope.ChunkSize, envelope.ChunkSize * envelope.ChunksAtOnce
	return []int{
		0, 1, 15, 16, 1023, chunk - 17, chunk - 1, chunk, chunk + 1, chunk + 16, chunk + 17, 2*chunk - 1, 2 * chunk, 2*chunk + 1,
		run - 1, run, run + 1, run + chunk - 1, run + chunk, run + chunk + 1, 2*run + chunk, 2*run + chunk + 1, 9*run + 12345,
	}
}
