// Package gatewaytest is a gateway without a vault, for tests of its adapters: a
// queue in a temporary folder, recipients whose keys the test holds, and a server
// on loopback. What was acknowledged is read as its recipient reads it.
package gatewaytest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// World is a gateway in a folder.
type World struct {
	T      testing.TB
	Dir    string
	Queue  *queue.Queue
	Intake *intake.Intake
	Room   int64 // bytes that the queue may take, from the next Open on

	mu     sync.Mutex
	keys   map[string]*age.HybridIdentity
	failed []error
	server *httptest.Server
}

// New makes an empty one.
func New(t testing.TB) *World {
	w := &World{T: t, Dir: t.TempDir(), Room: 64 << 20, keys: map[string]*age.HybridIdentity{}}
	w.Open()
	t.Cleanup(w.Close)
	return w
}

// Open opens the folder, as the process does when it starts.
func (w *World) Open() {
	w.T.Helper()
	q, err := queue.Open(queue.Config{Dir: w.Dir, Room: w.Room, Keep: 40 * 24 * time.Hour, Rand: rand.Reader, Now: time.Now})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Queue = q
	w.Intake = &intake.Intake{Queue: q, Now: time.Now, Largest: 8 << 20, Text: 1 << 20, Window: time.Minute, Least: 1, Tell: func(err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.failed = append(w.failed, err)
	}}
}

// Close ends the process: connections break, and what was in memory is gone.
func (w *World) Close() {
	if w.server != nil {
		w.server.CloseClientConnections()
		w.server.Close()
		w.server = nil
	}
	_ = w.Queue.Close() // what is in it stays
}

// Failed is what the operator's log would tell.
func (w *World) Failed() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.failed)
}

// Serve answers by these routes and gives the address.
func (w *World) Serve(routes func(add func(string, http.HandlerFunc))) string {
	mux := http.NewServeMux()
	routes(func(pattern string, handle http.HandlerFunc) { mux.HandleFunc(pattern, handle) })
	w.server = httptest.NewServer(mux)
	return w.server.URL
}

// To is a destination of that name, with a key of its own.
func (w *World) To(name string) queue.Destination {
	w.T.Helper()
	identity, ok := w.keys[name]
	if !ok {
		var err error
		if identity, err = age.GenerateHybridIdentity(); err != nil {
			w.T.Fatal(err)
		}
		w.keys[name] = identity
	}
	return queue.Destination{Name: name, Recipient: identity.Recipient(), Text: identity.Recipient().String()}
}

// Item is what was acknowledged, opened by the one it was sealed to.
type Item struct {
	To      string
	Info    envelope.PartInfo
	Content []byte
}

// Items are all in the queue, by name.
func (w *World) Items() []Item {
	w.T.Helper()
	l, err := queue.LookAt(w.Dir)
	if err != nil {
		w.T.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(w.Dir, "*.age"))
	if err != nil {
		w.T.Fatal(err)
	}
	n := len(l.Refused)
	for _, waiting := range l.Waiting {
		n += waiting
	}
	if n != len(files) {
		w.T.Fatalf("%d items are acknowledged, and %d sealed", n, len(files))
	}
	var out []Item
	for _, path := range files {
		out = append(out, w.open(path))
	}
	slices.SortFunc(out, func(a, b Item) int {
		return strings.Compare(a.Info.Name+string(a.Content), b.Info.Name+string(b.Content))
	})
	return out
}

func (w *World) open(path string) Item {
	w.T.Helper()
	f, err := os.Open(path)
	if err != nil {
		w.T.Fatal(err)
	}
	defer f.Close()
	header, payload, err := envelope.Split(f)
	if err != nil {
		w.T.Fatal(err)
	}
	stored, err := io.ReadAll(payload)
	if err != nil {
		w.T.Fatal(err)
	}
	for name, identity := range w.keys {
		if key, err := envelope.OpenHeader(header, identity); err == nil {
			info, content := w.contents(stored, key)
			return Item{name, info, content}
		}
	}
	w.T.Fatal("an item is sealed to nobody of this test")
	return Item{}
}

func (w *World) contents(stored []byte, key envelope.FileKey) (envelope.PartInfo, []byte) {
	w.T.Helper()
	sum := sha256.Sum256(stored)
	var plain bytes.Buffer
	err := envelope.OpenPayload(&plain, bytes.NewReader(stored), key, envelope.Binding{SHA256: sum, Commit: envelope.Commit(key, sum), Size: int64(len(stored))})
	if err != nil {
		w.T.Fatal(err)
	}
	c, err := envelope.ReadContainer(&plain)
	if err != nil {
		w.T.Fatal(err)
	}
	content, err := io.ReadAll(c)
	if err != nil {
		w.T.Fatal(err)
	}
	return c.Info, content
}

// Nothing fails the test if a draft is left in the folder.
func (w *World) Nothing() {
	w.T.Helper()
	if left, err := filepath.Glob(filepath.Join(w.Dir, "*ing")); err != nil || len(left) > 0 {
		w.T.Errorf("left in the folder: %v, %v", left, err)
	}
}

// Deliver brings all to a vault that takes everything.
func (w *World) Deliver() {
	w.T.Helper()
	if w.Queue.Waiting() == 0 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := w.Queue.Run(ctx, queue.Line{
		Note:  func(context.Context, queue.Item) (string, error) { return "note", nil },
		Bring: func(context.Context, queue.Item, *queue.Sealed) error { return nil },
		Tell: func(error) {
			if w.Queue.Waiting() == 0 {
				cancel()
			}
		},
		Pause: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil || w.Queue.Waiting() > 0 {
		w.T.Fatalf("%d wait, %v", w.Queue.Waiting(), err)
	}
}
