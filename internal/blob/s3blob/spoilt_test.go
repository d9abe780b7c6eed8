package s3blob_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/s3test"
)

// A transfer that was spoilt on its way is refused, and nothing is stored.
func TestASpoiltTransferIsRefused(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.PartLimit = 5 << 20 })
	content := blobtest.Random(t, 6<<20)
	b.ask = func(r *http.Request) {
		if r.Method == http.MethodPut {
			r.Body = flip(content)(r.Body)
		}
	}
	for _, n := range []int{1000, 1 << 20, 6 << 20} {
		key := blobtest.Key(t)
		if err := s.Put(t.Context(), key, int64(n), bytes.NewReader(content[:n])); !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%d bytes: %v, want ErrUnavailable", n, err)
		}
		if _, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%d bytes are stored: %v", n, err)
		}
	}
	if left := uploads(t, server, ""); len(left) != 0 {
		t.Errorf("%d uploads are left", len(left))
	}
}

// What comes back otherwise is damaged, and its end is held back.
func TestAnObjectThatComesBackOtherwiseIsDamaged(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.PartLimit = 5 << 20 })
	content := blobtest.Random(t, 6<<20)
	b.answer = func(r *http.Response) error {
		if r.Request.Method == http.MethodGet {
			r.Body = flip(content)(r.Body)
		}
		return nil
	}
	for _, n := range []int{1000, 1 << 20, 6 << 20} {
		o := openKey(t, s, put(t, s, content[:n]))
		if got, err := io.ReadAll(o); !errors.Is(err, blob.ErrDamaged) || len(got) >= n {
			t.Errorf("%d bytes: %d came, %v, want ErrDamaged", n, len(got), err)
		}
	}
}

// What was changed, cut or replaced at the server is damaged.
func TestWhatChangesAtTheServerIsDamaged(t *testing.T) {
	server := s3test.New(t)
	s := open(t, server, asItIs)
	content := blobtest.Random(t, 3<<20)
	for name, change := range map[string]func(path string) error{
		"changed": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte{^content[1<<20]}, 1<<20)
			return errors.Join(err, f.Close())
		},
		"cut": func(path string) error { return os.Truncate(path, 2<<20) },
	} {
		key := put(t, s, content)
		if err := change(file(t, server, string(key))); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(openKey(t, s, key)); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("%s: %d bytes came, %v, want ErrDamaged", name, len(got), err)
		}
	}
	key := put(t, s, content)
	o := openKey(t, s, key)
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(o); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("deleted: %v, want ErrNotFound", err)
	}
	if err := s.Put(t.Context(), key, 3<<20, bytes.NewReader(blobtest.Random(t, 3<<20))); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(o); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("replaced: %v, want ErrDamaged", err)
	}
}

// file finds where the server keeps an object.
func file(t *testing.T, server *s3test.Server, name string) (found string) {
	t.Helper()
	err := filepath.WalkDir(server.Files(), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == name {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		t.Fatalf("the server has no file of that name: %v", err)
	}
	return found
}

// What the server refuses is told in the store's own words, which name neither
// the server nor the bucket nor the object.
func TestRefusalsHaveTheirMeaning(t *testing.T) {
	t.Parallel() // it waits, mostly
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, asItIs)
	key := put(t, s, []byte("content"))
	for _, c := range []struct {
		status int
		code   string
		want   error
	}{
		{503, "SlowDown", blob.ErrUnavailable}, {503, "", blob.ErrUnavailable}, {500, "InternalError", blob.ErrUnavailable},
		{429, "TooManyRequests", blob.ErrUnavailable}, {502, "<html>", blob.ErrUnavailable}, {400, "BadDigest", blob.ErrUnavailable},
		{409, "ConditionalRequestConflict", blob.ErrUnavailable}, {403, "RequestTimeTooSkewed", blob.ErrUnavailable},
		{403, "QuotaExceeded", blob.ErrFull}, {507, "InsufficientStorage", blob.ErrFull}, {507, "XMinioStorageFull", blob.ErrFull}, {507, "", blob.ErrFull},
		{412, "PreconditionFailed", blob.ErrExists}, {403, "AccessDenied", nil}, {404, "NoSuchBucket", nil},
		{400, "objects at " + server.Addr(), nil},
	} {
		b.instead = refuse(c.status, c.code)
		err := s.Put(t.Context(), blobtest.Key(t), 7, strings.NewReader("content"))
		switch {
		case err == nil, c.want != nil && !errors.Is(err, c.want):
			t.Errorf("%d %s: %v, want %v", c.status, c.code, err, c.want)
		case c.want == nil && errors.Is(err, blob.ErrUnavailable):
			t.Errorf("%d %s: %v, which no waiting mends", c.status, c.code, err)
		}
		discreet(t, err, server, string(key))
	}
	b.instead = refuse(503, "SlowDown")
	_, openErr := s.Open(t.Context(), key)
	_, someErr := s.PutSome(t.Context(), blobtest.Key(t), 10, strings.NewReader("content"))
	for what, err := range map[string]error{"open": openErr, "put some": someErr, "delete": s.Delete(t.Context(), key), "list": s.List(t.Context(), func(blob.Entry) error { return nil })} {
		if !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", what, err)
		}
		discreet(t, err, server, string(key))
	}
	b.Close()
	_, err := s.Open(t.Context(), key)
	discreet(t, err, server, string(key))
	u, e := url.Parse(b.URL)
	if e != nil || strings.Contains(err.Error(), u.Port()) {
		t.Errorf("%v names the port: %v", e, err)
	}
}

