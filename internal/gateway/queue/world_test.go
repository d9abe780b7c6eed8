package queue_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/id"
)

// her is a recipient whose key the test holds, and the gateway does not.
type her struct {
	identity *age.HybridIdentity
	to       queue.Destination
}

func newHer(t *testing.T, name string) her {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return her{identity, queue.Destination{Name: name, Recipient: identity.Recipient(), Text: identity.Recipient().String()}}
}

// clock is a day that the test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 8, 15, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func config(dir string, now func() time.Time) queue.Config {
	return queue.Config{Dir: dir, Room: 64 << 20, Keep: 40 * 24 * time.Hour, Rand: rand.Reader, Now: now}
}

func open(t *testing.T, dir string, c *clock) *queue.Queue {
	t.Helper()
	q, err := queue.Open(config(dir, c.Now))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() }) // a test may have closed it
	return q
}

func text(name string) envelope.PartInfo {
	return envelope.PartInfo{MediaType: "text/plain; charset=utf-8", Name: name, Kind: envelope.Original}
}

// seal finishes a draft of the content.
func seal(t *testing.T, q *queue.Queue, to queue.Destination, m queue.Mark, content []byte) *queue.Draft {
	t.Helper()
	d, err := q.Draft(queue.Content{To: to, Info: text("x.txt"), Size: int64(len(content)), Mark: m, Value: uint64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(d, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(); err != nil {
		t.Fatal(err)
	}
	return d
}

// vault stands for the other end of the line.
type vault struct {
	mu       sync.Mutex
	day      string // in its notes
	unsigned error  // why there is no note

	got     map[id.ID][]byte // whole age files
	tried   map[id.ID]bool   // what their records said
	times   map[id.ID]int    // how often each came
	to      map[id.ID]string
	answer  func(queue.Item) error // before anything is taken; nil: yes
	arrived chan id.ID
	told    chan error
}

func newVault() *vault {
	return &vault{got: map[id.ID][]byte{}, tried: map[id.ID]bool{}, times: map[id.ID]int{}, to: map[id.ID]string{}, arrived: make(chan id.ID, 100), told: make(chan error, 100)}
}

func (v *vault) say(answer func(queue.Item) error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = answer
}

// note is another one on every day, as notes are.
func (v *vault) note(_ context.Context, i queue.Item) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.unsigned != nil {
		return "", v.unsigned
	}
	return "note of " + string(i.ID) + v.day, nil
}

func (v *vault) bring(_ context.Context, i queue.Item, s *queue.Sealed) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.times[i.ID]++
	v.tried[i.ID] = i.Tried
	if v.answer != nil {
		if err := v.answer(i); err != nil {
			return err
		}
	}
	payload, err := io.ReadAll(s.Payload())
	if err != nil || int64(len(payload)) != i.Length || i.Note != "note of "+string(i.ID)+v.day {
		return errors.New("the item is not what its record says")
	}
	v.got[i.ID], v.to[i.ID] = append(bytes.Clone(s.Header), payload...), i.To
	v.arrived <- i.ID
	return nil
}

// line gives the way to the vault; pauses last until the context ends or the test
// says go.
func (v *vault) line(go_ <-chan struct{}) queue.Line {
	return queue.Line{Note: v.note, Bring: v.bring, Tell: func(err error) { v.told <- err }, Pause: func(ctx context.Context, _ time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-go_:
			return nil
		}
	}}
}

// run delivers in the background until the test ends.
func run(t *testing.T, q *queue.Queue, l queue.Line) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx, l) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// opened is the content of an age file, for whoever holds the identity.
func opened(t *testing.T, file []byte, who her) []byte {
	t.Helper()
	header, payload, err := envelope.Split(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	key, err := envelope.OpenHeader(header, who.identity)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := io.ReadAll(payload)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(stored)
	var plain bytes.Buffer
	if err := envelope.OpenPayload(&plain, bytes.NewReader(stored), key, envelope.Binding{SHA256: sum, Commit: envelope.Commit(key, sum), Size: int64(len(stored))}); err != nil {
		t.Fatal(err)
	}
	c, err := envelope.ReadContainer(&plain)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}
