package canarytest_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/nodetest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trace"
)

// What an operator watches, and what a monitoring system keeps for years, names
// nobody and holds nothing of what was said; nor which act it was, or how large.
func TestNothingThatIsWatchedNamesAnybody(t *testing.T) {
	dir, err := os.MkdirTemp("", "watch") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	collector := newCollector(t)
	v, s := nodetest.New(t, store.SQLite, "watch.socket="+socket, "traces.endpoint="+collector.url), newSecrets(t)
	node := v.Start()
	door := v.Door(node)
	door.HTTP = &http.Client{Transport: marked{s.headers, http.DefaultTransport}}
	st := tell(t, door, s, "Institute "+word(t))
	st.breakOff()
	st.refuse()
	for range trace.Few { // so that a route is named
		_, err := st.her.List(t.Context())
		st.must(err)
	}

	line := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	for _, path := range []string{"/metrics", "/status"} {
		shown := read(t, line, "http://watch"+path)
		if n := strings.Count(shown, "\n"); n < 20 || !strings.Contains(shown, "requests_total") {
			t.Fatalf("%s has %d lines: it is not what is watched", path, n)
		}
		marks := s.scanner()
		found, err := marks.Read(path, strings.NewReader(shown))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			t.Error(f)
		}
		named(t, path, shown, st)
	}
	node.Stop()
	collector.named(t, s, st)
}

func read(t *testing.T, line *http.Client, url string) string {
	t.Helper()
	resp, err := line.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, resp.StatusCode, err)
	}
	return string(b)
}

// named looks for whoever took part, for acts, and for the size of a part.
func named(t *testing.T, path, shown string, st *story) {
	t.Helper()
	for what, name := range map[string]string{
		"her account": string(st.her.Account()), "the reader's account": string(st.reader.Account()), "the testimony": string(st.testimony),
		"the grant": string(st.grant), "an address": "127.0.0.1", "a route": "/v1/", "an act": "revo",
	} {
		if strings.Contains(shown, name) {
			t.Errorf("%s names %s", path, what)
		}
	}
	for line := range strings.Lines(shown) {
		if strings.Contains(line, "bytes") && strings.Contains(line, "network") {
			t.Errorf("%s counts what goes over the line, which is the size of what one person sent: %s", path, line)
		}
	}
}

// The look at what is watched finds what it looks for.
func TestTheLookAtWhatIsWatchedFindsMarks(t *testing.T) {
	s := newSecrets(t)
	found, err := scanner(t, canarytest.Mark{Name: "a stray word", Data: []byte(s.stray)}).Read("metrics", strings.NewReader("a{b=\""+s.stray+"\"} 1\n"))
	if err != nil || len(found) == 0 {
		t.Errorf("a label with a mark: %v, %v", found, err)
	}
}
