package s3blob_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/s3test"
)

// Where the time goes (CPU profile of Put, 256 MiB pieces over loopback): the store
// takes a fifth of a second of processor time for a gigabyte, over half of it in
// writing to the socket, a fifth for CRC-32C, a tenth for copying into the client's
// 64 KiB chunks; the rest of the wall time is the server's. Tried: computing a
// checksum of its own beside the client's cost a seventh more and told nothing
// that asking the server for its own does not, so only puts in parts do. Hashing
// each chunk with SHA-256 for the signature, as the plain client does over http,
// takes longer than everything else together (yardstick against put).

// endless repeats random bytes. It is no file and cannot seek, as nothing is that
// arrives.
type endless struct{ b []byte }

func (e endless) Read(p []byte) (int, error) {
	for at := 0; at < len(p); at += len(e.b) {
		copy(p[at:], e.b)
	}
	return len(p), nil
}

func source(size int64) io.Reader {
	e := endless{make([]byte, 1<<20)}
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(e.b) // never fails
	return io.LimitReader(e, size)
}

// BenchmarkPut compares, in one run, the plain client's own single PUT with the
// store's, each followed by a deletion.
func BenchmarkPut(b *testing.B) {
	server := s3test.New(b)
	s := server.Open(b)
	plain := func(options minio.PutObjectOptions) func(context.Context, int64, io.Reader) error {
		c, err := server.Client()
		if err != nil {
			b.Fatal(err)
		}
		options.DisableMultipart = true
		return func(ctx context.Context, size int64, r io.Reader) error {
			_, err := c.PutObject(ctx, s3test.Bucket, "plain", r, size, options)
			return errors.Join(err, c.RemoveObject(ctx, s3test.Bucket, "plain", minio.RemoveObjectOptions{}))
		}
	}
	for _, size := range []int64{64 << 10, 16 << 20, 256 << 20} {
		for _, c := range []struct {
			name string
			put  func(ctx context.Context, size int64, r io.Reader) error
		}{
			{"yardstick", plain(minio.PutObjectOptions{})},
			{"unchecked", plain(minio.PutObjectOptions{DisableContentSha256: true})},
			{"put", func(ctx context.Context, size int64, r io.Reader) error {
				key := blobtest.Key(b)
				return errors.Join(s.Put(ctx, key, size, r), s.Delete(ctx, key))
			}},
			{"putsome", func(ctx context.Context, size int64, r io.Reader) error {
				key := blobtest.Key(b)
				_, err := s.PutSome(ctx, key, size+1, r)
				return errors.Join(err, s.Delete(ctx, key))
			}},
		} {
			b.Run(fmt.Sprintf("%dKiB/%s", size>>10, c.name), func(b *testing.B) {
				b.SetBytes(size)
				for range b.N {
					if err := c.put(b.Context(), size, source(size)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkGet compares reading with the plain client, with the store, and with the
// store in the slices of a delivery.
func BenchmarkGet(b *testing.B) {
	const size = 256 << 20
	server := s3test.New(b)
	s := server.Open(b)
	key := blobtest.Key(b)
	if err := s.Put(b.Context(), key, size, source(size)); err != nil {
		b.Fatal(err)
	}
	c, err := server.Client()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := c.PutObject(b.Context(), s3test.Bucket, "plain", source(size), size, minio.PutObjectOptions{DisableMultipart: true}); err != nil {
		b.Fatal(err)
	}
	stored := func(read func(blob.Object) (int64, error)) func(context.Context) (int64, error) {
		return func(ctx context.Context) (int64, error) {
			o, err := s.Open(ctx, key)
			if err != nil {
				return 0, err
			}
			n, err := read(o)
			return n, errors.Join(err, o.Close())
		}
	}
	for _, c := range []struct {
		name string
		get  func(context.Context) (int64, error)
	}{
		{"yardstick", func(ctx context.Context) (int64, error) {
			o, err := c.GetObject(ctx, s3test.Bucket, "plain", minio.GetObjectOptions{})
			if err != nil {
				return 0, err
			}
			n, err := io.Copy(io.Discard, o)
			return n, errors.Join(err, o.Close())
		}},
		{"whole", stored(func(o blob.Object) (int64, error) { return io.Copy(io.Discard, o) })},
		{"slices", stored(func(o blob.Object) (n int64, err error) {
			for n < size && err == nil {
				var m int64
				if _, err = o.Seek(n, io.SeekStart); err == nil {
					m, err = io.CopyN(io.Discard, o, 256<<10)
				}
				n += m
			}
			return n, err
		})},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(size)
			for range b.N {
				if n, err := c.get(b.Context()); n != size || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
