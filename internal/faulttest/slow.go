package faulttest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// Used is what many slow lines took of the server's memory, in bytes.
type Used struct {
	Lines               int
	Carried             int64 // by all lines
	Before, Most, After int64 // resident
}

// PerLine is what one of them took.
func (u Used) PerLine() int64 { return max(0, u.Most-u.Before) / int64(u.Lines) }

// String is what an operator wants to know.
func (u Used) String() string {
	return fmt.Sprintf("%d slow lines carried %d MiB: %d MiB resident before, %d at most, %d after; %d kB a line",
		u.Lines, u.Carried>>20, u.Before>>20, u.Most>>20, u.After>>20, u.PerLine()>>10)
}

// SlowLines adds a part over each of half of the lines and reads one over each of
// the others, all at once and each over about that time.
func SlowLines(ctx context.Context, w *World, lines int, size int64, over time.Duration) (Used, error) {
	u := Used{Lines: lines, Carried: int64(lines) * size}
	o, err := w.Woman(ctx, nil)
	if err != nil {
		return u, err
	}
	content := Content(int(size), 1) // one for all: it is the server's memory that counts
	read, err := o.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{content}})
	if err != nil {
		return u, err
	}
	if u.Before, _, err = w.Resident(); err != nil {
		return u, err
	}
	if err := slowLines(ctx, w, o, read, content, &u, newPace(size, over)); err != nil {
		return u, err
	}
	u.After, u.Most, err = w.Resident()
	return u, err
}

func slowLines(ctx context.Context, w *World, o *Woman, read api.ID, content client.Content, u *Used, p pace) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range u.Lines {
		if i%2 == 0 {
			g.Go(func() error { return w.readSlowly(ctx, o, read, p) })
			continue
		}
		g.Go(func() error { return w.addSlowly(ctx, content, p) })
	}
	return g.Wait()
}

// addSlowly is a woman of her own: one account does one thing at a time.
func (w *World) addSlowly(ctx context.Context, content client.Content, p pace) error {
	o, err := w.Woman(ctx, slow{&http.Transport{}, p})
	if err != nil {
		return err
	}
	_, err = o.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{content}})
	return err
}

func (w *World) readSlowly(ctx context.Context, o *Woman, read api.ID, p pace) error {
	c, err := w.Client(o.Keys, nil)
	if err != nil {
		return err
	}
	return c.OpenOwn(ctx, read, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return drip{ctx, io.Discard, p}, nil }))
}

// pace is a number of bytes every so often.
type pace struct {
	bytes int64
	every time.Duration
}

// newPace carries size bytes in about that time.
func newPace(size int64, over time.Duration) pace {
	const every = 50 * time.Millisecond
	return pace{max(1, size/int64(over/every)), every}
}

// take waits for the time of n bytes.
func (p pace) take(ctx context.Context, n int) error {
	t := time.NewTimer(time.Duration(int64(n) * int64(p.every) / p.bytes))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drip passes on what is written at its pace.
type drip struct {
	ctx context.Context
	w   io.Writer
	p   pace
}

func (d drip) Write(b []byte) (int, error) {
	if err := d.p.take(d.ctx, len(b)); err != nil {
		return 0, err
	}
	return d.w.Write(b)
}

// slow is a transport whose bodies go up at its pace.
type slow struct {
	base *http.Transport
	p    pace
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.ContentLength > 64<<10 {
		paced := r.Clone(r.Context())
		paced.Body = dropper{r.Context(), r.Body, s.p}
		r = paced
	}
	return s.base.RoundTrip(r)
}

type dropper struct {
	ctx context.Context
	io.ReadCloser
	p pace
}

func (d dropper) Read(b []byte) (int, error) {
	n, err := d.ReadCloser.Read(b[:min(int64(len(b)), d.p.bytes)])
	if late := d.p.take(d.ctx, n); late != nil {
		return n, late
	}
	return n, err
}
