package s3blob_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/s3test"
)

// between stands between a store and its server: it notes what is asked, and may
// spoil it.
type between struct {
	*httptest.Server
	ask     func(*http.Request)                           // before the server is asked; nil: as it is
	answer  func(*http.Response) error                    // before its answer goes back; nil: as it is
	instead func(http.ResponseWriter, *http.Request) bool // answers in the server's place, if it wants to

	mu    sync.Mutex
	asked []*http.Request
}

func stand(t *testing.T, server *s3test.Server) *between {
	t.Helper()
	target, err := url.Parse(server.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	b := &between{}
	proxy := &httputil.ReverseProxy{
		// The host that was signed goes on to the server, which checks the signature.
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			if b.ask != nil {
				b.ask(r.Out)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			if b.answer != nil {
				return b.answer(r)
			}
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     log.New(io.Discard, "", 0),
	}
	b.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.asked = append(b.asked, r.Clone(r.Context()))
		instead := b.instead
		b.mu.Unlock()
		if instead == nil || !instead(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	b.Config.ErrorLog = log.New(io.Discard, "", 0)
	b.Start()
	t.Cleanup(b.Close)
	return b
}

// answerInstead changes who answers, also while requests are under way.
func (b *between) answerInstead(f func(http.ResponseWriter, *http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.instead = f
}

// noted gives the requests so far and forgets them.
func (b *between) noted() []*http.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.asked
	b.asked = nil
	return out
}

// flip changes a bit of the content that passes.
func flip(content []byte) func(io.ReadCloser) io.ReadCloser {
	return func(body io.ReadCloser) io.ReadCloser {
		return &flipping{body, content[:min(len(content), 16)], false}
	}
}

// flipping flips the first occurrence of a mark, where it comes in one piece.
type flipping struct {
	io.ReadCloser
	mark []byte
	done bool
}

func (f *flipping) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if i := bytes.Index(p[:n], f.mark); i >= 0 && !f.done {
		f.done = true
		p[i] ^= 1
	}
	return n, err
}

// refuse answers with an S3 error.
func refuse(status int, code string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>secret-host.example objects</Message></Error>") // the test sees what the store makes of it
		}
		return true
	}
}

// newTLS makes a server with a certificate of its own that passes everything to b.
func newTLS(t *testing.T, b *between) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(b.Config.Handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// versioning answers every question with a bucket's versioning.
func versioning(status string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		_, err := io.WriteString(w, "<VersioningConfiguration>"+status+"</VersioningConfiguration>")
		return err == nil
	}
}
