package termtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// A request that only goes on with an opening is answered for as long as that one
// stands, and is never another: one read of one is not used up by a line that was
// away for a day.
func TestGoingOnNeverCountsAsARead(t *testing.T) {
	each(t, 0, 300*day, 100, func(w *world) {
		offer := w.offer(w.begin, w.begin+300*day)
		offer.Terms.MaxReads = 2
		g, err := w.her.Grant(w.t.Context(), offer)
		w.must(err)
		w.grant = g.ID
		goesOn := http.Header{api.HeaderOpening: {api.OpeningGoesOn}, "Range": {"bytes=100-199"}}
		for _, m := range []struct {
			at     int64
			header http.Header
			want   int
		}{
			{0, goesOn, 409}, // there is nothing to go on with
			{1, nil, 200},
			{2, goesOn, 206},
			{day, goesOn, 206},
			{day + 1, goesOn, 409},
			{day + 2, http.Header{api.HeaderOpening: {"x"}}, 400},
			{day + 3, nil, 200}, // the second read
			{2 * day, goesOn, 206},
			{2*day + 3, goesOn, 404}, // used up, like what there never was
		} {
			w.at(m.at)
			if got, _ := w.read(m.header); got != m.want {
				w.t.Errorf("after %d seconds the reader got %d for %v, want %d", m.at, got, m.header, m.want)
			}
		}
		list, err := w.her.Grants(w.t.Context(), w.told)
		w.must(err)
		if n := len(list[1].Openings); n != 2 {
			w.t.Errorf("%d openings, want 2", n)
		}
	})
}

// What the client keeps of a part that broke off goes on within the session, on a
// real vault, and it is one opening.
func TestAKeptPartGoesOnWithinItsSession(t *testing.T) {
	each(t, 0, 300*day, 100, func(w *world) {
		offer := w.offer(w.begin, w.begin+300*day)
		offer.Terms.MaxReads = 1
		g, err := w.her.Grant(w.t.Context(), offer)
		w.must(err)
		ctx, stop := context.WithCancel(w.t.Context())
		cut := &cutting{left: 5 << 20, stop: stop}
		reader, err := client.New(client.Config{Server: w.vault.URL, Vault: w.vault.ID, Keys: w.reader.Keys, Now: w.vault.Clock.Now, HTTP: &http.Client{Transport: cut}})
		w.must(err)
		dir := filepath.Join(w.t.TempDir(), "part-1")
		if _, err := reader.SaveGranted(ctx, g.ID, 1, dir, nil); !errors.Is(err, context.Canceled) || !client.HasFetched(filepath.Dir(dir), g.ID) {
			w.t.Fatalf("when the program is stopped: %v", err)
		}
		w.at(day - 1)
		if _, err := w.reader.SaveGranted(w.t.Context(), g.ID, 1, dir, nil); err != nil {
			w.t.Fatal(err)
		}
		list, err := w.her.Grants(w.t.Context(), w.told)
		w.must(err)
		if o := list[1].Openings; len(o) != 1 || !o[0].Complete {
			w.t.Errorf("%+v", o)
		}
	})
}

// cutting is a line over which so much of a file comes before the program is stopped.
type cutting struct {
	left int64
	stop context.CancelFunc
}

// RoundTrip implements http.RoundTripper.
func (c *cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && resp.ContentLength > c.left {
		resp.Body = &ending{resp.Body, c}
	}
	return resp, err
}

type ending struct {
	io.ReadCloser
	c *cutting
}

func (e *ending) Read(p []byte) (int, error) {
	if e.c.left <= 0 {
		e.c.stop()
	}
	n, err := e.ReadCloser.Read(p[:min(len(p), int(max(1, e.c.left)))])
	e.c.left -= int64(n)
	return n, err
}