// discreet fails if an error says where objects are, or repeats what a server
// wrote.
func discreet(t *testing.T, err error, server *s3test.Server, key string) {
	t.Helper()
	for _, told := range []string{server.Addr(), "127.0.0.1", "objects at", "secret-host", key, "http://"} {
		if err != nil && strings.Contains(err.Error(), told) {
			t.Errorf("%q tells %q", err, told)
		}
	}
}

// A bucket that is not there is not one without objects.
func TestALostBucketIsNotAnEmptyOne(t *testing.T) {
	server := s3test.New(t)
	s := open(t, server, func(c *s3blob.Config) { c.Bucket = "nowhere" })
	_, openErr := s.Open(t.Context(), blobtest.Key(t))
	for what, err := range map[string]error{
		"open": openErr, "list": s.List(t.Context(), func(blob.Entry) error { return nil }),
		"put": s.Put(t.Context(), blobtest.Key(t), 0, bytes.NewReader(nil)),
	} {
		if err == nil || errors.Is(err, blob.ErrNotFound) || errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A server that stops in the middle is given up after a while, whichever move was
// its own; a source that takes its time is not.
func TestAServerThatStopsIsGivenUp(t *testing.T) {
	t.Parallel() // it waits, mostly
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.Patience = 300 * time.Millisecond })
	key := put(t, s, blobtest.Random(t, 8<<20))
	o := openKey(t, s, key)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	b.answerInstead(func(http.ResponseWriter, *http.Request) bool { <-over; return true })
	_, openErr := s.Open(t.Context(), key)
	_, readErr := o.Read(make([]byte, 10))
	for what, err := range map[string]error{
		"open": openErr, "read": readErr, "put": s.Put(t.Context(), blobtest.Key(t), 32<<20, bytes.NewReader(make([]byte, 32<<20))),
		"delete": s.Delete(t.Context(), key), "list": s.List(t.Context(), func(blob.Entry) error { return nil }),
	} {
		if !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", what, err)
		}
	}
	b.answerInstead(nil)
	r, w := io.Pipe()
	go func() {
		_, err := w.Write(make([]byte, 1000))
		<-time.After(time.Second) // what a slow line does; nothing is waited for
		_, more := w.Write(make([]byte, 1000))
		_ = w.CloseWithError(errors.Join(err, more)) // never fails
	}()
	if err := s.Put(t.Context(), blobtest.Key(t), 2000, r); err != nil {
		t.Errorf("a slow source: %v", err)
	}
}

// A caller who goes is told so, and not that the server is away.
func TestACallerWhoGoesIsNoOutage(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, asItIs)
	ctx, cancel := context.WithCancel(t.Context())
	b.instead = func(w http.ResponseWriter, r *http.Request) bool { cancel(); <-r.Context().Done(); return true }
	if _, err := s.Open(ctx, blobtest.Key(t)); !errors.Is(err, context.Canceled) || errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// What can be sent again is sent again: after a refusal that asks for it, and after
