package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/bits"
	"os"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

// How long it is waited.
const (
	firstPause  = time.Second
	longPause   = 5 * time.Minute // while the vault cannot be reached
	refusedWait = 6 * time.Hour   // before something that was refused is tried again
)

// Line is the way to the vault.
type Line struct {
	// Note gives the delivery note to bring an item with: the one that it was tried
	// with before, if that is still good, or a new one. It is kept before Bring is
	// asked, for whoever repeats an item must repeat its note.
	Note func(context.Context, Item) (string, error)
	// Bring gives an item to the vault and returns nil when the vault has it,
	// whether from this call or from one before. An error is Refused where the
	// vault said no, and anything else where it could not be reached or could not
	// answer.
	Bring func(context.Context, Item, *Sealed) error
	// Pause waits, or returns the context's error.
	Pause func(context.Context, time.Duration) error
	// Tell hears of each attempt: nil, Refused or what was in the way.
	Tell func(error)
}

// Refused is a no of the vault. What was refused stays in the queue.
type Refused struct {
	Reason string // a few words that name nobody
	Err    error
}

// Error implements error.
func (r *Refused) Error() string { return "the vault refuses the item: " + r.Reason }

// Unwrap gives what the vault said.
func (r *Refused) Unwrap() error { return r.Err }

// Delayed is an error that says how long to wait.
type Delayed struct {
	For time.Duration
	Err error
}

// Error implements error.
func (d *Delayed) Error() string { return d.Err.Error() }

// Unwrap gives what was in the way.
func (d *Delayed) Unwrap() error { return d.Err }

// Run delivers until ctx ends, and then returns nil. Any other end is an error of
// the disk that this process cannot go on with.
func (q *Queue) Run(ctx context.Context, line Line) error {
	for failures := 0; ; {
		p, wait := q.next()
		if p == nil {
			if !q.idle(ctx, wait) {
				return nil
			}
			continue
		}
		err := q.deliver(ctx, p, line)
		if ctx.Err() != nil {
			return nil
		}
		line.Tell(err)
		var refused *Refused
		if err == nil || errors.As(err, &refused) {
			failures = 0
			continue
		}
		failures++
		if line.Pause(ctx, q.pause(failures, err)) != nil {
			return nil
		}
	}
}

// next is the parcel to deliver now, the oldest first; or how long there is none.
func (q *Queue) next() (p *parcel, wait time.Duration) {
	now := q.cfg.Now().Unix()
	q.mu.Lock()
	defer q.mu.Unlock()
	soonest := now + int64(refusedWait/time.Second)
	var due []*parcel
	for _, p := range q.parcels {
		if p.due <= now {
			due = append(due, p)
		}
		soonest = min(soonest, max(p.due, now))
	}
	if len(due) == 0 {
		return nil, time.Duration(soonest-now) * time.Second
	}
	return slices.MinFunc(due, func(a, b *parcel) int {
		if a.Items[0].Day != b.Items[0].Day {
			return int(a.Items[0].Day/86400 - b.Items[0].Day/86400)
		}
		return slices.Compare([]byte(a.name), []byte(b.name))
	}), 0
}

// idle waits until something is committed, or due, or ctx ends.
func (q *Queue) idle(ctx context.Context, wait time.Duration) bool {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-q.wake:
	case <-t.C:
	}
	return true
}

// pause is how long to wait after so many failures in a row: what the vault asked
// for, or a random time below a bound that doubles, so that the gateways of a town
// do not come back in step when the line does.
func (q *Queue) pause(failures int, err error) time.Duration {
	var d *Delayed
	if errors.As(err, &d) && d.For > 0 {
		return min(d.For, longPause)
	}
	bound := min(firstPause<<min(failures, 16), longPause)
	var b [8]byte
	if _, err := io.ReadFull(q.cfg.Rand, b[:]); err != nil {
		return bound
	}
	share, _ := bits.Mul64(be64(b[:]), uint64(bound/2))
	return bound/2 + time.Duration(share)
}

// deliver brings the items of a parcel, and takes those out that the vault has. It
// goes on behind one that is refused, and stops at one that could not be brought.
func (q *Queue) deliver(ctx context.Context, p *parcel, line Line) error {
	var refused error
	for n := 0; n < len(p.Items); {
		var err error
		if p, err = q.sign(ctx, p, n, line); err == nil {
			err = q.bring(ctx, p.Items[n], line)
		}
		var no *Refused
		switch {
		case err == nil:
			if p, err = q.done(p, n); err != nil {
				return err
			}
			continue
		case !errors.As(err, &no):
			return err
		}
		refused = err
		if p, err = q.refuse(p, n, no.Reason); err != nil {
			return err
		}
		n++
	}
	return refused
}

