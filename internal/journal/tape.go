package journal

import (
	"crypto/ed25519"
	"os"
	"sync"
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

// close waits for what is being written, and ends.
func (t *tape) close() error {
	t.running.Wait()
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}
