package pgtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/pgtest"
)

// What a primary with a synchronous replica has answered is there when the primary
// is killed in the same moment and the replica takes its place; and the old primary
// can follow the new one.
func TestASynchronousReplicaTakesOver(t *testing.T) {
	primary := pgtest.New(t, pgtest.Options{})
	replica := primary.Replica(t)
	if err := primary.Synchronous(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := primary.Exec(t.Context(), "postgres", "CREATE TABLE t (n BIGINT)", "INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(primary.Kill(), replica.Promote(t.Context())); err != nil {
		t.Fatal(err)
	}
	if n := count(t, replica, "SELECT count(*) FROM t"); n != 1 {
		t.Fatalf("%d rows", n)
	}
	if err := replica.Bounce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := primary.Follow(t.Context(), replica); err != nil {
		t.Fatal(err)
	}
	if err := primary.Exec(t.Context(), "postgres", "INSERT INTO t VALUES (2)"); err == nil {
		t.Fatal("a replica took a write")
	}
}

// A frozen server answers nobody, and goes on when it is thawed; stopping a frozen
// one leaves no process.
func TestAFrozenServerIsSilent(t *testing.T) {
	c := pgtest.New(t, pgtest.Options{NoFsync: true})
	if err := c.Freeze(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := c.Exec(ctx, "postgres", "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a frozen server answered: %v", err)
	}
	if err := c.Thaw(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, c, "SELECT 1"); n != 1 {
		t.Fatal(n)
	}
	if err := c.Freeze(); err != nil {
		t.Fatal(err)
	}
}
