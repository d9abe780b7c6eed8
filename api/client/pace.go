package client

import (
	"context"
	"fmt"
	"io"
	"time"
)

var errStalled = fmt.Errorf("%w: the line takes nothing any more", ErrUnavailable)

// pacer counts what goes onto the line, and stops the request when nothing does.
type pacer struct {
	io.ReadCloser
	t     *transfer
	timer *time.Timer
	at    int64
}

func (t *transfer) paced(r io.ReadCloser, stop context.CancelCauseFunc) io.ReadCloser {
	timer := time.AfterFunc(stallAfter, func() { stop(errStalled) })
	return &pacer{r, t, timer, t.offset}
}

// Read is called when the line has room: the time that the content takes does not
// count, and that between two calls does.
func (p *pacer) Read(b []byte) (int, error) {
	p.timer.Stop()
	n, err := p.ReadCloser.Read(b)
	if err == nil {
		p.timer.Reset(stallAfter)
	}
	p.at += int64(n)
	p.t.tell(p.at)
	return n, err
}

// tell tells whoever watches. The line may still be reading for one request when the
// next begins, so one at a time.
func (t *transfer) tell(at int64) {
	if t.watch == nil {
		return
	}
	t.watching.Lock()
	defer t.watching.Unlock()
	t.watch(at, t.length)
}

// Close implements io.Closer.
func (p *pacer) Close() error {
	p.timer.Stop()
	return p.ReadCloser.Close()
}
