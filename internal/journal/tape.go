package journal

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"

	"github.com/relatingfield/vault/internal/store"
)

// tape appends to this node's journal. Records get their number and place in the
// chain when they are handed in; one goroutine at a time writes what has gathered,
// and flushes once for all of it.
type tape struct {
	place   Place
	key     ed25519.PrivateKey
	maxFile int64

	mu      sync.Mutex
	last    Head // of the last record that was handed in
	durable Head // of the last one that is flushed
	gather  *batch
	busy    bool
	fresh   bool // the next record begins a file
	broken  bool // a failed write has not been taken back yet
	open    map[int64]fate
	firstIn int64 // the day of file's first record
	running sync.WaitGroup

	// These belong to whoever is busy, or holds mu while nobody is.
	file *os.File
	size int64 // bytes of file that are flushed
}

// fate is how far a record's transaction has come.
type fate int

const (
	underWay fate = iota
	nothing       // it took nothing into the database
)

// batch is records that share a flush.
type batch struct {
	data  []byte
	heads []Head
	day   int64
	fresh *segment // they begin this file
	done  chan struct{}
	err   error
}

// append makes r the next record, and returns when it is flushed.
func (t *tape) append(r record) (Head, error) {
	b, head, err := t.hand(r)
	if err != nil {
		return Head{}, err
	}
	<-b.done
	if b.err != nil {
		return Head{}, b.err
	}
	return head, nil
}

// hand puts r into the batch that gathers.
func (t *tape) hand(r record) (*batch, Head, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.broken && !t.busy {
		t.broken = t.takeBack() != nil
	}
	if t.broken {
		return nil, Head{}, ErrUnwritable
	}
	r.Seq, r.Prev, r.Day = t.last.Seq+1, b64(t.last.Hash[:]), t.place.today()
	if t.fresh {
		r.Of = &origin{t.place.Vault, t.place.Node}
	}
	line, head, err := r.line(t.place, t.key)
	if err != nil {
		return nil, Head{}, err
	}
	if t.gather == nil {
		t.gather = &batch{done: make(chan struct{}), day: r.Day}
	}
	b := t.gather
	if t.fresh {
		s := t.place.segment(t.place.Node, r.Seq)
		b.fresh, t.fresh = &s, false
	}
	b.data, b.heads = append(b.data, line...), append(b.heads, head)
	t.last, t.open[head.Seq] = head, underWay
	if !t.busy {
		t.busy = true
		t.running.Go(t.run)
	}
	return b, head, nil
}

// run writes batch after batch until none has gathered.
func (t *tape) run() {
	for {
		t.mu.Lock()
		b := t.gather
		t.gather = nil
		t.busy = b != nil
		t.mu.Unlock()
		if b == nil {
			return
		}
		b.err = t.write(b)
		t.settle(b)
	}
}

// settle tells those who share b how it went. After a failure nothing that was
// handed in since can be written either: it follows what is not there.
func (t *tape) settle(b *batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b.err == nil {
		t.durable = b.heads[len(b.heads)-1]
		if b.fresh != nil {
			t.firstIn = b.day
		}
		t.fresh = t.fresh || t.size >= t.maxFile && t.gather == nil
		close(b.done)
		return
	}
	b.err = why(b.err)
	t.forget(b)
	t.last, t.fresh = t.durable, t.fresh || b.fresh != nil
	if next := t.gather; next != nil {
		t.forget(next)
		next.err, t.gather, t.fresh = b.err, nil, t.fresh || next.fresh != nil
		close(next.done)
	}
	t.broken = t.takeBack() != nil
	close(b.done)
}

// forget gives back the numbers of records that were not written: the next ones
// take them.
func (t *tape) forget(b *batch) {
	for _, h := range b.heads {
		delete(t.open, h.Seq)
	}
}

// write puts the lines behind those that are flushed, and flushes. A crash before
// the flush has returned leaves any part of them, or all: none was acknowledged.
func (t *tape) write(b *batch) error {
	if b.fresh == nil {
		return t.put(t.file, t.size, b)
	}
	f, err := os.OpenFile(b.fresh.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	old, size := t.file, t.size
	if err = t.put(f, 0, b); err == nil {
		err = syncDir(t.place.folder(t.place.Node))
	}
	if err != nil {
		t.size = size
		return errors.Join(err, f.Close(), os.Remove(b.fresh.path))
	}
	t.file = f
	if old != nil {
		_ = old.Close() // it is flushed, and the lines of b are written
	}
	return nil
}

func (t *tape) put(f *os.File, at int64, b *batch) error {
	if _, err := f.WriteAt(b.data, at); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	t.size = at + int64(len(b.data))
	return nil
}

// takeBack removes what a failed write has left behind the flushed lines. What is
// not taken back would be read as written after a crash; that is why nothing
// follows before it is gone.
func (t *tape) takeBack() error {
	if t.file == nil {
		return nil
	}
	return errors.Join(t.file.Truncate(t.size), t.file.Sync())
}

// why makes a full disk recognizable.
func why(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("%w: %w", ErrUnwritable, err)
}

// end closes a number. Of one whose end nobody knows the row may be there or not:
// it stays open, and the next start applies it if it is not.
func (t *tape) end(seq int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err == nil:
		delete(t.open, seq)
	case !errors.Is(err, store.ErrUncertain):
		t.open[seq] = nothing
	}
}

// void writes down which numbers came to nothing, so that no restart applies what
// was tried and given up; a retried transaction has written its act again.
func (t *tape) void() error {
	t.mu.Lock()
	var list []int64
	for seq, f := range t.open {
		if f == nothing {
			list = append(list, seq)
		}
	}
	t.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	head, err := t.append(record{Void: list})
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, seq := range append(list, head.Seq) {
		delete(t.open, seq)
	}
	return nil
}

// closed is the number below which everything has ended.
func (t *tape) closed() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	least := t.last.Seq + 1
	for seq := range t.open {
		least = min(least, seq)
	}
	return least
}

// close waits for what is being written, and ends.
func (t *tape) close() error {
	t.running.Wait()
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
