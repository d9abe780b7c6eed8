package pause

import (
	"context"
	"errors"
	"time"
)

// ErrBusy reports that a code was not taken, because more came in than a node
// takes at a time. It is decided before the code is looked at.
var ErrBusy = errors.New("too many codes come in at a time: this one was not taken; send it again")

// The bound on codes: one at a time on each node, with at least spacing between
// two, and so many waiting their turn. That is fifty a second, whoever sends them:
// an hour of flood is a few megabytes of hashes, which Heed takes out again as they
// come, and 66 bits are far beyond guessing.
const (
	spacing = 20 * time.Millisecond
	waiting = 100
)

// door lets codes in one after another.
type door struct {
	queue chan struct{} // a place for everybody who waits
	turn  chan time.Time
}

func newDoor() door {
	d := door{make(chan struct{}, waiting), make(chan time.Time, 1)}
	d.turn <- time.Time{}
	return d
}

// enter waits for a turn, which ends with leave.
func (d door) enter(ctx context.Context, tick func() time.Time) (leave func(), err error) {
	select {
	case d.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	defer func() { <-d.queue }()
	select {
	case last := <-d.turn:
		if err := rest(ctx, last.Add(spacing).Sub(tick())); err != nil {
			d.turn <- last
			return nil, err
		}
		return func() { d.turn <- tick() }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// rest waits, or reports that ctx has ended.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run heeds codes as they come until ctx ends, and every so often those that
// another node took before it died.
func (p *Pauses) Run(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		if err := p.Heed(ctx); err != nil && ctx.Err() == nil {
			p.Log.Error("look up the codes that came in; they are kept and will be tried again", "cause", err)
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-p.wake:
		}
	}
}
