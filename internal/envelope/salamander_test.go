package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/envelope/envelopetest"
)

// The attack works on age: one payload with one digest, two headers, and the
// stock library gives each reader another text without complaint. The signed
// commitment fits one of the keys only, so each of our ways of opening refuses
// the other reader's header before it gives a byte.
func TestASalamanderOpensTwiceInAgeAndOnceHere(t *testing.T) {
	honest, forged := newKey(t), newKey(t)
	one, two := hybrid(t), hybrid(t)
	payload, err := envelopetest.Salamander(honest, forged, newNonce(t), []byte("I was not there that day."), []byte("I was there, I saw him do it."))
	if err != nil {
		t.Fatal(err)
	}
	want := bind(payload, honest)
	a, errA := ageOpen(compose(t, honest, one.Recipient()), payload, one)
	b, errB := ageOpen(compose(t, forged, two.Recipient()), payload, two)
	if errA != nil || errB != nil || !bytes.Contains(a, []byte("I was not there")) || !bytes.Contains(b, []byte("I saw him do it")) {
		t.Fatalf("age should open both: %v, %v", errA, errB)
	}

	var out bytes.Buffer
	if err := envelope.OpenPayload(&out, bytes.NewReader(payload), honest, want); err != nil || !bytes.Equal(out.Bytes(), a) {
		t.Errorf("the committed key: %v", err)
	}
	if err := envelope.CheckCommit(forged, want.SHA256, want.Commit); !errors.Is(err, envelope.ErrCommit) {
		t.Errorf("CheckCommit: got %v, want ErrCommit", err)
	}
	out.Reset()
	if err := envelope.OpenPayload(&out, bytes.NewReader(payload), forged, want); !errors.Is(err, envelope.ErrCommit) || out.Len() != 0 {
		t.Errorf("OpenPayload: got %v and %d bytes, want ErrCommit and none", err, out.Len())
	}
	if _, err := envelope.NewRangeReader(bytes.NewReader(payload), forged, want); !errors.Is(err, envelope.ErrCommit) {
		t.Errorf("NewRangeReader: got %v, want ErrCommit", err)
	}
}

// The builder does not depend on luck: any keys and any sizes up to a chunk.
func TestASalamanderCanBeBuiltForAnyKeys(t *testing.T) {
	for _, n := range []int{0, 1, 16, 1000, 30_000} {
		a, b, nonce := newKey(t), newKey(t), newNonce(t)
		payload, err := envelopetest.Salamander(a, b, nonce, noise(n), noise(n))
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []envelope.FileKey{a, b} {
			if err := envelope.OpenPayload(io.Discard, bytes.NewReader(payload), key, bind(payload, key)); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
	if _, err := envelopetest.Salamander(newKey(t), newKey(t), newNonce(t), noise(40_000), noise(40_000)); err == nil {
		t.Error("a salamander longer than a chunk was built")
	}
}
