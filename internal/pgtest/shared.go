package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
)

// Env names the folder of the socket of a cluster that runs already, as
// `pgtest run` and `pgtest start` make one: all test binaries then share it.
const Env = "TESTIMONY_TEST_PG"

// shared is the one thing here that outlives a test: a cluster takes a second
// to make, and a test binary has no other place to keep one between its tests.
// It ends with the process, by the supervisor's pipe.
var shared = sync.OnceValues(func() (*Cluster, error) {
	ctx := context.Background()
	if dir := os.Getenv(Env); dir != "" {
		c := &Cluster{dir: dir}
		if err := answers(ctx, c.URL("postgres")); err != nil {
			return nil, fmt.Errorf("%s=%s: %w", Env, dir, err)
		}
		return c, nil
	}
	return Start(ctx, Options{NoFsync: true})
})

// Shared is a cluster for tests of logic: without durability, and shared by all
// tests of the binary, or of the whole run where Env is set. Each test makes a
// database of its own in it.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
