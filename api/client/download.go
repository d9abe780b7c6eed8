package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	// maxResumes bounds how often in a row a download is taken up again without
	// having got any further. Each time is several attempts, with pauses between.
	maxResumes = 5
	// stallAfter is how long a line may bring nothing, or take nothing of what is
	// ready for it, before it counts as broken: a phone that changed its cell is never
	// told that the old connection is gone, and the system gives up only after a
	// quarter of an hour.
	stallAfter = time.Minute
)

// download reads a stretch of a remote file. When the line breaks, it goes on at
// the byte where it broke. Every byte is asked for once.
type download struct {
	*remote
	ctx   context.Context
	at    int64 // of the next byte
	to    int64 // 0 is the end of the file
	body  io.ReadCloser
	stop  context.CancelFunc // of the request whose body it is
	stuck int                // attempts in a row that brought nothing
}

// download streams a whole age file.
func (c *Client) download(ctx context.Context, from origin, want expected) (*download, error) {
	r, err := c.remote(from, want)
	if err != nil {
		return nil, err
	}
	return r.stretch(ctx, 0, 0), nil
}

// stretch reads the bytes from at to to, or to the end where to is 0. Nothing is
// asked for before the first Read. Close it.
func (r *remote) stretch(ctx context.Context, at, to int64) *download {
	return &download{remote: r, ctx: ctx, at: at, to: to}
}

// over says whether all of the stretch has been read.
func (d *download) over() bool {
	return d.to > 0 && d.at >= d.to || d.size > 0 && d.at >= d.size
}

// Read implements io.Reader. What comes is bounded by what was asked for, however
// much a server sends.
func (d *download) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if d.over() {
			d.hangUp()
			return 0, io.EOF
		}
		n, err := d.some(p)
		d.at += int64(n)
		if n > 0 {
			d.stuck = 0
			return n, nil
		}
		if err == nil {
			continue
		}
		if err := d.broke(err); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// some reads from the present answer, or asks for one.
func (d *download) some(p []byte) (int, error) {
	if d.body == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	end := d.size
	if d.to > 0 {
		end = min(end, d.to)
	}
	// The timer ends the request, which ends the reading of its body.
	stall := time.AfterFunc(d.c.stall, d.stop)
	defer stall.Stop()
	n, err := d.body.Read(p[:min(int64(len(p)), end-d.at)])
	if err != nil {
		err = lineBroke{err}
	}
	return n, err
}

func (d *download) open() error {
	ctx, stop := context.WithCancel(d.ctx)
	body, err := d.get(ctx, d.at, d.to)
	if err != nil {
		stop()
		return err
	}
	d.body, d.stop = body, stop
	return nil
}

// lineBroke is the end of an answer before its last byte.
type lineBroke struct{ cause error }

func (l lineBroke) Error() string {
	return ErrUnavailable.Error() + ": the line broke: " + l.cause.Error()
}
func (l lineBroke) Unwrap() []error { return []error{ErrUnavailable, l.cause} }

// broke decides whether to go on after a failure, and waits before it does.
func (d *download) broke(err error) error {
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	// What failed before anything had ever come is told at once: it was tried often
	// enough (see do). What is no trouble of the line is not tried again.
	if !errors.Is(err, ErrUnavailable) || !d.opened {
		return err
	}
	if d.stuck++; d.stuck > maxResumes {
		return fmt.Errorf("%w: it broke %d times without bringing anything", err, maxResumes)
	}
	d.hangUp()
	return d.c.pause(d.ctx, d.c.patience(d.stuck, err))
}

func (d *download) hangUp() {
	if d.body == nil {
		return
	}
	d.stop()
	_ = d.body.Close() // nothing more is read from it
	d.body = nil
}

// Close implements io.Closer.
func (d *download) Close() error {
	d.hangUp()
	return nil
}
