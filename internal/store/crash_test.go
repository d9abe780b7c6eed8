package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// victim names, in the environment, the database that this process shall write
// to until it is killed.
const victim = "STORE_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victim); path != "" {
		fmt.Fprintln(os.Stderr, writeOn(path, os.Stdout))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeOn adds owners from several goroutines and prints each once it is
// acknowledged, up to a bound that a killed process never reaches.
func writeOn(path string, out io.Writer) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Config{Engine: store.SQLite, Path: path, Migrations: schema()}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 100_000 {
				id := fmt.Sprintf("%d.%d.%d", os.Getpid(), w, i)
				if err := db.Update(ctx, owner(id)); err != nil {
					return
				}
				mu.Lock()
				fmt.Fprintln(out, id)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return db.Close()
}

// However a process is killed, what it has acknowledged is there afterwards, and
// the next process may open the database.
func TestWhatAKilledProcessAcknowledgedIsThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vault.db")
	cfg := store.Config{Engine: store.SQLite, Path: path, Migrations: schema(), AutoMigrate: true}
	if err := try(t, cfg); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for round := range 5 {
		cmd := osexec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), victim+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			acknowledged = append(acknowledged, strings.Clone(lines.Text()))
			if n == 50*(round+1) {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed, as meant
	}
	there := map[string]bool{}
	for _, id := range owners(t, storetest.Open(t, cfg)) {
		there[id] = true
	}
	if len(acknowledged) < 5*50 {
		t.Fatalf("only %d were acknowledged", len(acknowledged))
	}
	for _, id := range acknowledged {
		if !there[id] {
			t.Errorf("%s was acknowledged and is gone", id)
		}
	}
}

// The settings that the promises rest on are in force on the connection that
// writes and on those that read.
func TestTheConnectionsAreSetAsPromised(t *testing.T) {
	cfg := store.Config{Engine: store.SQLite, Path: filepath.Join(t.TempDir(), "vault.db"), Migrations: schema(), AutoMigrate: true}
	db := storetest.Open(t, cfg)
	both := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0", "secure_delete": "1",
		"temp_store": "2", "busy_timeout": "5000"}
	for name, begin := range map[string]func(context.Context, store.Work) error{"0": db.Update, "1": db.View} {
		both["query_only"] = name
		err := begin(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for pragma, want := range both {
				var got string
				if err := tx.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s is %q, want %q: %v", pragma, got, want, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
