package journal

import (
	"errors"
	"slices"

	"github.com/relatingfield/vault/internal/store"
)

// fate is how far a record's transaction has come.
type fate int

const (
	underWay fate = iota
	nothing       // it took nothing into the database
)

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
