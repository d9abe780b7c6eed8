package envelope_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
)

// Every change to a payload or to what it is held against is refused, whatever
// part of which chunk it touches.
func TestOpenPayloadRefusesEverythingButTheSealedBytes(t *testing.T) {
	const chunk = envelope.ChunkSize + 16
	for _, n := range []int{0, 100, envelope.ChunkSize, 3*envelope.ChunkSize + 5, 20 * envelope.ChunkSize} {
		key := newKey(t)
		payload, want := seal(t, noise(n), key, 2)
		bent := func(at int) []byte {
			b := bytes.Clone(payload)
			b[at] ^= 1
			return b
		}
		cases := map[string][]byte{
			"nothing": nil, "nonce only": payload[:16], "nonce bent": bent(0), "first byte bent": bent(16),
			"last byte bent": bent(len(payload) - 1), "cut by one": payload[:len(payload)-1], "one more": append(bytes.Clone(payload), 0),
			"half": payload[:len(payload)/2],
		}
		if len(payload) > 16+2*chunk {
			swapped := bytes.Clone(payload)
			copy(swapped[16:], payload[16+chunk:16+2*chunk])
			copy(swapped[16+chunk:], payload[16:16+chunk])
			cases["chunks swapped"], cases["last chunk cut"] = swapped, payload[:16+2*chunk]
		}
		for name, b := range cases {
			if err := envelope.OpenPayload(io.Discard, bytes.NewReader(b), key, want); !errors.Is(err, envelope.ErrPayload) {
				t.Errorf("%d bytes, %s: got %v, want ErrPayload", n, name, err)
			}
		}
	}
}

// Another part under another key, another size, another digest: the binding
// decides, not the payload.
func TestOpenPayloadHoldsThePayloadAgainstTheBinding(t *testing.T) {
	key, other := newKey(t), newKey(t)
	payload, want := seal(t, noise(200_000), key, 2)
	planted, plantedBinding := seal(t, noise(200_000), key, 2)
	for name, c := range map[string]struct {
		payload []byte
		key     envelope.FileKey
		change  func(*envelope.Binding)
		want    error
	}{
		"another key":               {payload, other, func(*envelope.Binding) {}, envelope.ErrCommit},
		"a key of the wrong digest": {payload, key, func(b *envelope.Binding) { b.SHA256[0]++ }, envelope.ErrCommit},
		"impossible size":           {payload, key, func(b *envelope.Binding) { b.Size = 31 }, envelope.ErrSize},
		"smaller size":              {payload, key, func(b *envelope.Binding) { b.Size-- }, envelope.ErrPayload},
		"larger size":               {payload, key, func(b *envelope.Binding) { b.Size++ }, envelope.ErrPayload},
		// Somebody who knows the key, another reader, made this one: each chunk
		// authenticates and only the digest gives it away.
		"sealed by another reader": {planted, key, func(*envelope.Binding) {}, envelope.ErrPayload},
	} {
		binding := want
		c.change(&binding)
		if err := envelope.OpenPayload(io.Discard, bytes.NewReader(c.payload), c.key, binding); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if err := envelope.OpenPayload(io.Discard, bytes.NewReader(planted), key, plantedBinding); err != nil {
		t.Errorf("by its own binding: %v", err)
	}
}

// Giving another reader a header changes no byte of the payload, and the new
// reader opens the same text under the same binding.
func TestReheadingOpensTheSamePayload(t *testing.T) {
	owner, reader := hybrid(t), hybrid(t)
	key := newKey(t)
	payload, want := seal(t, noise(300_000), key, 2)
	hers := compose(t, key, owner.Recipient())
	opened, err := envelope.OpenHeader(hers, owner)
	if err != nil {
		t.Fatal(err)
	}
	got, err := envelope.OpenHeader(compose(t, opened, reader.Recipient()), reader)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := envelope.OpenPayload(&out, bytes.NewReader(payload), got, want); err != nil || !bytes.Equal(out.Bytes(), noise(300_000)) {
		t.Fatalf("%d bytes, %v", out.Len(), err)
	}
}
