package inflow_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/relatingfield/vault/internal/inflow"
)

var errBroke = errors.New("the line broke")

// body is a line that brings a random number of bytes at a time, and breaks after
// some.
type body struct {
	random *rand.Rand
	bytes  []byte
	left   int // that come before it breaks
	read   int
}

func (b *body) Read(p []byte) (int, error) {
	switch {
	case len(b.bytes) == 0:
		return 0, io.EOF
	case b.left == 0:
		return 0, errBroke
	}
	n := copy(p[:min(len(p), b.left, 1+b.random.IntN(100_000))], b.bytes)
	b.bytes, b.left, b.read = b.bytes[n:], b.left-n, b.read+n
	return n, nil
}

// receiver is what keeps pieces, over lines that break: all that it carries from one
// to the next is what a vault stores.
type receiver struct {
	t       *testing.T
	random  *rand.Rand
	buffers inflow.Buffers
	payload []byte // that is sent

	kept  []byte // in pieces
	state []byte // of the digest behind them
	tail  []byte // that came behind them and is too little for a piece
	sum   [32]byte
	all   [][]byte // every state that was kept
}

func (r *receiver) whole() bool { return len(r.kept) == len(r.payload) }

// line takes what one line brings.
func (r *receiver) line(b *body) {
	r.t.Helper()
	at := len(r.kept) + len(r.tail)
	line := inflow.NewLine(&r.buffers, b, int64(len(r.payload)-at), nil)
	defer line.Close()
	digest, err := inflow.NewDigest(r.state, int64(len(r.kept)))
	if err != nil {
		r.t.Fatal(err)
	}
	for {
		ready, ended := line.Wait(1+r.random.IntN(inflow.Window), nil)
		if ready == 0 {
			break
		}
		if missing := len(r.payload) - len(r.kept) - len(r.tail); len(r.tail)+ready < inflow.Block && ready < missing {
			more := make([]byte, ready)
			line.Take(more)
			r.tail = append(r.tail, more...)
			continue
		}
		r.piece(line, digest, ready)
		if ended && r.whole() {
			break
		}
	}
	if err := line.Err(); err != nil && !errors.Is(err, errBroke) {
		r.t.Fatal(err)
	}
}

func (r *receiver) piece(line *inflow.Line, digest *inflow.Digest, ready int) {
	r.t.Helper()
	missing := len(r.payload) - len(r.kept) - len(r.tail)
	most := min(missing, max(ready, inflow.Block)+r.random.IntN(1<<20))
	alarm := make(chan struct{})
	if r.random.IntN(2) == 0 {
		close(alarm)
	}
	p := inflow.NewPiece(line, digest, r.tail, inflow.Bounds{Ready: int64(ready), Most: int64(most), Whole: most == missing}, alarm)
	got, err := io.ReadAll(p)
	if err != nil || int64(len(got)) != p.Len() {
		r.t.Fatalf("a piece of %d bytes has %d: %v", p.Len(), len(got), err)
	}
	<-p.Ended()
	r.kept, r.tail = append(r.kept, got...), nil
	if r.state, r.sum, err = p.State(); err != nil {
		r.t.Fatal(err)
	}
	if !r.whole() {
		r.all = append(r.all, r.state)
	}
}
