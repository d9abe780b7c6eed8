package blobtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// ErrFault is the error of an operation that Faulty was told to fail.
var ErrFault = errors.New("a fault on command")

// Fault is what happens to an operation.
type Fault int

// The faults. The first two are the two halves of every crash: before the effect,
// and between the effect and the answer. The next two are refusals that a store
// announces: nothing happens. The last three are of a put's or a read's bytes.
const (
	None          Fault = iota
	FailedNotDone       // nothing happens, and an error is returned
	FailedButDone       // it happens, and an error is returned all the same
	Full                // blob.ErrFull
	Unavailable         // blob.ErrUnavailable
	Slow                // what is put or opened passes in small pieces, with Wait before each
	Truncated           // what is opened ends in its middle, as a file that was cut does
	Corrupted           // of what is opened one bit is another, and nobody says so
)

// Op is an operation of a store.
type Op string

// The operations that can fail.
const (
	OpPut    Op = "put"
	OpOpen   Op = "open"
	OpDelete Op = "delete"
	OpList   Op = "list"
)

// Faulty is a store that fails on command.
type Faulty struct {
	blob.Store
	Wait func(context.Context) error // of Slow; nil does not wait

	mu     sync.Mutex
	next   map[Op]Fault
	always map[Op]Fault
}

// Next decides what happens to the next operation op; those after it work.
func (f *Faulty) Next(op Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = make(map[Op]Fault)
	}
	f.next[op] = fault
}

// Always decides what happens to every operation op from now on, until Always is
// told None; Next goes before.
func (f *Faulty) Always(op Op, fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.always == nil {
		f.always = make(map[Op]Fault)
	}
	f.always[op] = fault
}

// decided takes the fault of the next operation.
func (f *Faulty) decided(op Op) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault, ok := f.next[op]; ok {
		delete(f.next, op)
		return fault
	}
	return f.always[op]
}

// do runs an operation as decided.
func (f *Faulty) do(op Op, run func(Fault) error) error {
	fault := f.decided(op)
	switch fault {
	case FailedNotDone:
		return ErrFault
	case Full:
		return fmt.Errorf("%w: %w", ErrFault, blob.ErrFull)
	case Unavailable:
		return fmt.Errorf("%w: %w", ErrFault, blob.ErrUnavailable)
	}
	err := run(fault)
	if err == nil && fault == FailedButDone {
		return ErrFault
	}
	return err
}

// Put implements blob.Store.
func (f *Faulty) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	return f.do(OpPut, func(fault Fault) error { return f.Store.Put(ctx, key, size, f.source(ctx, fault, r)) })
}

// PutSome implements blob.Store.
func (f *Faulty) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (n int64, err error) {
	err = f.do(OpPut, func(fault Fault) (err error) {
		n, err = f.Store.PutSome(ctx, key, most, f.source(ctx, fault, r))
		return err
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// Open implements blob.Store.
func (f *Faulty) Open(ctx context.Context, key id.ID) (o blob.Object, err error) {
	err = f.do(OpOpen, func(fault Fault) (err error) {
		if o, err = f.Store.Open(ctx, key); err == nil {
			o = f.object(ctx, fault, o)
		}
		return err
	})
	if err != nil && o != nil {
		return nil, errors.Join(err, o.Close())
	}
	return o, err
}

// Delete implements blob.Store.
func (f *Faulty) Delete(ctx context.Context, key id.ID) error {
	return f.do(OpDelete, func(Fault) error { return f.Store.Delete(ctx, key) })
}

// List implements blob.Store.
func (f *Faulty) List(ctx context.Context, tell func(blob.Entry) error) error {
	return f.do(OpList, func(Fault) error { return f.Store.List(ctx, tell) })
}
