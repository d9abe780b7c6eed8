package httpapi_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"testing"
)

// What is the same for everybody comes compressed to who takes it, and not again to who
// has it; no other answer is compressed, whatever is asked for.
func TestOnlyDocumentsAreCompressed(t *testing.T) {
	w := newWorld(t)
	line := &http.Transport{DisableCompression: true}
	t.Cleanup(line.CloseIdleConnections)
	ask := func(path string, headers ...string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.origin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", "identity")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := line.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	plain, packed := ask("/openapi.yaml"), ask("/openapi.yaml", "Accept-Encoding", "br, gzip")
	if plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" ||
		plain.Header.Get("ETag") == packed.Header.Get("ETag") {
		t.Fatalf("%v\n%v", plain.Header, packed.Header)
	}
	unpacked, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(unpacked)
	if err != nil || string(body) != "openapi: 3.1.0\n" {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if again := ask("/openapi.yaml", "If-None-Match", plain.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("held plain: %d", again.StatusCode)
	}
	if again := ask("/openapi.yaml", "If-None-Match", plain.Header.Get("ETag"), "Accept-Encoding", "gzip"); again.StatusCode != http.StatusOK {
		t.Errorf("held plain, wanted compressed: %d", again.StatusCode)
	}
	for _, path := range []string{"/v1/vault", "/v1/testimonies", "/nowhere"} {
		if resp := ask(path, "Accept-Encoding", "gzip"); resp.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", path)
		}
	}
}
