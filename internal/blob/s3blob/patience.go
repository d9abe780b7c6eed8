package s3blob

import (
	"context"
	"time"
)

const (
	// tries is how often a request is made before its failure is told.
	tries = 3
	// moreTries is for what is at hand and can be sent again: long enough for a server
	// to be started anew.
	moreTries = 5
	// firstPause is the pause before the second; each further one doubles.
	firstPause = 200 * time.Millisecond
	// finishing is how many times its patience a server gets for putting parts
	// together and for cleaning up.
	finishing = 10
)

// patience ends a request whose server makes no progress, however slow the rest
// of the world is. It runs while the server has the next move.
type patience struct {
	limit  time.Duration
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// watch gives a request a context that patience ends. The server has the first
// move. Call stop.
func (s *Store) watch(ctx context.Context) (context.Context, *patience) {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &patience{limit: s.cfg.Patience, cancel: cancel}
	p.timer = time.AfterFunc(p.limit, func() { cancel(errStalled) })
	return ctx, p
}

// rest says that somebody else has the next move.
func (p *patience) rest() { p.timer.Stop() }

// run says that the server has it.
func (p *patience) run() { p.timer.Reset(p.limit) }

func (p *patience) stop() {
	p.timer.Stop()
	p.cancel(nil)
}

// soon gives a request without a body a context that patience ends.
func (s *Store) soon(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.cfg.Patience, errStalled)
}

// pause waits before try number n, counted from 1.
func pause(ctx context.Context, n int) error {
	t := time.NewTimer(firstPause << (n - 1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
