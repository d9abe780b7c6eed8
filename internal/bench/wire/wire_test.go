package wire_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/bench/wire"
)

func echo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/refused" {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	b, _ := io.ReadAll(r.Body)
	w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("X-Said"))
	_, _ = w.Write(b)
}

// One connection carries request after request, from memory and from files, and
// reads exactly what was answered.
func TestAConnectionCarriesManyRequests(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echo))
	defer s.Close()
	addr := strings.TrimPrefix(s.URL, "http://")
	c, err := wire.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	big := bytes.Repeat([]byte("testimony "), 100_000)
	path := filepath.Join(t.TempDir(), "big")
	if err := os.WriteFile(path, big, 0o600); err != nil {
		t.Fatal(err)
	}
	request := [][]byte{wire.Head("POST", addr, "/", 6, "X-Said", "hello"), []byte("abc"), []byte("def")}
	for range 3 {
		a, err := c.Do(request...)
		if err != nil || a.OK() != nil || string(a.Body) != "abcdef" || a.Header.Get("X-Seen") != "POST hello" {
			t.Fatalf("%+v, %v", a, err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err = c.Upload(wire.Head("PUT", addr, "/", int64(len(big))), f, int64(len(big)))
		if err != nil || !bytes.Equal(a.Body, big) {
			t.Fatalf("%d bytes, %v", len(a.Body), err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if a, err := c.Do(wire.Head("GET", addr, "/refused", -1)); err != nil || a.OK() == nil {
			t.Fatalf("%+v, %v", a, err)
		}
	}
}

// A download is counted and timed, whole or in part.
func TestADownloadIsCounted(t *testing.T) {
	body := bytes.Repeat([]byte("x"), 1<<20)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer s.Close()
	addr := strings.TrimPrefix(s.URL, "http://")
	for most, want := range map[int64]int64{0: 1 << 20, 100: 100} {
		c, err := wire.Dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		f, err := c.Fetch(wire.Head("GET", addr, "/", -1), most, make([]byte, 100))
		if err != nil || f.Bytes != want || f.First <= 0 || f.Elapsed < f.First {
			t.Errorf("most %d: %+v, %v", most, f, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
