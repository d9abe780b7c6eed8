//go:build linux

package clustertest_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/clustertest"
	"github.com/relatingfield/vault/internal/peopletest"
)

// nowhere is where what is opened goes.
var nowhere = client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil })

// behind is a cluster whose database fails over to a replica that was behind.
type behind struct {
	*world
	her, reader *peopletest.Person
}

// An asynchronous replica that takes over does not know of the last revocations. The
// journals do: the node that made one ends with exit code 3 and knows it again when it
// is started; what a node had made that went down as well is applied by those that go
// on. Nothing that was taken back opens in the end, at any node.
func TestAFailoverThatForgetsIsNoticed(t *testing.T) {
	b := &behind{world: newWorld(t, clustertest.Options{Nodes: 3, Asynchronous: true})}
	b.her, b.reader = b.Door(0).Participant(), b.Door(0).Researcher(100)
	first, one := b.granted(b.her, b.reader, 1000)
	second, two := b.granted(b.her, b.reader, 1000)
	_, kept := b.granted(b.her, b.reader, 1000)
	b.caughtUp()
	b.must(b.Replica.Kill())
	_, err := b.her.At(b.Door(0)).Revoke(t.Context(), first, one)
	b.must(err)
	_, err = b.her.At(b.Door(1)).Revoke(t.Context(), second, two)
	b.must(err)

	b.must(errors.Join(b.Nodes[0].Kill(), b.Primary.Kill()))
	b.must(errors.Join(b.Replica.Restart(t.Context()), b.Replica.Promote(t.Context())))
	code, err := b.Nodes[1].Ended(t.Context())
	if err != nil || code != 3 {
		t.Fatalf("the node that knew of a revocation ended with %d: %v", code, err)
	}
	b.closed(2, one)
	b.must(errors.Join(b.Nodes[0].Start(t.Context()), b.Nodes[1].Start(t.Context())))
	for i := range b.Nodes {
		b.closed(i, one)
		b.closed(i, two)
		if _, err := b.reader.At(b.Door(i)).Open(t.Context(), kept, 1, nowhere); err != nil {
			t.Errorf("what was not taken back, at node %d: %v", i+1, err)
		}
	}
}

// caughtUp waits until the replica has what the primary has.
func (b *behind) caughtUp() {
	b.t.Helper()
	at, err := b.Primary.Ask(b.t.Context(), "SELECT pg_current_wal_lsn()")
	b.must(err)
	b.must(b.Replica.Until(b.t.Context(), "SELECT pg_last_wal_replay_lsn() >= '"+at+"'", "t"))
}

// closed waits until nothing opens under a grant at a node. A node that has seen what
// the database has forgotten ends, and is started again.
func (b *behind) closed(node int, grant api.ID) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if b.startedAgain(ctx, node) {
			continue
		}
		if errors.Is(b.opens(ctx, node, grant), client.ErrNotFound) {
			return
		}
	}
	b.t.Errorf("a grant that was revoked still opens at node %d", node+1)
}

// opens is what a reader is told who gives a node a moment.
func (b *behind) opens(ctx context.Context, node int, grant api.ID) error {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, err := b.reader.At(b.Door(node)).Open(ctx, grant, 1, nowhere)
	return err
}

// startedAgain looks for a moment whether a node has ended by itself.
func (b *behind) startedAgain(ctx context.Context, node int) bool {
	b.t.Helper()
	moment, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	code, err := b.Nodes[node].Ended(moment)
	if err != nil {
		return false
	}
	if code != 3 {
		b.t.Fatalf("node %d ended with %d", node+1, code)
	}
	b.must(b.Nodes[node].Start(ctx))
	return true
}