// an answer that was lost, where it turns out to be there already.
func TestWhatCanBeSentAgainIs(t *testing.T) {
	t.Parallel() // it waits, mostly
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, asItIs)
	content := blobtest.Random(t, 200_000)
	var puts atomic.Int32
	first := func() bool { return puts.Add(1) == 1 }
	for name, spoil := range map[string]func(){
		"a refusal": func() {
			b.instead = func(w http.ResponseWriter, r *http.Request) bool {
				return r.Method == http.MethodPut && first() && refuse(503, "SlowDown")(w, r)
			}
		},
		"a lost answer": func() {
			b.answer = func(r *http.Response) error {
				if r.Request.Method == http.MethodPut && first() {
					return errors.New("lost")
				}
				return nil
			}
		},
	} {
		for _, n := range []int{100, len(content)} {
			puts.Store(0)
			spoil()
			key := blobtest.Key(t)
			if got, err := s.PutSome(t.Context(), key, 1<<20, bytes.NewReader(content[:n])); err != nil || got != int64(n) {
				t.Errorf("%s, %d bytes: %d, %v", name, n, got, err)
			}
			if puts.Load() != 2 {
				t.Errorf("%s, %d bytes: sent %d times", name, n, puts.Load())
			}
			b.instead, b.answer = nil, nil
			if got, err := io.ReadAll(openKey(t, s, key)); err != nil || !bytes.Equal(got, content[:n]) {
				t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
			}
		}
	}
	// A rival's object is not taken for one's own.
	key := put(t, s, content)
	puts.Store(0)
	b.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && first() {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if _, err := s.PutSome(t.Context(), key, 1<<20, bytes.NewReader(content[:100])); !errors.Is(err, blob.ErrExists) {
		t.Errorf("a rival's: %v, want ErrExists", err)
	}
}

// With a server that does not know conditional writes, or refuses them, what is
// there is not overwritten either.
func TestAServerWithoutConditionsOverwritesNothing(t *testing.T) {
	server := s3test.New(t)
	for name, spoil := range map[string]func(b *between){
		"ignores": func(b *between) {
			b.answer = func(r *http.Response) error { // as far as the store can see
				if r.StatusCode == http.StatusPreconditionFailed {
					r.StatusCode, r.Status = http.StatusOK, "200 OK"
				}
				return nil
			}
		},
		"refuses": func(b *between) {
			b.instead = func(w http.ResponseWriter, r *http.Request) bool {
				return r.Header.Get("If-None-Match") != "" && refuse(501, "NotImplemented")(w, r)
			}
		},
	} {
		b := stand(t, server)
		spoil(b)
		s := through(t, server, b, asItIs)
		key := put(t, s, []byte("first"))
		if err := s.Put(t.Context(), key, 6, strings.NewReader("second")); !errors.Is(err, blob.ErrExists) {
			t.Errorf("%s: %v, want ErrExists", name, err)
		}
		if got, err := io.ReadAll(openKey(t, s, key)); err != nil || string(got) != "first" {
			t.Errorf("%s: the object is %q, %v", name, got, err)
		}
	}
}

// A server is believed only with a certificate that the system, or the file that
// is named, vouches for.
func TestTheServerIsVouchedFor(t *testing.T) {
	server := s3test.New(t)
	plain := stand(t, server)
	tls := newTLS(t, plain)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	unknown := open(t, server, func(c *s3blob.Config) { c.Endpoint = tls.URL })
	if err := unknown.Put(t.Context(), blobtest.Key(t), 1, bytes.NewReader([]byte{0})); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("nobody vouches: %v", err)
	}
	if n := len(plain.noted()); n != 0 {
		t.Errorf("%d requests reached a server that nobody vouches for", n)
	}
	known := open(t, server, func(c *s3blob.Config) { c.Endpoint, c.CAFile = tls.URL, ca })
	content := blobtest.Random(t, 300_000)
	if got, err := io.ReadAll(openKey(t, known, put(t, known, content))); err != nil || !bytes.Equal(got, content) {
		t.Errorf("over TLS %d bytes came back, %v", len(got), err)
	}
	for _, bad := range []string{filepath.Join(t.TempDir(), "none"), server.Files()} {
		cfg := server.Config("", t.TempDir())
		cfg.CAFile = bad
		if _, err := s3blob.Open(cfg, s3test.Deps()); err == nil {
			t.Error("certificates that cannot be read were accepted")
		}
	}
}

// uploads lists what was begun in parts and not ended.
func uploads(t *testing.T, server *s3test.Server, prefix string) (out []minio.ObjectMultipartInfo) {
	t.Helper()
	c, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	for u := range c.ListIncompleteUploads(t.Context(), s3test.Bucket, prefix, true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		out = append(out, u)
	}
	return out
}
