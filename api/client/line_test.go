package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// line is a connection that fails where a test says.
type line struct {
	mu     sync.Mutex
	before func(*http.Request) error                 // nothing was sent
	after  func(*http.Request, *http.Response) error // everything was done, the answer is lost
	heard  func(*http.Response)                      // changes what comes back
}

var errLine = errors.New("the line is down")

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	before, after, heard := l.before, l.after, l.heard
	l.mu.Unlock()
	if before != nil {
		if err := before(r); err != nil {
			return nil, err
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if after != nil {
		if err := after(r, resp); err != nil {
			resp.Body.Close()
			return nil, err
		}
	}
	if heard != nil {
		heard(resp)
	}
	return resp, nil
}

// once fails the first request that fits.
func once(method, suffix string) (func(*http.Request) error, *int) {
	n := new(int)
	return func(r *http.Request) error {
		if r.Method != method || !strings.HasSuffix(r.URL.Path, suffix) {
			return nil
		}
		*n++
		if *n == 1 {
			return errLine
		}
		return nil
	}, n
}

// over is a client of somebody's on a line of its own, that does not wait.
func over(t *testing.T, w *clienttest.World, keys *client.Keys, l *line) (*client.Client, *int) {
	t.Helper()
	c := w.ClientWith(t, client.Config{Keys: keys, HTTP: &http.Client{Transport: l}})
	pauses := new(int)
	client.DoNotPause(c, pauses)
	return c, pauses
}

// An answer that is lost on the way costs nothing: the same request again gets
// the same answer, and the chain grows by one.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	w := clienttest.NewWorld(t)
	_, keys := w.Participant(t)
	lose, n := once(http.MethodPost, "/v1/testimonies")
	c, pauses := over(t, w, keys, &line{after: func(r *http.Request, _ *http.Response) error { return lose(r) }})
	tid, err := c.Create(context.Background(), client.Testimony{Title: "t", Parts: []client.Content{client.Bytes("a", "", []byte("a"))}})
	if err != nil || *n != 2 || *pauses != 1 {
		t.Fatalf("%d requests, %d pauses, %v", *n, *pauses, err)
	}
	list, err := c.List(context.Background())
	if err != nil || len(list) != 1 || list[0].ID != tid || len(w.Vault.Chain(keys.ID)) != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}

// A nonce that has gone stale just before an upload costs one request more.
func TestAnUploadSurvivesAStaleNonce(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	stale, n := once(http.MethodPatch, "/payload")
	c, _ := over(t, w, keys, &line{before: func(r *http.Request) error {
		if stale(r) != nil {
			w.Vault.Nonce = "nonce-2"
		}
		return nil
	}})
	part, err := c.AddPart(context.Background(), tid, client.Bytes("v", "", make([]byte, large)))
	if err != nil || *n != 2 {
		t.Fatalf("%d uploads, %v", *n, err)
	}
	if err := salma.OpenOwn(context.Background(), tid, part, &buffer{}); err != nil {
		t.Error(err)
	}
}

// When only the answer to an upload is lost, the upload is not made again.
func TestAnUploadWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	lose, n := once(http.MethodPatch, "/payload")
	c, _ := over(t, w, keys, &line{after: func(r *http.Request, _ *http.Response) error { return lose(r) }})
	part, err := c.AddPart(context.Background(), tid, client.Bytes("v", "", make([]byte, large)))
	if err != nil || *n != 1 {
		t.Fatalf("%d uploads, %v", *n, err)
	}
	if err := salma.OpenOwn(context.Background(), tid, part, &buffer{}); err != nil {
		t.Error(err)
	}
}

