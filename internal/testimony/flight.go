package testimony

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/payload"
)

// flight is a piece between the line and its row. The next one is filled while it
// is flushed and named.
type flight struct {
	object id.ID
	piece  *inflow.Piece
	from   int64 // of the piece in the payload
	was    int64 // bytes kept before it, its head among them
	most   int64
	to     int64 // bytes kept after it, once it is over
	before *flight
	over   chan struct{} // closed when its outcome is known
	err    error
}

// keepPiece makes an object of the tail and what comes. It returns when nothing
// more comes for it, which is before it is durable.
func (r *receiver) keepPiece(ctx context.Context, ready int) error {
	head, err := r.head(ctx)
	if err != nil {
		return err
	}
	f, cancel, err := r.launch(ctx, head, ready)
	if err != nil {
		return err
	}
	defer cancel()
	select {
	case <-f.piece.Ended():
	case <-f.over: // the store gave up before
		return f.err
	}
	if r.alive.Err() != nil {
		return r.settle()
	}
	got := f.piece.Len() - int64(len(head))
	r.at, r.tail = r.at+got, 0
	if r.in.Verify != nil {
		<-f.over
		r.at, r.tail = f.to, f.to-f.from-f.piece.Len()
		return f.err
	}
	if got > r.target-inflow.Block {
		r.target = min(2*r.target, pieceMax)
	}
	// Two at a time: while one is flushed the next is filled.
	if f.before != nil {
		<-f.before.over
		f.before = nil
	}
	return nil
}

// launch sends a piece on its way. cancel stops waiting for more of it.
func (r *receiver) launch(ctx context.Context, head []byte, ready int) (f *flight, cancel context.CancelFunc, err error) {
	if err := r.equip(); err != nil {
		return nil, nil, err
	}
	var due context.Context
	if due, cancel = context.WithCancel(r.alive); r.in.Verify == nil {
		due, cancel = context.WithTimeout(r.alive, r.v.checkpoint())
	}
	b := inflow.Bounds{Ready: int64(ready), Most: r.most()}
	b.Whole = r.at+b.Most == r.slot.Length
	f = &flight{piece: inflow.NewPiece(r.line, r.digest, head, b, due.Done()), from: r.at - r.tail, was: r.at, most: b.Most + int64(len(head)),
		before: r.last, over: make(chan struct{})}
	if f.object, err = id.New(r.v.Rand); err != nil {
		cancel()
		return nil, nil, err
	}
	r.last = f
	r.pieces++
	go r.fly(ctx, f)
	return f, cancel, nil
}

// equip makes what only large payloads need.
func (r *receiver) equip() (err error) {
	if r.payload == "" {
		if r.payload, err = id.New(r.v.Rand); err != nil {
			return err
		}
	}
	if r.digest == nil {
		r.digest, err = inflow.NewDigest(r.state, r.at-r.tail)
	}
	return err
}

// most is how much of the line the next piece may take. What would be left and is
// not worth an object goes with it.
func (r *receiver) most() int64 {
	if left := r.slot.Length - r.at; left < r.target+floor {
		return left
	}
	return r.target
}

// fly stores a piece and names it, after those before it. A piece that is not
// named is let go of, and nothing behind it is waited for.
func (r *receiver) fly(ctx context.Context, f *flight) {
	defer close(f.over)
	before := f.before
	n, err := r.put(f)
	if before != nil {
		if <-before.over; before.err != nil {
			err = before.err
		}
	}
	if err == nil {
		err = r.name(ctx, f, n)
	}
	if err != nil {
		r.giveUp()
	}
	f.err = r.v.Payloads.Discard(ctx, f.object, err)
}

// put fills the object, and gives the store a while for it once all has come.
func (r *receiver) put(f *flight) (int64, error) {
	ctx, cancel := context.WithCancel(r.alive)
	defer cancel()
	put := make(chan struct{})
	defer close(put)
	go func() {
		select {
		case <-f.piece.Ended():
		case <-put:
			return
		}
		late := time.AfterFunc(flushing, cancel)
		defer late.Stop()
		<-put
	}()
	n, err := r.v.Payloads.Blobs.PutSome(ctx, f.object, f.most, f.piece)
	if err != nil {
		return 0, fmt.Errorf("store piece: %w", err)
	}
	if n == 0 || n != f.piece.Len() {
		return 0, fmt.Errorf("store piece: %d bytes are stored of %d", n, f.piece.Len())
	}
	return n, nil
}

// name puts a stored piece behind those before it.
func (r *receiver) name(ctx context.Context, f *flight, n int64) error {
	state, sum, err := f.piece.State()
	if err != nil {
		return fmt.Errorf("hash piece: %w", err)
	}
	rest, err := r.rest()
	if err != nil {
		return err
	}
	f.to = f.from + n + int64(len(rest))
	s := step{was: f.was, to: f.to, tail: rest, piece: &payload.Piece{From: f.from, Length: n, Blob: f.object, Digest: state}}
	if s.to == r.slot.Length {
		// The running digest goes by what came, so it would not notice an object that
		// was lost since, or that a restored database names though it is gone: she
		// would sign for it, and delete her own. Package fixity has the upload go back.
		if err := r.v.Payloads.Stands(ctx, r.payload, f.from); err != nil {
			return fmt.Errorf("what came before: %w", err)
		}
		// The digest of the whole says it, and a state would hold the last bytes.
		s.sum, s.piece.Digest = sum[:], nil
	}
	return r.advance(ctx, s)
}

// rest takes what a verified body has behind the last whole block, which is kept
// together with the piece or not at all.
func (r *receiver) rest() ([]byte, error) {
	if r.in.Verify == nil {
		return nil, nil
	}
	ready, ended := r.line.Wait(inflow.Block, nil)
	if ready == 0 || ready >= inflow.Block || !ended {
		return nil, r.verify()
	}
	return r.take(ready)
}

// settle waits until nothing is in flight any more.
func (r *receiver) settle() error {
	if r.last == nil {
		return nil
	}
	<-r.last.over
	return r.last.err
}
