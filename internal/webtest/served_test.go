package webtest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/web"
	"github.com/relatingfield/vault/internal/webtest"
)

// running is a practice vault of the program as it is released.
func running(t *testing.T) *daemontest.Daemon {
	t.Helper()
	if err := webtest.Missing(); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := webtest.Programs(bin); err != nil {
		t.Fatal(err)
	}
	d, err := daemontest.New(daemontest.Config{Program: filepath.Join(bin, "testimonyd"), Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := d.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return d
}

var plainly = &http.Client{
	Timeout:       time.Minute,
	Transport:     &http.Transport{DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask makes one request and reads the answer.
func ask(t *testing.T, method, url string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := plainly.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp, body
}

// Every file of the manifest is served, whole, with its type and its very bytes, plain
// and compressed; and the manifest is the one that was compiled in.
func TestWhatIsServedIsTheManifest(t *testing.T) {
	d := running(t)
	_, text := ask(t, "GET", d.Origin()+web.ManifestName)
	var m web.Manifest
	if err := json.Unmarshal(text, &m); err != nil || len(m.Files) < 40 {
		t.Fatalf("%d files, %v", len(m.Files), err)
	}
	site, err := web.Open()
	if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != site.Hash() {
		t.Errorf("the manifest is not that of %s (%v)", site.Hash(), err)
	}
	for path, e := range m.Files {
		for _, accept := range []string{"identity", "gzip", "gzip, deflate, br", "gzip, br;q=0"} {
			resp, body := ask(t, "GET", d.Origin()+path, "Accept-Encoding", accept)
			coding := resp.Header.Get("Content-Encoding")
			if coding != "" && (len(body) >= e.Size || coding != best(accept, e)) {
				t.Errorf("%s, %s: %d bytes of %d as %q", path, accept, len(body), e.Size, coding)
			}
			body = unpacked(t, coding, body)
			sum := sha256.Sum256(body)
			if resp.StatusCode != http.StatusOK || hex.EncodeToString(sum[:]) != e.SHA256 || len(body) != e.Size || resp.Header.Get("Content-Type") != e.Type {
				t.Errorf("%s, %s: %d, %d bytes of %s, not what the manifest says", path, accept, resp.StatusCode, len(body), resp.Header.Get("Content-Type"))
			}
		}
		if resp, body := ask(t, "HEAD", d.Origin()+path); resp.StatusCode != http.StatusOK || len(body) != 0 || resp.ContentLength != int64(e.Size) {
			t.Errorf("HEAD %s: %d, %d bytes announced", path, resp.StatusCode, resp.ContentLength)
		}
	}
}

// best is the coding that a browser gets of those it takes: what it refuses with a
// quality of nothing it does not get.
func best(accept string, e web.Entry) string {
	if strings.HasSuffix(accept, "br") && e.Brotli != "" {
		return "br"
	}
	return "gzip"
}

func unpacked(t *testing.T, coding string, body []byte) []byte {
	t.Helper()
	var from io.Reader = bytes.NewReader(body)
	var err error
	switch coding {
	case "br":
		from = brotli.NewReader(from)
	case "gzip":
		from, err = gzip.NewReader(from)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever the vault answers, a page, a script, a document of the API, a refusal, the way
// out, or nothing, has the same policy and the same protection in a browser, sets no
// cookie, may not be stored, and names no other place to go to.
func TestEveryAnswerHasTheSamePolicy(t *testing.T) {
	d := running(t)
	site, err := web.Open()
	if err != nil {
		t.Fatal(err)
	}
	type request struct{ method, path string }
	asked := []request{
		{"GET", "/exit"}, {"GET", "/nothing"}, {"GET", "/en"}, {"GET", "/en/nothing"}, {"GET", "/a/"}, {"GET", "/v1/vault"}, {"GET", "/v1/nothing"}, {"GET", "/v1/feed"},
		{"POST", "/v1/accounts"}, {"DELETE", "/v1/vault"}, {"POST", "/en/"}, {"GET", "/openapi.yaml"}, {"GET", "/livez"}, {"GET", "/en/%00"}, {"OPTIONS", "/v1/uploads"},
	}
	for _, path := range site.Paths() {
		asked = append(asked, request{"GET", path})
	}
	first, _ := ask(t, "GET", d.Origin()+"/en/")
	for _, name := range []string{"Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy", "X-Content-Type-Options", "Cache-Control"} {
		want := first.Header.Values(name)
		if len(want) != 1 || want[0] == "" {
			t.Fatalf("%s of a page: %q", name, want)
		}
		for _, r := range asked {
			if _, page := site.Get(r.path); name == "Permissions-Policy" && (!page || r.method != "GET") {
				continue // it means something for documents only
			}
			resp, _ := ask(t, r.method, d.Origin()+r.path)
			if got := resp.Header.Values(name); len(got) != 1 || got[0] != want[0] {
				t.Errorf("%s %s: %s is %q, want %q", r.method, r.path, name, got, want)
			}
		}
	}
	for _, r := range asked {
		resp, _ := ask(t, r.method, d.Origin()+r.path)
		for _, name := range []string{"Set-Cookie", "Refresh", "Link", "Server", "Last-Modified"} {
			if got := resp.Header.Get(name); got != "" {
				t.Errorf("%s %s: %s is %q", r.method, r.path, name, got)
			}
		}
		open := resp.Header.Get("Access-Control-Allow-Origin") != "" || resp.Header.Get("Cross-Origin-Resource-Policy") != "same-origin"
		if viewer := r.path == "/viewer" || strings.HasPrefix(r.path, "/a/viewer-"); open != viewer {
			t.Errorf("%s %s: open to documents of no origin: %v", r.method, r.path, open)
		}
	}
}

// The way out has the browser forget and leads to the neutral page.
func TestTheWayOutForgets(t *testing.T) {
	d := running(t)
	resp, _ := ask(t, "GET", d.Origin()+"/exit")
	if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != "/blank" || resp.Header.Get("Clear-Site-Data") != `"cache", "cookies", "storage"` {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}
