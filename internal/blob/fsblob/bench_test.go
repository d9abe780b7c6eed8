package fsblob_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/fsblob"
)

// endless repeats random bytes.
type endless struct{ b []byte }

func (e endless) Read(p []byte) (int, error) {
	for at := 0; at < len(p); at += len(e.b) {
		copy(p[at:], e.b)
	}
	return len(p), nil
}

// upload measures one large upload over loopback HTTP.
func upload(b *testing.B, take func(r *http.Request) error) {
	b.Helper()
	const size = 1 << 30
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := take(r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			b.Error(err)
		}
	})
	defer wg.Wait()
	defer srv.Close()
	body := endless{make([]byte, 1<<20)}
	rand.Read(body.b) // never fails
	b.SetBytes(size)
	var u0, u1 syscall.Rusage
	syscall.Getrusage(0, &u0)
	defer func() {
		syscall.Getrusage(0, &u1)
		b.ReportMetric(float64(u1.Utime.Nano()+u1.Stime.Nano()-u0.Utime.Nano()-u0.Stime.Nano())/1e9/float64(b.N), "cpu-s/op")
	}()
	b.ResetTimer()
	for range b.N {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPut, "http://"+l.Addr().String(), io.LimitReader(body, size))
		if err != nil {
			b.Fatal(err)
		}
		req.ContentLength = size
		res, err := (&http.Transport{WriteBufferSize: 256 << 10}).RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
			b.Fatal(res.Status, err)
		}
	}
}

// BenchmarkUpload1GiB compares, in one run, a plain copy of the request to a
// file and its flush (the yardstick) with Put, and with Put of a hashed body.
func BenchmarkUpload1GiB(b *testing.B) {
	dir := b.TempDir()
	s, err := fsblob.Open(filepath.Join(dir, "objects"), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	put := func(ctx context.Context, size int64, r io.Reader) error {
		k := blobtest.Key(b)
		return errors.Join(s.Put(ctx, k, size, r), s.Delete(ctx, k))
	}
	for _, c := range []struct {
		name string
		take func(r *http.Request) error
	}{
		{"yardstick", func(r *http.Request) error {
			f, err := os.OpenFile(filepath.Join(dir, "plain"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			_, err = io.Copy(f, r.Body)
			return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
		}},
		{"put", func(r *http.Request) error { return put(r.Context(), r.ContentLength, r.Body) }},
		{"tee", func(r *http.Request) error {
			h := sha256.New()
			if err := put(r.Context(), r.ContentLength, io.TeeReader(r.Body, h)); err != nil {
				return err
			}
			h.Sum(nil)
			return nil
		}},
		{"hashed", func(r *http.Request) error {
			h := blob.NewHashing(r.Body)
			defer h.Close()
			if err := put(r.Context(), r.ContentLength, h); err != nil {
				return err
			}
			_, err := h.Sum()
			return err
		}},
	} {
		b.Run(c.name, func(b *testing.B) { upload(b, c.take) })
	}
}

// BenchmarkPut measures small durable objects from several writers.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{4 << 10, 256 << 10} {
		for _, n := range []int{1, 8} {
			b.Run(fmt.Sprintf("%dKiB/%d", size>>10, n), func(b *testing.B) {
				s, err := fsblob.Open(b.TempDir(), time.Now)
				if err != nil {
					b.Fatal(err)
				}
				body := endless{make([]byte, size)}
				rand.Read(body.b) // never fails
				var left atomic.Int64
				left.Store(int64(b.N))
				var wg sync.WaitGroup
				b.ResetTimer()
				for range n {
					wg.Go(func() {
						for left.Add(-1) >= 0 {
							if err := s.Put(b.Context(), blobtest.Key(b), int64(size), io.LimitReader(body, int64(size))); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "put/s")
			})
		}
	}
}
