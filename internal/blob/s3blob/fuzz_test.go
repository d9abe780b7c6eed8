package s3blob_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/blob/blobtest"
	"github.com/relatingfield/vault/internal/blob/s3blob"
	"github.com/relatingfield/vault/internal/s3test"
	"github.com/relatingfield/vault/internal/secret"
)

// FuzzAnswers has a server answer anything to everything. Whatever it says, a read
// gives what the answer to it held and no more than the object's length, and no
// error repeats what the server wrote or where it is.
func FuzzAnswers(f *testing.F) {
	f.Add(200, int64(5), "etag", "AAAAAA==", "FULL_OBJECT", []byte("hello"))
	f.Add(200, int64(0), "", "not base64", "COMPOSITE", []byte("<ListBucketResult><Contents><Key>v/marker</Key></Contents></ListBucketResult>"))
	f.Add(404, int64(0), "", "", "", []byte("<Error><Code>marker NoSuchKey</Code></Error>"))
	f.Add(501, int64(9), "", "", "", []byte("<Error><Code>NotImplemented</Code><Message>marker</Message></Error>"))
	f.Add(206, int64(99999999999), "x\"y", "", "", []byte("marker"))
	f.Fuzz(func(t *testing.T, status int, length int64, tag, sum, kind string, body []byte) {
		if status < 200 || status > 599 || status/100 == 5 && status != 501 || status == 408 || status == 429 || status == 499 || length < 0 || len(body) > 1<<16 ||
			strings.ContainsFunc(tag+sum+kind, func(r rune) bool { return r < ' ' || r > '~' }) {
			return // those are asked again, which only takes time
		}
		var answers atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answers.Add(1)
			h := w.Header()
			h.Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
			h.Set("Etag", tag)
			h.Set("X-Amz-Checksum-Crc32c", sum)
			h.Set("X-Amz-Checksum-Type", kind)
			if r.Method == http.MethodHead {
				h.Set("Content-Length", strconv.FormatInt(length, 10))
			}
			w.WriteHeader(status)
			_, _ = w.Write(body) // the store may have gone
		}))
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.Start()
		defer server.Close()
		s, err := s3blob.Open(s3blob.Config{Endpoint: server.URL, Region: "r", Bucket: "bucket", Prefix: "v/", PathStyle: true,
			AccessKey: "a", SecretKey: secret.Of([]byte("s")), Scratch: t.TempDir()}, s3test.Deps())
		if err != nil {
			t.Fatal(err)
		}
		key := blobtest.Key(t)
		quiet(t, server.URL, body, s.List(t.Context(), func(blob.Entry) error { return nil }))
		quiet(t, server.URL, body, s.Delete(t.Context(), key))
		quiet(t, server.URL, body, s.Put(t.Context(), key, 3, strings.NewReader("abc")))
		o, err := s.Open(t.Context(), key)
		quiet(t, server.URL, body, err)
		if err != nil {
			return
		}
		got, err := io.ReadAll(io.LimitReader(o, 1<<17))
		quiet(t, server.URL, body, err)
		if int64(len(got)) > o.Size() || !bytes.HasPrefix(body, got) {
			t.Errorf("of %d bytes %d were read", o.Size(), len(got))
		}
		if err := o.Close(); err != nil || answers.Load() > 100 {
			t.Errorf("%v after %d questions", err, answers.Load())
		}
	})
}

// quiet fails if an error says where the server is, or repeats the mark in what it
// wrote.
func quiet(t *testing.T, url string, body []byte, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if strings.Contains(err.Error(), strings.TrimPrefix(url, "http://")) || strings.Contains(err.Error(), "bucket/") || bytes.Contains(body, []byte("marker")) && strings.Contains(err.Error(), "marker") {
		t.Errorf("%v", err)
	}
}
