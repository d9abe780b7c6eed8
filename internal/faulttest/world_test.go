package faulttest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/statement"
)

// program names the built testimonyd to all tests, and to those of them that run
// again in a world of their own.
const program = "TESTIMONY_FAULT_PROGRAM"

func TestMain(m *testing.M) { os.Exit(run(m)) }

// parallel is how many tests run at a time: most of them wait for somebody's
// patience to end.
const parallel = "8"

func run(m *testing.M) int {
	if err := flag.Set("test.parallel", parallel); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(program) != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "fault-")
	if err == nil {
		defer os.RemoveAll(dir)
		var path string
		path, err = daemontest.Build(dir, "cmd/testimonyd")
		err = errors.Join(err, os.Setenv(program, path))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// world is a vault that ends with its test.
type world struct {
	*faulttest.World
	t   *testing.T
	dir string
}

// begin starts a vault; change may alter how.
func begin(t *testing.T, change ...func(*daemontest.Config)) *world {
	t.Helper()
	cfg := daemontest.Config{Program: os.Getenv(program), Dir: filepath.Join(t.TempDir(), "vault")}
	for _, c := range change {
		c(&cfg)
	}
	return beginWith(t, cfg, nil)
}

func beginWith(t *testing.T, cfg daemontest.Config, before func(*daemontest.Daemon) error) *world {
	t.Helper()
	w, err := faulttest.Begin(t.Context(), cfg, before)
	must(t, err)
	t.Cleanup(func() {
		if err := w.Kill(); err != nil {
			t.Error(err)
		}
	})
	return &world{w, t, cfg.Dir}
}

func set(settings ...string) func(*daemontest.Config) {
	return func(c *daemontest.Config) { c.Set = append(c.Set, settings...) }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// woman enrols somebody who comes over the client's own transport.
func (w *world) woman() *faulttest.Woman {
	w.t.Helper()
	o, err := w.Woman(w.t.Context(), nil)
	must(w.t, err)
	return o
}

// told is a woman with one testimony and one grant on it.
type told struct {
	*faulttest.Woman
	testimony  api.ID
	grant      api.ID
	reader     *client.Client
	readerKeys *client.Keys
}

// told makes one of a part of that size.
func (w *world) told(size int) *told {
	w.t.Helper()
	ctx := w.t.Context()
	o := &told{Woman: w.woman()}
	var err error
	o.testimony, err = o.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: []client.Content{faulttest.Content(2000, 1)}})
	must(w.t, err)
	part := int64(1)
	if size > 0 {
		part, err = o.AddPart(ctx, o.testimony, faulttest.Content(size, 2))
		must(w.t, err)
	}
	o.reader, o.readerKeys, err = w.People.Researcher(ctx, "Dr. Reader")
	must(w.t, err)
	made, err := o.Grant(ctx, client.Offer{Testimony: o.testimony, Parts: []int64{part}, To: o.reader.Account(), Terms: api.Terms{Access: statement.Download}})
	must(w.t, err)
	o.grant = made.ID
	return o
}

// log is what the server has said.
func (w *world) log() string {
	b, err := os.ReadFile(filepath.Clean(w.dir) + ".log")
	must(w.t, err)
	return string(b)
}

func (w *world) logged(what string) {
	w.t.Helper()
	if !strings.Contains(w.log(), what) {
		w.t.Errorf("the log does not say %q:\n%s", what, w.log())
	}
}

// ready is the status of /readyz.
func (w *world) ready() int {
	w.t.Helper()
	return w.status(http.MethodGet, "/readyz")
}

func (w *world) status(method, path string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.Origin()+path, nil)
	must(w.t, err)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}).Do(req)
	must(w.t, err)
	must(w.t, resp.Body.Close())
	return resp.StatusCode
}

// problem is the vault's word for why it did not do something.
func problem(err error) api.ProblemName {
	var p *api.Problem
	if errors.As(err, &p) {
		return p.Name()
	}
	return ""
}

// through is a transport whose connections all go to addr, each for one request.
func through(addr string) *http.Transport {
	return &http.Transport{DisableKeepAlives: true, DisableCompression: true, ExpectContinueTimeout: 2 * time.Second,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		}}
}
