package faulttest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/statement"
)

// on makes a vault use a database of its own in the cluster.
func on(t *testing.T, c *pgtest.Cluster) func(*daemontest.Config) {
	t.Helper()
	must(t, c.Create(t.Context(), "vault", ""))
	return func(cfg *daemontest.Config) { cfg.URL = c.URL("vault") }
}

// first keeps the first refusal that a client is given, and ends the patience of
// its call: what the vault says is looked at, not what repetitions make of it.
type first struct {
	stop context.CancelFunc

	mu     sync.Mutex
	status int
	after  string
}

func (f *first) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && resp.StatusCode >= 500 {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.status, f.after = resp.StatusCode, resp.Header.Get("Retry-After")
		f.stop()
	}
	return resp, err
}

// putOff wants an act to be answered by 503 and when to come back.
func (w *world) putOff(o *told) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	f := &first{stop: stop}
	c, err := w.Client(o.Keys, f)
	must(w.t, err)
	if _, err := c.List(ctx); err == nil {
		w.t.Error("it was answered")
	}
	if f.status != http.StatusServiceUnavailable || f.after == "" {
		w.t.Errorf("%d, Retry-After %q\n%s", f.status, f.after, w.log())
	}
}

// works wants everything to be as before.
func (w *world) works(o *told) {
	w.t.Helper()
	ctx := w.t.Context()
	if s := w.ready(); s != http.StatusOK {
		w.t.Errorf("it is not ready: %d", s)
	}
	_, err := o.AddPart(ctx, o.testimony, faulttest.Content(large, 9))
	must(w.t, err)
	_, err = o.Check(ctx)
	must(w.t, err)
	w.takeBack(o)
}

// A database that is gone, or is there and says nothing, is answered for in
// bounded time: 503 and when to come back. A download under a grant ends, because
// nobody can say any more that the grant stands. When the database is back
// everything goes on by itself.
func TestADatabaseThatIsAwayIsAnsweredFor(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]struct {
		begin, end func(*testing.T, *pgtest.Cluster)
	}{
		"stopped": {func(t *testing.T, c *pgtest.Cluster) { must(t, c.Kill()) }, func(t *testing.T, c *pgtest.Cluster) { must(t, c.Restart(t.Context())) }},
		"frozen":  {func(t *testing.T, c *pgtest.Cluster) { signal(t, c, syscall.SIGSTOP) }, func(t *testing.T, c *pgtest.Cluster) { signal(t, c, syscall.SIGCONT) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := pgtest.New(t, pgtest.Options{})
			w := begin(t, on(t, c))
			o := w.told(24 << 20)
			s := w.stream(o)
			fault.begin(t, c)
			if err := <-s; !errors.Is(err, client.ErrUnavailable) && !errors.Is(err, context.Canceled) {
				t.Errorf("the download ended with %v", err)
			}
			w.putOff(o)
			if got := w.ready(); got != http.StatusServiceUnavailable {
				t.Errorf("it says that it is ready: %d", got)
			}
			if got := w.status(http.MethodGet, "/v1/vault"); got != http.StatusOK {
				t.Errorf("what needs no database: %d", got)
			}
			w.logged("request failed")
			fault.end(t, c)
			must(t, w.Ready(t.Context()))
			w.works(o)
		})
	}
}

// trickle takes what comes as a slow reader does: a chunk each tick.
type trickle struct{ tick *time.Ticker }

func (r trickle) Write(b []byte) (int, error) {
	<-r.tick.C
	return len(b), nil
}

// stream begins a download that takes many seconds, and gives how it ends.
func (w *world) stream(o *told) <-chan error {
	w.t.Helper()
	over, begun := make(chan error, 1), make(chan struct{})
	tick := time.NewTicker(20 * time.Millisecond)
	w.t.Cleanup(tick.Stop)
	sink := client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) {
		close(begun)
		return trickle{tick}, nil
	})
	go func() {
		ctx, stop := context.WithCancel(w.t.Context()) // at the first word of the vault's that it cannot
		defer stop()
		reader, err := w.Client(o.readerKeys, &first{stop: stop})
		if err == nil {
			_, err = reader.Open(ctx, o.grant, 2, sink)
		}
		over <- err
	}()
	select {
	case <-begun:
	case err := <-over:
		w.t.Fatalf("the download did not begin: %v", err)
	}
	return over
}

