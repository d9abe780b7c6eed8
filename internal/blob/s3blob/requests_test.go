package s3blob_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/s3test"
)

// through opens a store whose requests pass b, and has it ask its first questions.
func through(t *testing.T, server *s3test.Server, b *between, change func(*s3blob.Config)) *s3blob.Store {
	t.Helper()
	s := open(t, server, func(c *s3blob.Config) { c.Endpoint = b.URL; change(c) })
	put(t, s, nil)
	b.noted()
	return s
}

func asItIs(*s3blob.Config) {}

func put(t *testing.T, s blob.Store, content []byte) id.ID {
	t.Helper()
	key := blobtest.Key(t)
	if err := s.Put(t.Context(), key, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return key
}

func openKey(t *testing.T, s blob.Store, key id.ID) blob.Object {
	t.Helper()
	o, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// Reading in slices from the beginning is one request, from somewhere else a few;
// a range is a range to the server, too, and no more comes than was asked for.
func TestRangesPassThrough(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, asItIs)
	content := blobtest.Random(t, 8<<20)
	key := put(t, s, content)
	const slice = 256 << 10
	for from, most := range map[int]int{0: 1, 1: 4, 4 << 20: 3} {
		o := openKey(t, s, key)
		b.noted()
		for at := from; at < len(content); at += slice {
			if _, err := o.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, o, int64(min(slice, len(content)-at))); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(b.noted()); n > most {
			t.Errorf("reading on from %d took %d requests, want %d at most", from, n, most)
		}
	}
	o := openKey(t, s, key)
	b.noted()
	if _, err := o.ReadAt(make([]byte, 1000), 5000); err != nil {
		t.Fatal(err)
	}
	asked := b.noted()
	if len(asked) != 1 || asked[0].Header.Get("Range") != "bytes=5000-5999" {
		t.Errorf("a read at 5000 asked %d times, for %q", len(asked), asked[0].Header.Get("Range"))
	}
	if _, err := o.Seek(7<<20, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(o, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	asked = b.noted()
	if len(asked) != 1 || asked[0].Header.Get("Range") != fmt.Sprintf("bytes=%d-%d", 7<<20, 8<<20-1) {
		t.Errorf("a read from 7 MiB asked %d times, for %q", len(asked), asked[0].Header.Get("Range"))
	}
}

// A put is one request of known length with a checksum behind it and a condition
// before it; what is larger than the limit goes in parts, and nothing else does.
func TestAPutIsOneRequest(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.PartLimit = 5 << 20 })
	put(t, s, blobtest.Random(t, 5<<20))
	asked := b.noted()
	if len(asked) != 1 {
		t.Fatalf("%d requests, want 1", len(asked))
	}
	for name, want := range map[string]string{
		"If-None-Match": "*", "X-Amz-Trailer": "x-amz-checksum-crc32c", "X-Amz-Decoded-Content-Length": "5242880",
	} {
		if got := asked[0].Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if asked[0].ContentLength < 5<<20 {
		t.Errorf("the request's length is %d", asked[0].ContentLength)
	}
	key := put(t, s, blobtest.Random(t, 5<<20+1))
	var steps []string
	for _, r := range b.noted() {
		steps = append(steps, r.Method)
	}
	if strings.Join(steps, " ") != "POST PUT PUT POST" {
		t.Errorf("a byte more took %v", steps)
	}
	if o := openKey(t, s, key); o.Size() != 5<<20+1 {
		t.Errorf("size %d", o.Size())
	}
}

// A put in parts that fails drops its parts.
func TestPartsOfAFailedPutAreDropped(t *testing.T) {
	server := s3test.New(t)
	b := stand(t, server)
	s := through(t, server, b, func(c *s3blob.Config) { c.PartLimit = 5 << 20 })
	broken := errors.New("the line broke")
	r := io.MultiReader(bytes.NewReader(make([]byte, 7<<20)), iotest.ErrReader(broken))
	if err := s.Put(t.Context(), blobtest.Key(t), 12<<20, r); !errors.Is(err, broken) {
		t.Errorf("%v, want the source's error", err)
	}
	// The part that broke off may be noted after it: the two are on other connections.
	dropped := func(r *http.Request) bool {
		return r.Method == http.MethodDelete && r.URL.Query().Get("uploadId") != ""
	}
	if asked := b.noted(); !slices.ContainsFunc(asked, dropped) {
		t.Errorf("of %d requests none drops the parts", len(asked))
	}
	if left := uploads(t, server, ""); len(left) != 0 {
		t.Errorf("%d uploads are left", len(left))
	}
}

// The server is asked for the encryption that is set, for objects in one piece and
// in parts, and for none where none is set.
func TestEncryptionIsAskedFor(t *testing.T) {
	const sse, kmsKey = "X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
	server := s3test.New(t)
	for _, c := range []struct {
		set           s3blob.Encryption
		key, sse, kms string
	}{
		{"", "", "", ""}, {s3blob.NoEncryption, "", "", ""}, {s3blob.S3Encryption, "", "AES256", ""},
		{s3blob.KMS, "alias/vault", "aws:kms", "alias/vault"}, {s3blob.KMS, "", "aws:kms", ""},
	} {
		b := stand(t, server)
		s := through(t, server, b, func(cfg *s3blob.Config) { cfg.PartLimit, cfg.Encryption, cfg.KMSKey = 5<<20, c.set, c.key })
		for _, n := range []int{1, 5<<20 + 1} {
			content := blobtest.Random(t, n)
			b.noted()
			key := put(t, s, content)
			first := b.noted()[0]
			if got, k := first.Header.Get(sse), first.Header.Get(kmsKey); got != c.sse || k != c.kms {
				t.Errorf("%q, %d bytes: %s %q, key %q", c.set, n, first.Method, got, k)
			}
			if got, err := io.ReadAll(openKey(t, s, key)); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%q: %d bytes came back, %v", c.set, len(got), err)
			}
		}
	}
}