// sign makes sure that the record holds the note that the item is brought with.
func (q *Queue) sign(ctx context.Context, p *parcel, n int, line Line) (*parcel, error) {
	item := p.Items[n]
	note, err := line.Note(ctx, item)
	if err != nil || note == item.Note {
		return p, err
	}
	signed := q.copy(p)
	signed.Items[n].Note, signed.Items[n].Tried = note, item.Tried || item.Note != ""
	if err := q.write(signed); err != nil {
		return p, fmt.Errorf("keep a delivery note: %w", err)
	}
	q.keep(signed)
	return signed, nil
}

func (q *Queue) bring(ctx context.Context, item Item, line Line) error {
	s, err := q.read(&item)
	if errors.Is(err, ErrDamaged) || errors.Is(err, os.ErrNotExist) {
		return &Refused{Reason: "damaged on the gateway's disk", Err: err}
	}
	if err != nil {
		return fmt.Errorf("read a sealed item: %w", err)
	}
	return joinClose(line.Bring(ctx, item, s), s)
}

// done forgets an item that the vault has. A crash after the mark brings it once
// more, under its old id; one after the record leaves a file that Open removes.
func (q *Queue) done(p *parcel, n int) (*parcel, error) {
	item := p.Items[n]
	if m, masked, ok := item.mark(); ok {
		if err := q.remember(m, masked, item.Day); err != nil {
			return p, fmt.Errorf("remember what was delivered: %w", err)
		}
	}
	rest := q.without(p, n)
	if err := q.rewrite(rest); err != nil {
		return p, fmt.Errorf("take a delivered item out of the queue: %w", err)
	}
	size := int64(0)
	if info, err := os.Stat(q.path(item.file())); err == nil {
		size = info.Size()
	}
	if err := os.Remove(q.path(item.file())); err != nil && !errors.Is(err, os.ErrNotExist) {
		return p, fmt.Errorf("remove a delivered item: %w", full(err))
	}
	q.keep(rest)
	q.give(size)
	return rest, nil
}

// remember keeps a mark for longer than its item. Somebody who asks meanwhile
// finds it in the record or in the file, never in neither.
func (q *Queue) remember(n name, masked uint64, day int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, ok := q.marks.find(n); !ok {
		if err := q.marks.add(n, masked, day); err != nil {
			return err
		}
	}
	delete(q.known, n)
	return nil
}

// without is the parcel without one item.
func (q *Queue) without(p *parcel, n int) *parcel {
	rest := q.copy(p)
	rest.Items = slices.Delete(rest.Items, n, n+1)
	return rest
}

// copy is a parcel that may be changed: others read the one there is.
func (q *Queue) copy(p *parcel) *parcel {
	q.mu.Lock()
	defer q.mu.Unlock()
	return &parcel{Items: slices.Clone(p.Items), name: p.name, due: p.due}
}

// refuse notes why an item was not taken. It stays.
func (q *Queue) refuse(p *parcel, n int, reason string) (*parcel, error) {
	changed := &parcel{Items: slices.Clone(p.Items), name: p.name, due: q.cfg.Now().Add(refusedWait).Unix()}
	if changed.Items[n].Refused != reason {
		changed.Items[n].Refused = reason
		if err := q.rewrite(changed); err != nil {
			return p, fmt.Errorf("note why an item was refused: %w", err)
		}
	}
	q.keep(changed)
	return changed, nil
}

// rewrite writes the record as it is now, or removes it with its last item.
func (q *Queue) rewrite(p *parcel) error {
	if len(p.Items) > 0 {
		return q.write(p)
	}
	if err := os.Remove(q.path(string(p.name) + recordSuffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return full(err)
	}
	return syncDir(q.cfg.Dir)
}

// keep is rewrite for the memory.
func (q *Queue) keep(p *parcel) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.parcels[p.name] = p
	if len(p.Items) == 0 {
		delete(q.parcels, p.name)
	}
}

// Discard removes an item, acknowledged as it was, because somebody decided that it
// can never be delivered. Nothing may be delivered meanwhile.
func (q *Queue) Discard(item id.ID) error {
	q.mu.Lock()
	parcels := slices.Collect(maps.Values(q.parcels))
	q.mu.Unlock()
	for _, p := range parcels {
		if n := slices.IndexFunc(p.Items, func(i Item) bool { return i.ID == item }); n >= 0 {
			_, err := q.done(p, n)
			return err
		}
	}
	return fmt.Errorf("discard: %w", os.ErrNotExist)
}

// Renew asks for everything that was refused to be tried again now.
func (q *Queue) Renew() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.parcels {
		p.due = 0
	}
}

// Waiting is how many items are in the queue.
func (q *Queue) Waiting() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, p := range q.parcels {
		n += len(p.Items)
	}
	return n
}
