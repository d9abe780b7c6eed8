package watch_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/relatingfield/vault/internal/watch"
)

func shown(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
	return rec.Code, rec.Body.String()
}

func busy(t *testing.T) *watch.Watch {
	t.Helper()
	w := watch.New("v1.2.3")
	w.Begin()(watch.Account, 201, 3*time.Millisecond)
	w.Begin()(watch.Account, 503, time.Second)
	w.Begin()(watch.Other, 70000, time.Second)
	w.Job("tidy", nil, time.Unix(1000, 0))
	w.Job("tidy", errors.New("the disk is full"), time.Unix(2000, 0))
	return w
}

// Names and units are as Prometheus wants them.
func TestTheCountersPassTheLint(t *testing.T) {
	_, text := shown(t, busy(t).Counters(), "/metrics")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// Requests are counted by kind and status, and a job's failure does not move the
// time of its last success.
func TestWhatHappenedIsCounted(t *testing.T) {
	w := busy(t)
	w.Begin() // still running
	_, text := shown(t, w.Counters(), "/metrics")
	for _, want := range []string{
		`testimonyd_requests_total{kind="account",status="201"} 1`, `testimonyd_requests_total{kind="account",status="503"} 1`,
		`testimonyd_requests_total{kind="other",status="none"} 1`, `testimonyd_request_duration_seconds_count{kind="account"} 2`,
		`testimonyd_request_duration_seconds_bucket{kind="account",le="0.005"} 1`, "testimonyd_requests_running 1",
		`testimonyd_job_failures_total{job="tidy"} 1`, `testimonyd_job_success_timestamp_seconds{job="tidy"} 1000`, `testimonyd_info{version="v1.2.3"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("there is no %s", want)
		}
	}
}

// A look every second does not ask the database every second, and what cannot be
// read is said.
func TestFiguresAreReadNowAndThen(t *testing.T) {
	now, asked := time.Unix(5000, 0), 0
	var failing error
	w := watch.New("test")
	w.Ask(func(context.Context) ([]watch.Figure, error) {
		asked++
		return []watch.Figure{{Name: "testimonyd_damaged_objects", Help: "x", Value: float64(asked)}}, failing
	}, 30*time.Second, func() time.Time { return now })
	for range 5 {
		shown(t, w.Counters(), "/metrics")
		now = now.Add(time.Second)
	}
	if asked != 1 {
		t.Errorf("asked %d times in five seconds", asked)
	}
	now, failing = now.Add(time.Minute), errors.New("no database")
	_, text := shown(t, w.Counters(), "/metrics")
	if !strings.Contains(text, "testimonyd_figures_readable 0\n") || !strings.Contains(text, "testimonyd_damaged_objects 2\n") {
		t.Errorf("after a failure: %s", text)
	}
}

// Profiles hold memory: they are on the socket and not at the address.
func TestProfilesAreOnTheSocketOnly(t *testing.T) {
	w := watch.New("test")
	for _, path := range []string{"/profiles/goroutine", "/profiles/heap", "/profiles/cpu?seconds=1"} {
		if code, body := shown(t, w.Socket(), path); code != http.StatusOK || !strings.HasPrefix(body, "\x1f\x8b") {
			t.Errorf("%s on the socket: %d, no compressed profile", path, code)
		}
	}
	if code, _ := shown(t, w.Socket(), "/profiles/none"); code != http.StatusNotFound {
		t.Errorf("a profile that there is not: %d", code)
	}
	for _, path := range []string{"/profiles/goroutine", "/profiles/heap", "/profiles/cpu", "/status"} {
		if code, _ := shown(t, w.Counters(), path); code != http.StatusNotFound {
			t.Errorf("%s at the address: %d", path, code)
		}
	}
}

func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// A socket that a crash left is taken over; one that answers is another's.
func TestASocketHasOneOwner(t *testing.T) {
	path := short(t)
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	_, end, err := watch.New("test").Serve(t.Context(), watch.Place{Socket: path})
	if err != nil {
		t.Fatalf("over what a crash left: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is for others as well: %v, %v", info.Mode(), err)
	}
	if _, _, err := watch.New("test").Serve(t.Context(), watch.Place{Socket: path}); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("the socket of another process: %v", err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	plain := short(t)
	if err := os.WriteFile(plain, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := watch.New("test").Serve(t.Context(), watch.Place{Socket: plain}); err == nil {
		t.Error("a file was taken for a socket")
	}
	if b, err := os.ReadFile(plain); err != nil || string(b) != "a letter" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

// An address serves the counters over TCP.
func TestAnAddressServesTheCounters(t *testing.T) {
	addr, end, err := busy(t).Serve(t.Context(), watch.Place{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	}()
	resp, err := http.Get("http://" + addr.String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(b), "testimonyd_requests_total") {
		t.Errorf("%s, %v", b, err)
	}
}
