package pgtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Standby is what a replica calls itself; synchronous_standby_names names it.
const Standby = "standby"

// Replica starts a streaming replica of a running cluster for one test.
func (c *Cluster) Replica(t testing.TB) *Cluster {
	t.Helper()
	r := &Cluster{bin: c.bin, as: c.as}
	if err := r.follow(t.Context(), c); err != nil {
		t.Fatalf("start a replica: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (c *Cluster) follow(ctx context.Context, primary *Cluster) (err error) {
	if c.dir, err = folder(c.as); err != nil {
		return err
	}
	if primary.port != 0 {
		if c.port, err = freePort(); err != nil {
			return errors.Join(err, os.RemoveAll(c.dir))
		}
	}
	if c.jan, err = hire(c.dir, c.as); err != nil {
		return errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.Follow(ctx, primary); err != nil {
		return errors.Join(err, c.Stop())
	}
	return nil
}

// Follow throws this cluster's data away and makes it a streaming replica of
// another, as an operator does with a primary that has been replaced. It returns
// once it streams.
func (c *Cluster) Follow(ctx context.Context, primary *Cluster) error {
	if err := c.Kill(); err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, "pg_basebackup"), "--pgdata", data, "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
		"--dbname", "host="+primary.dir+" user=vault port="+strconv.Itoa(primary.socketPort())+" application_name="+Standby)
	cmd.SysProcAttr = c.as.attr()
	cmd.Dir = c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(conf(Options{TCP: c.port != 0}, c.dir, c.port))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := c.Restart(ctx); err != nil {
		return err
	}
	return primary.Until(ctx, "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'", "1")
}

// socketPort is the number in the name of the socket.
func (c *Cluster) socketPort() int {
	if c.port == 0 {
		return 5432
	}
	return c.port
}

// Set changes settings of the running server, and returns once they count for
// whoever connects.
func (c *Cluster) Set(ctx context.Context, settings map[string]string) error {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(settings)) {
		all = append(all, "ALTER SYSTEM SET "+k+" = '"+strings.ReplaceAll(settings[k], "'", "''")+"'")
	}
	if err := c.Exec(ctx, "postgres", append(all, "SELECT pg_reload_conf()")...); err != nil {
		return err
	}
	for k, v := range settings {
		if err := c.Until(ctx, "SHOW "+k, v); err != nil {
			return err
		}
	}
	return nil
}

// Synchronous makes the cluster answer a commit only when its replica has it on
// disk. It returns once the replica counts.
func (c *Cluster) Synchronous(ctx context.Context) error {
	if err := c.Set(ctx, map[string]string{"synchronous_standby_names": Standby}); err != nil {
		return err
	}
	return c.Until(ctx, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", "1")
}

// Promote makes a replica a primary of its own, on a new timeline, and returns
// once it takes writes.
func (c *Cluster) Promote(ctx context.Context) error {
	return c.Exec(ctx, "postgres", "SELECT pg_promote(true, 60)")
}

// Until asks, as Ask does, until the answer is as wanted.
func (c *Cluster) Until(ctx context.Context, query, want string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		got, err := c.Ask(ctx, query)
		if err == nil && got == want {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%s: %q instead of %q: %w", query, got, want, errors.Join(err, ctx.Err()))
		}
	}
}

// Ask gives the text of a query's one column of one row.
func (c *Cluster) Ask(ctx context.Context, query string) (answer string, err error) {
	return c.AskIn(ctx, "postgres", query)
}

// AskIn is Ask in a database of its own.
func (c *Cluster) AskIn(ctx context.Context, database, query string) (answer string, err error) {
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, query, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return "", err
	}
	return pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (string, error) { return string(row.RawValues()[0]), nil })
}

// Bounce is pg_ctl restart -m immediate: the server ends without a word to
// anybody and comes back through crash recovery.
func (c *Cluster) Bounce(ctx context.Context) error {
	if c.srv == nil {
		return c.Restart(ctx)
	}
	srv := c.srv
	c.srv = nil
	if err := errors.Join(srv.end(syscall.SIGQUIT), c.jan.watch(0)); err != nil {
		return err
	}
	return c.Restart(ctx)
}