// A download goes on where the line broke, and every byte is checked as if it
// had never broken.
func TestABrokenDownloadGoesOn(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	var ranges []string
	c, _ := over(t, w, keys, &line{
		before: func(r *http.Request) error {
			if strings.HasSuffix(r.URL.Path, "/content") {
				ranges = append(ranges, r.Header.Get("Range"))
			}
			return nil
		},
		heard: func(resp *http.Response) {
			if strings.HasSuffix(resp.Request.URL.Path, "/content") {
				resp.Body = &torn{resp.Body, 120_000}
			}
		},
	})
	var b buffer
	if err := c.OpenOwn(context.Background(), tid, 3, &b); err != nil || b.Len() != large {
		t.Fatalf("%d bytes, %v", b.Len(), err)
	}
	if fmt.Sprint(ranges) != "[ bytes=120000- bytes=240000-]" {
		t.Errorf("asked for %q", ranges)
	}
}

// torn breaks after so many bytes.
type torn struct {
	io.ReadCloser
	left int
}

func (r *torn) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := r.ReadCloser.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// If the part was locked anew while the line was down, the rest is another file:
// nothing of the pieces is put together, and as nothing was shown yet, it begins anew.
func TestADownloadDoesNotGoOnInAnotherFile(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	salma, keys := w.Participant(t)
	tid := told(t, salma)
	var down sync.Once
	c, _ := over(t, w, keys, &line{heard: func(resp *http.Response) {
		if strings.HasSuffix(resp.Request.URL.Path, "/content") {
			resp.Body = &torn{resp.Body, 120_000}
			down.Do(func() {
				if _, err := salma.Relock(ctx, tid, 3); err != nil {
					t.Error(err)
				}
			})
		}
	}})
	var b buffer
	if err := c.OpenOwn(ctx, tid, 3, &b); err != nil || b.Len() != large {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

// A vault that is busy is asked again, a few times; one that is away is said to
// be away.
func TestPatienceHasAnEnd(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	_, keys := w.Participant(t)
	busy := 3
	w.Vault.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		busy--
		if busy < 0 || r.URL.Path != "/v1/statements" {
			return false
		}
		rw.Header().Set("Retry-After", "1")
		rw.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	c, pauses := over(t, w, keys, &line{})
	if _, err := c.Head(ctx); err != nil || *pauses == 0 {
		t.Errorf("%d pauses, %v", *pauses, err)
	}
	w.Vault.Before = nil
	asked := 0
	away, _ := over(t, w, keys, &line{before: func(*http.Request) error {
		asked++
		return errLine
	}})
	if _, err := away.Head(ctx); !errors.Is(err, client.ErrUnavailable) || asked > 30 {
		t.Errorf("%d attempts, %v", asked, err)
	}
}

// Nothing a request carries names the device, and no redirect is followed to
// where the card does not point.
func TestRequestsSayNothingAboutTheDevice(t *testing.T) {
	w := clienttest.NewWorld(t)
	_, keys := w.Participant(t)
	var seen []http.Header
	w.Vault.Before = func(rw http.ResponseWriter, r *http.Request) bool {
		seen = append(seen, r.Header.Clone())
		if r.URL.Path == "/v1/statements" {
			http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
			return true
		}
		return false
	}
	c := w.ClientWith(t, client.Config{Keys: keys})
	if _, err := c.Head(context.Background()); err == nil {
		t.Error("a redirect was followed or believed")
	}
	for _, h := range seen {
		for name := range h {
			switch name {
			case "Accept", "Authorization", "Dpop", "Content-Type", "Content-Length", "Idempotency-Key", "Accept-Encoding":
			default:
				t.Errorf("a request says %s: %q", name, h[name])
			}
		}
	}
	if w.Vault.Asked["GET /elsewhere"] != 0 || len(seen) == 0 {
		t.Error("the redirect was followed")
	}
}

// Several acts at once are put one after the other.
func TestActsAtOnceFormOneChain(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	c, keys := w.Participant(t)
	tid := told(t, c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := c.AddPart(ctx, tid, client.Bytes("x", "", []byte("x"))); err != nil {
				t.Error(err)
			}
			if _, err := c.List(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	shown, err := w.Client(t, keys).Show(ctx, tid)
	if err != nil || shown.Parts != 11 {
		t.Errorf("%+v, %v", shown, err)
	}
}
