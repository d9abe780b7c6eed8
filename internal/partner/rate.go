package partner

import (
	"fmt"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

// Rate is how much a program may still ask of this node, in the words of
// draft-ietf-httpapi-ratelimit-headers.
type Rate struct {
	Quota     int64         // requests in a window
	Window    time.Duration // whole seconds
	Remaining int64
	Reset     time.Duration // until the window ends, rounded up to whole seconds
}

// Exceeded is the error of a program that asks too often.
type Exceeded struct{ Rate }

// Error says when to come back.
func (e *Exceeded) Error() string { return fmt.Sprintf("too many requests: come back in %s", e.Reset) }

// Limiter counts the requests of programs, each for itself, in windows that begin
// with a request. It counts those only who have shown who they are, in the memory of
// this node: nobody can use up another's, and nothing about it is kept. The nil
// Limiter lets everything through.
type Limiter struct {
	quota  int64
	window time.Duration
	tick   func() time.Time // monotonic

	mu    sync.Mutex
	seen  map[id.ID]window
	swept time.Time
}

type window struct {
	began time.Time
	used  int64
}

// NewLimiter allows quota requests in a window; tick never goes back.
func NewLimiter(quota int64, every time.Duration, tick func() time.Time) *Limiter {
	return &Limiter{quota: quota, window: every, tick: tick, seen: map[id.ID]window{}}
}

// Take counts a request of a client, or refuses it with *Exceeded.
func (l *Limiter) Take(client id.ID) (Rate, error) {
	if l == nil {
		return Rate{}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.tick()
	l.sweep(now)
	w, there := l.seen[client]
	if !there || now.Sub(w.began) >= l.window {
		w = window{began: now}
	}
	left := l.window - now.Sub(w.began)
	rate := Rate{Quota: l.quota, Window: l.window, Remaining: l.quota - w.used - 1, Reset: (left + time.Second - 1).Truncate(time.Second)}
	if w.used >= l.quota {
		rate.Remaining = 0
		return rate, &Exceeded{rate}
	}
	w.used++
	l.seen[client] = w
	return rate, nil
}

// sweep forgets windows that are over, once a window: a client that went away
// leaves nothing.
func (l *Limiter) sweep(now time.Time) {
	if now.Sub(l.swept) < l.window {
		return
	}
	l.swept = now
	for c, w := range l.seen {
		if now.Sub(w.began) >= l.window {
			delete(l.seen, c)
		}
	}
}