// signal sends to every process of the server.
func signal(t *testing.T, c *pgtest.Cluster, sig syscall.Signal) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(c.DataDir(), "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(b), "\n")
	parent, err := strconv.Atoi(first)
	must(t, err)
	must(t, syscall.Kill(parent, sig)) // first, so that it starts no more of them
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	must(t, err)
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := bytes.Cut(b, []byte(") "))
		fields := strings.Fields(string(rest))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && len(fields) > 1 && fields[1] == first {
			_ = syscall.Kill(pid, sig) // it may be ending
		}
	}
}

// Where the database takes no more connections, those who cannot be served are put
// off, and nobody loses anything.
func TestADatabaseWithoutPlacesPutsOff(t *testing.T) {
	t.Parallel()
	c := pgtest.New(t, pgtest.Options{Settings: map[string]string{"max_connections": "12", "superuser_reserved_connections": "0"}})
	w := begin(t, on(t, c))
	var women []*told
	for range 4 {
		women = append(women, w.told(0))
	}
	// Whoever needs a connection that is not open yet is refused by the server.
	hogs, release := context.WithCancel(t.Context())
	var held sync.WaitGroup
	for range 16 {
		held.Go(func() { _ = c.Exec(hogs, "vault", "SELECT pg_sleep(60)") })
	}
	errs := make(chan error, 64)
	for i := range cap(errs) {
		go func() {
			o := women[i%len(women)]
			cl, err := w.Client(o.Keys, nil)
			if err == nil {
				_, err = cl.List(t.Context())
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil && !errors.Is(err, client.ErrUnavailable) {
			t.Error(err)
		}
	}
	release()
	held.Wait()
	for _, o := range women {
		if _, err := o.AddPart(t.Context(), o.testimony, faulttest.Content(1000, 3)); err != nil {
			t.Error(err)
		}
		if _, err := o.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// On the full disk of a PostgreSQL server nothing is acknowledged that is not
// kept, and when there is room everything goes on.
func TestAFullDiskUnderPostgreSQLLosesNothing(t *testing.T) {
	if !privately(t) {
		return
	}
	d := mount(t, 192)
	t.Setenv("TMPDIR", d.dir)
	c := pgtest.New(t, pgtest.Options{Settings: map[string]string{"min_wal_size": "32MB", "max_wal_size": "48MB"}})
	w := begin(t, on(t, c))
	o := w.told(0)
	d.fill()
	kept := 0
	var refused error
	for i := 0; refused == nil && i < 2000; i++ {
		if _, refused = o.AddPart(t.Context(), o.testimony, faulttest.Content(60_000, byte(i))); refused == nil {
			kept++
		}
	}
	if problem(refused) != api.ProblemFull && !errors.Is(refused, client.ErrUnavailable) {
		t.Errorf("after %d parts: %v", kept, refused)
	}
	t.Logf("%d parts, then: %v", kept, refused)
	if made, err := o.Grant(t.Context(), client.Offer{Testimony: o.testimony, Parts: []int64{1}, To: o.reader.Account(), Terms: api.Terms{Access: statement.View}}); err == nil {
		t.Logf("a grant has room: %s", made.ID)
	}
	_, err := o.Revoke(t.Context(), o.testimony, o.grant)
	t.Logf("revoke: %v", err)
	d.clear()
	must(t, errors.Join(c.Kill(), c.Restart(t.Context())))
	must(t, w.Ready(t.Context()))
	list, err := o.Check(t.Context())
	must(t, err)
	if list[0].Parts != kept+1 {
		t.Errorf("%d parts were acknowledged, and %d are there", kept+1, list[0].Parts)
	}
}
