package fixity

import (
	"context"
	"sync"
	"time"
)

// pace spreads reading over time, for all that this node reads of its own accord.
type pace struct {
	mu   sync.Mutex
	next time.Time // when the next bytes may be read
}

// reserve takes the time of n bytes at rate bytes a second, and says how long to wait
// until it begins.
func (p *pace) reserve(now time.Time, rate int64, n int) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(int64(n) * int64(time.Second) / max(rate, 1)))
	return wait
}

// keep waits until n more bytes may be read at rate bytes a second.
func (p *pace) keep(ctx context.Context, now time.Time, rate int64, n int) error {
	wait := p.reserve(now, rate, n)
	if wait < time.Millisecond {
		return nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowly keeps the pace, for what nobody waits for.
func (f *Fixity) slowly(ctx context.Context, n int) error {
	return f.pace.keep(ctx, f.Tick(), f.Pace, n)
}

// atOnce does not, for what somebody waits for.
func atOnce(context.Context, int) error { return nil }

// The last quarter of the period is when pieces are checked before they are due, as
// many at a time as make it even: what came in one day is not checked in one day.
const quarters = 4

// spread knows how many bytes may be checked early, and how much there is.
type spread struct {
	mu       sync.Mutex
	measured time.Time
	bytes    int64 // of all pieces
	last     time.Time
	left     float64
}

// measureEvery is how often the volume is measured.
const measureEvery = time.Hour

// allow adds what has come together since the last call and says how much it is.
func (s *spread) allow(now time.Time, every time.Duration) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.IsZero() {
		s.last = now
	}
	s.left += float64(s.bytes) * float64(now.Sub(s.last)) / float64(every/quarters)
	s.left, s.last = min(s.left, float64(s.bytes)), now
	return int64(s.left)
}

func (s *spread) took(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left -= float64(n)
}
