package inflow_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/relatingfield/vault/internal/inflow"
)

// However a payload is cut by lines that break and by pieces that end, its bytes come
// out once and in order, and its digest, put down and taken up again each time, is
// that of crypto/sha256 over all of it.
func TestADigestIsTakenUpWhereItWasPutDown(t *testing.T) {
	for seed := range uint64(60) {
		r := arrived(t, seed, 1<<20)
		if !bytes.Equal(r.kept, r.payload) {
			t.Fatalf("seed %d: other bytes are kept than were sent", seed)
		}
		if r.sum != sha256.Sum256(r.payload) {
			t.Fatalf("seed %d: %x", seed, r.sum)
		}
	}
}

// arrived sends a payload of at most so many bytes over lines that break.
func arrived(t *testing.T, seed uint64, most int) *receiver {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	r := &receiver{t: t, random: random, payload: make([]byte, 1+random.IntN(most))}
	for i := range r.payload {
		r.payload[i] = byte(1 + random.IntN(255)) // none is zero, so that none is overlooked
	}
	for range 1000 {
		at := len(r.kept) + len(r.tail)
		r.line(&body{random: rand.New(rand.NewPCG(random.Uint64(), 1)), bytes: r.payload[at:], left: 1 + random.IntN(most/2)})
		if r.whole() {
			return r
		}
	}
	t.Fatalf("seed %d: it has no end", seed)
	return nil
}

// A state that is kept while an upload is under way holds no byte of the payload:
// between chaining value and count it has the bytes of an unfinished block, and there
// is none.
func TestAStateThatIsKeptHoldsNoContent(t *testing.T) {
	const chained, unfinished = 4 + sha256.Size, inflow.Block // "sha\x03", eight words; then the block; then the count
	seen := 0
	for seed := range uint64(40) {
		r := arrived(t, seed, 1<<20)
		for _, state := range r.all {
			if seen++; len(state) != chained+unfinished+8 || !bytes.Equal(state[chained:chained+unfinished], make([]byte, unfinished)) {
				t.Fatalf("seed %d: a state is %x", seed, state)
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d states were kept", seen)
	}
}

// A state of another length of payload, a part of one, or none where there must be
// one, is refused.
func TestAStateThatDoesNotFitIsRefused(t *testing.T) {
	state, _ := stateAfter(t, nil, 0)
	for name, s := range map[string]struct {
		state []byte
		after int64
	}{
		"of fewer bytes":      {state, 128},
		"of more bytes":       {state, 0},
		"none":                {nil, 64},
		"cut off":             {state[1:], 64},
		"with more behind it": {append([]byte{0}, state...), 64},
		"of another hash":     {append([]byte("sha\x02"), state[4:]...), 64},
	} {
		if d, err := inflow.NewDigest(s.state, s.after); !errors.Is(err, inflow.ErrState) {
			t.Errorf("a state %s: %v, %v", name, d, err)
		}
	}
}

// stateAfter goes on from a state with one block, and gives the state behind it.
func stateAfter(t *testing.T, state []byte, after int64) (next []byte, err error) {
	t.Helper()
	line := inflow.NewLine(new(inflow.Buffers), bytes.NewReader(make([]byte, inflow.Block)), inflow.Block, nil)
	defer line.Close()
	d, err := inflow.NewDigest(state, after)
	if err != nil {
		return nil, err
	}
	p := inflow.NewPiece(line, d, nil, inflow.Bounds{Most: inflow.Block, Whole: true}, nil)
	if _, err := io.Copy(io.Discard, p); err != nil {
		t.Fatal(err)
	}
	next, _, err = p.State()
	if err != nil {
		t.Fatal(err)
	}
	return next, nil
}

// Whatever lies in the place of a state is either refused, or is one behind so many
// bytes and no others, from which hashing goes on.
func FuzzDigestState(f *testing.F) {
	h := sha256.New()
	h.Write(make([]byte, 64))
	state, err := h.(interface{ MarshalBinary() ([]byte, error) }).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state, int64(64))
	f.Add(state, int64(63))
	f.Add([]byte{}, int64(0))
	f.Add(append([]byte("sha\x02"), state[4:]...), int64(64))
	f.Add(state[:len(state)-1], int64(0))
	f.Add(bytes.Repeat([]byte{255}, len(state)), int64(-1))
	f.Fuzz(func(t *testing.T, state []byte, after int64) {
		next, err := stateAfter(t, state, after)
		if err != nil {
			if !errors.Is(err, inflow.ErrState) {
				t.Error(err)
			}
			return
		}
		if _, err := inflow.NewDigest(next, after); !errors.Is(err, inflow.ErrState) {
			t.Errorf("the state behind %d bytes is that of %d", after+inflow.Block, after)
		}
		if _, err := inflow.NewDigest(next, after+inflow.Block); err != nil {
			t.Error(err)
		}
	})
}
