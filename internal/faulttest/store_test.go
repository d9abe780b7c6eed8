package faulttest_test

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/linetest"
	"github.com/relatingfield/vault/internal/s3test"
)

// A bucket that is away, or is there and says nothing, stops what needs it, and
// nothing else: large parts are put off before their first byte, small ones are
// told and heard, and everything can be taken back. When it is there again
// everything goes on by itself.
func TestABucketThatIsAwayStopsOnlyWhatNeedsIt(t *testing.T) {
	t.Parallel()
	server, proxy := s3test.New(t), linetest.New(t)
	for name, spoil := range map[string]func(context.Context, *linetest.Line) error{
		"gone": func(ctx context.Context, l *linetest.Line) error { return l.Cut(ctx) },
		"silent": func(ctx context.Context, l *linetest.Line) error {
			return l.Spoil(ctx, linetest.Swallow(linetest.Up, 0), linetest.Swallow(linetest.Down, 0))
		},
	} {
		line, err := proxy.Line(t.Context(), server.Addr())
		must(t, err)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t, set(server.Settings("blobs", name+"/")...), set("blobs.s3.endpoint=http://"+line.Addr))
			first, second, third := w.told(large), w.told(large), w.told(0)
			must(t, spoil(t.Context(), line))
			var both sync.WaitGroup // a silent bucket is given some time
			both.Go(func() {
				w.refuses(first, "adding a large part", func(ctx context.Context, c *client.Client) error {
					_, err := c.AddPart(ctx, first.testimony, faulttest.Content(large, 7))
					return err
				})
			})
			both.Go(func() {
				w.refuses(second, "reading a large part", func(ctx context.Context, c *client.Client) error {
					return c.OpenOwn(ctx, second.testimony, 2, faulttest.Into(new(bytes.Buffer)))
				})
			})
			_, err := third.AddPart(t.Context(), third.testimony, faulttest.Content(1000, 4))
			must(t, err)
			must(t, third.OpenOwn(t.Context(), third.testimony, 2, faulttest.Into(new(bytes.Buffer))))
			w.takeBack(third)
			if got := w.ready(); got != http.StatusServiceUnavailable {
				t.Errorf("it says that it is ready: %d", got)
			}
			both.Wait()
			must(t, line.Mend(t.Context()))
			must(t, w.Ready(t.Context()))
			w.works(second)
		})
	}
}

// refuses wants an act to be put off with 503 and when to come back.
func (w *world) refuses(o *told, what string, act func(context.Context, *client.Client) error) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer stop()
	f := &first{stop: stop}
	c, err := w.Client(o.Keys, f)
	must(w.t, err)
	if err := act(ctx, c); err == nil {
		w.t.Errorf("%s: it was done", what)
	}
	if f.status != http.StatusServiceUnavailable || f.after == "" {
		w.t.Errorf("%s: %d, Retry-After %q\n%s", what, f.status, f.after, w.log())
	}
}

// A slow bucket, and one that breaks its answers off, keep nobody from what is
// theirs for good.
func TestABadBucketIsBorne(t *testing.T) {
	t.Parallel()
	server, proxy := s3test.New(t), linetest.New(t)
	for name, toxics := range map[string][]linetest.Toxic{
		"slow":     {linetest.Slow(linetest.Up, 300), linetest.Slow(linetest.Down, 300), linetest.Latency(linetest.Down, 100*time.Millisecond, 0)},
		"crumbled": {linetest.Crumble(linetest.Up, 900, 200*time.Microsecond), linetest.Crumble(linetest.Down, 900, 200*time.Microsecond)},
	} {
		line, err := proxy.Line(t.Context(), server.Addr())
		must(t, err)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := begin(t, set(server.Settings("blobs", name+"/")...), set("blobs.s3.endpoint=http://"+line.Addr))
			must(t, line.Spoil(t.Context(), toxics...))
			o := w.told(large)
			w.readsHerOwn(o)
			w.works(o)
		})
	}
}
