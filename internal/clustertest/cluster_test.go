//go:build linux

package clustertest_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/clustertest"
	"github.com/relatingfield/vault/internal/crashtest"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/pgtest"
)

// rounds is how often the cluster goes through everything; `make soak` has it do so
// many times.
var rounds = flag.Int("rounds", 1, "how often the cluster goes through everything")

// file is the configuration that deploy/compose.yaml gives its nodes.
var file = filepath.Join("..", "..", "deploy", "config", "testimonyd.yaml")

// world is a cluster under load.
type world struct {
	*clustertest.Cluster
	t     *testing.T
	crowd *crashtest.Crowd
}

func newWorld(t *testing.T, o clustertest.Options) *world {
	t.Helper()
	program, err := daemontest.Build(t.TempDir(), "cmd/testimonyd")
	if err != nil {
		t.Fatal(err)
	}
	o.File = file
	w := &world{Cluster: clustertest.New(t, program, o), t: t}
	w.crowd, err = crashtest.Gather(t.Context(), w.Way(), w.Journals(), 1)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// ready waits until all nodes say whether they are ready as wanted.
func (w *world) ready(ctx context.Context, status int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for node := range w.Nodes {
		for w.Balance.Ready(ctx, node) != status {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return errors.Join(errors.New("a node does not say what it should of its readiness"), ctx.Err())
			}
		}
	}
	return nil
}

// TestACluster goes from what happens every day to what must never be noticed by
// anybody but the operator, with one crowd, whose testimonies, grants and revocations
// are looked at after each.
func TestACluster(t *testing.T) {
	w := newWorld(t, clustertest.Options{Nodes: 3})
	for round := range *rounds {
		if round > 0 {
			w.must(w.crowd.Renew(t.Context()))
		}
		for _, s := range steps() {
			if !t.Run(s.name, func(t *testing.T) { w.take(t, s) }) {
				w.said()
				return
			}
		}
	}
}

// step is something that happens to a cluster.
type step struct {
	name string
	do   func(*world)
}

func steps() []step {
	return []step{
		{"any node serves anything", (*world).anyNode},
		{"one request at all nodes at once is done once", (*world).once},
		{"a proof of possession counts once at each node", (*world).proofs},
		{"revoking at one node cuts the stream at another", (*world).revokedElsewhere},
		{"an upload goes on at another node", (*world).continued},
		{"a part of many pieces is one at every node", (*world).inPieces},
		{"a node that is killed under load loses nothing", (*world).killed},
		{"a database that is restarted under load loses nothing", (*world).restarted},
		{"a replica that takes over under load has everything", (*world).failedOver},
		{"a primary that freezes is replaced, and is not believed when it thaws", (*world).frozen},
	}
}

// take lets it happen, and then looks at everything that was acknowledged.
func (w *world) take(t *testing.T, s step) {
	sub := *w
	sub.t = t
	s.do(&sub)
	sub.must(w.crowd.Look(t.Context()))
	for _, f := range w.Balance.Faults() {
		t.Error(f)
	}
	t.Logf("%v; so far %s", w.Balance.Statuses(), w.crowd.Counts())
}

// said shows the end of what each node has written.
func (w *world) said() {
	for _, n := range w.Nodes {
		said, err := n.Said()
		w.t.Log(n.Addr(), err, said[max(0, len(said)-3000):])
	}
}

func (w *world) anyNode() {
	w.must(w.crowd.Through(w.t.Context(), func(context.Context) error { return nil }))
	w.must(w.crowd.Look(w.t.Context()))
	for i, n := range w.Balance.Served() {
		if n == 0 {
			w.t.Errorf("node %d served nothing", i+1)
		}
	}
}

// killed wants each request that a dying node did not answer answered at the first
// repetition.
func (w *world) killed() {
	for _, victim := range w.Nodes {
		w.must(w.crowd.Through(w.t.Context(), func(ctx context.Context) error {
			return errors.Join(victim.Kill(), victim.Start(ctx))
		}))
	}
	requests, most := w.Balance.Repeated()
	if most > 1 {
		w.t.Errorf("a request had to be sent %d times", most+1)
	}
	w.t.Logf("%d requests were sent twice", requests)
}

func (w *world) restarted() {
	w.must(w.crowd.ThroughOutage(w.t.Context(), func(ctx context.Context) error {
		return errors.Join(w.Primary.Bounce(ctx), w.ready(ctx, http.StatusOK))
	}))
	w.must(w.Primary.Synchronous(w.t.Context())) // the replica is back
}

// failedOver loses the primary for good. The old one is made the new one's replica,
// as docs/operate/failover.md says.
func (w *world) failedOver() {
	w.must(w.crowd.ThroughOutage(w.t.Context(), func(ctx context.Context) error {
		return errors.Join(w.Primary.Kill(), w.ready(ctx, http.StatusServiceUnavailable),
			w.takeOver(ctx, w.Replica), w.ready(ctx, http.StatusOK))
	}))
	w.must(w.Primary.Follow(w.t.Context(), w.Replica))
	w.must(w.Replica.Synchronous(w.t.Context()))
}

// takeOver promotes a replica and lets it answer without one of its own.
func (w *world) takeOver(ctx context.Context, replica *pgtest.Cluster) error {
	return errors.Join(replica.Promote(ctx), replica.Set(ctx, map[string]string{"synchronous_standby_names": ""}))
}
