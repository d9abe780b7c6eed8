package fixity

import (
	"context"
	"fmt"
	"sync"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// mostAsking is how many checks run on request at a time, and mostAskers how many
// accounts a day are remembered. Who asks is in memory only.
const (
	mostAsking = 2
	mostAskers = 10_000
)

// asked counts the bytes that were read on request today.
type asked struct {
	mu      sync.Mutex
	day     int64
	bytes   map[id.Thumbprint]int64
	running int
}

// Part is what somebody may ask about: a part that a domain has found to be theirs to
// read.
type Part struct {
	Testimony id.ID
	N         int64
	Payload   id.ID // empty where the payload lies in the part's row
}

// Whole asks for all of a part: whoever notices something at its first byte has seen
// nothing of the rest.
const Whole = 0

// Ask checks a part that a client could not open, from the piece that holds the byte
// at of its payload, or all of it with Whole. An account has only so many bytes read
// in a day, and what is beyond them is Later, and done when its turn comes.
func (f *Fixity) Ask(ctx context.Context, who id.Thumbprint, part Part, at int64) (State, error) {
	if !f.asked.enter() {
		return "", ErrBusy
	}
	defer f.asked.leave()
	row, err := f.lookRow(ctx, place{part.Testimony, part.N})
	if err != nil || part.Payload == "" {
		return row, err
	}
	pieces, err := f.piecesAt(ctx, part.Payload, at)
	if err != nil {
		return "", err
	}
	state := row
	for _, p := range pieces {
		s, err := f.askFor(ctx, who, p)
		if err != nil {
			return "", err
		}
		state = worse(state, s)
	}
	return state, nil
}

// askFor looks at one piece now if the account may still ask for so much, and if
// nobody looks at it already.
func (f *Fixity) askFor(ctx context.Context, who id.Thumbprint, p candidate) (State, error) {
	if !f.asked.take(f.today(), who, p.Length, f.PerDay) {
		return Later, f.queue(ctx, p.Blob)
	}
	got, err := f.claimOne(ctx, id.ID(p.Blob), p.Length)
	if err != nil || !got {
		return Later, err
	}
	state, err := f.look(ctx, id.ID(p.Blob), how{wait: atOnce})
	if err != nil && ctx.Err() == nil {
		f.Log.Warn("a payload that somebody asked about could not be checked; it will be tried again", "cause", err)
		return Later, f.queue(ctx, p.Blob)
	}
	return state, err
}

// queue has a piece looked at in its turn, once a day at most.
func (f *Fixity) queue(ctx context.Context, object string) error {
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return fixitydb.New(tx).Queue(ctx, fixitydb.QueueParams{Blob: object, Today: f.today()})
	})
	if err != nil {
		return fmt.Errorf("queue a piece: %w", err)
	}
	return nil
}

// worse is the state of two together.
func worse(a, b State) State {
	for _, s := range []State{Bad, Later, Healed} {
		if a == s || b == s {
			return s
		}
	}
	return Good
}

// piecesAt lists the piece that holds a byte, or all.
func (f *Fixity) piecesAt(ctx context.Context, payload id.ID, at int64) (out []candidate, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := fixitydb.New(tx).PiecesOf(ctx, string(payload))
		for _, r := range rows {
			if at == Whole || r.FromB <= at && at < r.FromB+r.Length {
				out = append(out, candidate{r.Blob, r.Length})
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list pieces: %w", err)
	}
	return out, nil
}

func (a *asked) enter() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == mostAsking {
		return false
	}
	a.running++
	return true
}

func (a *asked) leave() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running--
}

// take counts bytes against the account's day.
func (a *asked) take(day int64, who id.Thumbprint, n, most int64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.day != day {
		a.day, a.bytes = day, map[id.Thumbprint]int64{}
	}
	used, known := a.bytes[who]
	if !known && len(a.bytes) >= mostAskers || used+n > most {
		return false
	}
	a.bytes[who] = used + n
	return true
}
