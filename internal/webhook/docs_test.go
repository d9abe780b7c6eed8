package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/vaulttest"
	"github.com/relatingfield/vault/internal/webhook"
	"github.com/relatingfield/vault/migrations"
)

const page = "../../docs/webhooks.md"

// snippet is the only one of a language on the page.
func snippet(t *testing.T, language string) []byte {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(b, -1)
	if len(found) != 1 {
		t.Fatalf("%d snippets in %s", len(found), language)
	}
	return found[0][1]
}

// write puts a snippet into a file.
func write(t *testing.T, language, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, snippet(t, language), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// node runs the receiver for Node, golang builds and runs the one in Go.
func node(t *testing.T) *exec.Cmd { return exec.Command("node", write(t, "js", "receiver.mjs")) }

func golang(t *testing.T) *exec.Cmd {
	source := write(t, "go", "receiver.go")
	program := strings.TrimSuffix(source, ".go")
	if out, err := exec.Command("go", "build", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exec.Command(program)
}

// The receivers on the page work: each takes what the vault sends, says it once, and
// refuses what somebody else sends. The one for Node verifies with other people's
// cryptography.
func TestTheReceiversOnThePageWork(t *testing.T) {
	for name, command := range map[string]func(*testing.T) *exec.Cmd{"node": node, "go": golang} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.Open(t, storetest.Fresh(t, store.SQLite, migrations.Files)))
			w.later(time.Since(start)) // they have a clock of their own
			e := w.endpoint(webhook.Wish{URL: "http://127.0.0.1:1/"})
			lines, port := serve(t, command(t), e.Keys[0].Public)
			url := "http://127.0.0.1:" + port + "/vault"
			w.update(func(ctx context.Context, tx store.Tx) error {
				_, err := w.q.Change(ctx, tx, w.partner, e.ID, webhook.Wish{URL: url})
				return err
			})
			about := w.put(webhook.Taken)
			w.deliver(w.q)
			d := w.only(e.ID)
			w.update(func(ctx context.Context, tx store.Tx) error { return w.q.Replay(ctx, tx, w.partner, e.ID, d.Event) })
			w.deliver(w.q)
			last := w.put(webhook.Expired)
			w.deliver(w.q)
			for _, d := range w.deliveries(e.ID) {
				if d.State != webhook.Delivered {
					t.Errorf("%+v", d)
				}
			}
			for _, want := range []string{"item.taken " + string(about), "item.expired " + string(last)} {
				if got := <-lines; got != want {
					t.Errorf("it said %q, not %q", got, want)
				}
			}
			forged, err := http.Post(url, "application/json", bytes.NewReader([]byte(`{"type":"item.taken","timestamp":"2026-05-17T00:00:00Z","data":{"id":"x"}}`)))
			w.must(err)
			if w.must(forged.Body.Close()); forged.StatusCode != http.StatusBadRequest {
				t.Errorf("a forged request: %d", forged.StatusCode)
			}
		})
	}
}

// serve starts a receiver and gives what it says, line by line, and its port.
func serve(t *testing.T, cmd *exec.Cmd, key string) (lines <-chan string, port string) {
	t.Helper()
	said := &vaulttest.Log{}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = said
	cmd.Env = append(os.Environ(), "PORT=0", "WEBHOOK_KEYS="+key)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // killed
		if said.String() != "" {
			t.Errorf("it complains: %s", said)
		}
	})
	all := make(chan string, 100)
	go func() {
		defer close(all)
		for s := bufio.NewScanner(out); s.Scan(); {
			all <- s.Text()
		}
	}()
	port, ok := strings.CutPrefix(<-all, "listening ")
	if !ok {
		t.Fatalf("it does not listen: %s", said)
	}
	return all, port
}

// The page names every type of event there is.
func TestThePageNamesEveryType(t *testing.T) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range append(webhook.Types(), webhook.Ping) {
		if !bytes.Contains(b, []byte("| `"+string(kind)+"` |")) {
			t.Errorf("%s is not on the page", kind)
		}
	}
}
