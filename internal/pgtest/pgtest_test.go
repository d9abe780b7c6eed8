package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/relatingfield/vault/internal/pgtest"
)

func count(t *testing.T, c *pgtest.Cluster, query string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A durable cluster keeps over a crash what it acknowledged, and its folder is
// gone after Stop.
func TestWhatIsCommittedSurvivesAKill(t *testing.T) {
	c, err := pgtest.Start(t.Context(), pgtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	if err := c.Exec(t.Context(), "postgres", "CREATE TABLE t (n BIGINT)"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.Exec(t.Context(), "postgres", "INSERT INTO t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		if err := c.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := c.Exec(t.Context(), "postgres", "SELECT 1"); err == nil {
			t.Fatal("a killed server answers")
		}
		if err := c.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, c, "SELECT count(*) FROM t"); n != 3 {
		t.Fatalf("%d of 3 committed rows are left", n)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.Dir()); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the folder is still there: %v", err)
	}
}

// Without being asked, the server listens on no network at all.
func TestOnlyAnAskedForClusterListensOnTCP(t *testing.T) {
	c := pgtest.New(t, pgtest.Options{NoFsync: true})
	if c.Addr() != "" {
		t.Fatalf("address %s", c.Addr())
	}
	if n := count(t, c, "SELECT count(*) FROM pg_settings WHERE name = 'listen_addresses' AND setting <> ''"); n != 0 {
		t.Fatal("the server listens on an address")
	}
	c = pgtest.New(t, pgtest.Options{NoFsync: true, TCP: true})
	conn, err := net.Dial("tcp", c.Addr())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// A template is filled once, however many ask, and a failed filling leaves none.
func TestATemplateIsFilledOnce(t *testing.T) {
	c := pgtest.Shared(t)
	filled := 0
	fill := func(url string) error {
		filled++
		if filled == 1 {
			return fs.ErrInvalid
		}
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), "CREATE TABLE t (n BIGINT)")
		return err
	}
	defer c.Drop(context.Background(), "once")
	for i := range 3 {
		if err := c.Template(t.Context(), "once", fill); (err != nil) != (i == 0) {
			t.Fatalf("filling %d: %v", i, err)
		}
	}
	if filled != 2 {
		t.Fatalf("filled %d times", filled)
	}
	if err := c.Create(t.Context(), "copy", "once"); err != nil {
		t.Fatal(err)
	}
	defer c.Drop(context.Background(), "copy")
	if err := c.Exec(t.Context(), "copy", "SELECT n FROM t"); err != nil {
		t.Fatal(err)
	}
}

// The command passes the exit code on, and a kill -9 of it leaves neither server
// nor folder.
func TestAKilledOwnerLeavesNothingBehind(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "pgtest")
	if out, err := exec.Command("go", "build", "-o", bin, "./cmd/pgtest").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var exit *exec.ExitError
	if err := exec.Command(bin, "run", "sh", "-c", "exit 7").Run(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Fatalf("run: %v, want exit code 7", err)
	}

	// The command run prints the folder and then lives as long as its input.
	cmd := exec.Command(bin, "run", "sh", "-c", `echo "$`+pgtest.Env+`"; exec cat`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSpace(line)
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	gone(t, dir)
	in.Close()
	_ = cmd.Wait() // killed, as meant
}

// A cluster left running by start is ended by stop.
func TestStartAndStopArePairs(t *testing.T) {
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // the server's account passes through
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "c")
	if err := pgtest.StartIn(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := pgtest.StartIn(t.Context(), dir); err == nil {
		t.Error("a second cluster started in the same folder")
	}
	if err := pgtest.StopIn(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the folder is still there: %v", err)
	}
}

// gone waits, for a bounded time, for another process to remove dir.
func gone(t *testing.T, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s is still there", dir)
		}
	}
}
