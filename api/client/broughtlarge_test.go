package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// fragile is a line that breaks after some bytes of each PATCH, so many times.
type fragile struct {
	base   http.RoundTripper
	dice   *rand.Rand
	breaks int
	sent   atomic.Int64
	broken int
}

func (f *fragile) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPatch {
		through := r.ContentLength + 1 // to its end
		if f.broken < f.breaks {
			f.broken++
			through = f.dice.Int64N(4 << 20)
		}
		r = r.Clone(r.Context())
		r.Body = &snapping{r.Body, through, &f.sent}
	}
	return f.base.RoundTrip(r)
}

// snapping lets so many bytes through and then breaks.
type snapping struct {
	io.ReadCloser
	left int64
	sent *atomic.Int64
}

func (c *snapping) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, errLine
	}
	n, err := c.ReadCloser.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.sent.Add(int64(n))
	return n, err
}

// on is the field's program on a line of its own, which does not wait.
func (f *field) on(line http.RoundTripper, p *client.Program) *client.Client {
	f.Helper()
	c, err := client.New(client.Config{Server: f.v.URL, Vault: f.v.ID, Program: p, Now: f.v.Clock.Now, HTTP: &http.Client{Transport: line}})
	f.must(err)
	client.DoNotPause(c, new(int))
	return c
}

// A large item over a line that breaks at random bytes is sent once, but for less than
// one buffer a break. What she opens is what was brought.
func TestALargeItemIsNotSentTwice(t *testing.T) {
	f, ctx := newField(t, store.SQLite), t.Context()
	g := f.partner.Program()
	program, err := client.NewProgram(g.ID, g.Key)
	f.must(err)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	line := &fragile{base: http.DefaultTransport.(*http.Transport).Clone(), dice: rand.New(rand.NewPCG(seed, 2)), breaks: 6}
	content := bytes.Repeat([]byte("what was held for years "), 800_000)
	item, err := f.on(line, program).Deliver(ctx, client.Delivery{To: f.place, Content: client.Bytes("held.bin", "application/octet-stream", content)})
	f.must(err)
	list, err := f.her.Items(ctx)
	f.must(err)
	// What the line swallowed and the kernels held when it broke is the line's, not the vault's.
	const held = 8 << 20
	if most := list[0].Length + 6*(tray.Buffer+held); line.sent.Load() > most || line.broken != 6 {
		t.Errorf("%d bytes were sent of %d, over %d breaks", line.sent.Load(), list[0].Length, line.broken)
	}
	var seen keep
	_, err = f.her.OpenItem(ctx, item, &seen)
	f.must(err)
	if !bytes.Equal(seen.Bytes(), content) {
		t.Errorf("she sees %d bytes of %d", seen.Len(), len(content))
	}
}

// A program that was killed goes on with what it wrote down, which opens nothing;
// another content, or another program, does not.
func TestAKilledProgramGoesOnWithAnItem(t *testing.T) {
	f, ctx := newField(t, store.SQLite), t.Context()
	g := f.partner.Program()
	program, err := client.NewProgram(g.ID, g.Key)
	f.must(err)
	content := bytes.Repeat([]byte("what was held for years "), 800_000)
	var begun *client.BegunItem
	killed, kill := context.WithCancel(ctx)
	d := client.Delivery{To: f.place, Content: client.Bytes("held.bin", "", content), Began: func(b client.BegunItem) error { begun = &b; return nil }}
	d.Content.Watch = func(sent, _ int64) {
		if sent > 4<<20 {
			kill()
		}
	}
	line := &fragile{base: http.DefaultTransport.(*http.Transport).Clone()}
	if _, err := f.on(line, program).Deliver(killed, d); err == nil || begun == nil {
		t.Fatalf("it was not killed: %v, %+v", err, begun)
	}
	before := line.sent.Load()
	d = client.Delivery{To: f.place, Content: client.Bytes("held.bin", "", append([]byte("x"), content[1:]...)), Begun: begun}
	if _, err := f.on(line, program).Deliver(ctx, d); !errors.Is(err, client.ErrOtherContent) {
		t.Errorf("another content: %v", err)
	}
	d.Content = client.Bytes("held.bin", "", content)
	other := f.partner.Program()
	stranger, err := client.NewProgram(other.ID, other.Key)
	f.must(err)
	if _, err := f.on(line, stranger).Deliver(ctx, d); err == nil {
		t.Error("another program goes on with it")
	}
	if line.sent.Load() != before {
		t.Error("bytes were sent for what was refused")
	}
	item, err := f.on(line, program).Deliver(ctx, d)
	f.must(err)
	list, err := f.her.Items(ctx)
	f.must(err)
	if item != begun.Item || len(list) != 1 || list[0].Err != nil || line.sent.Load()-before >= list[0].Length {
		t.Errorf("%s, %+v: %d bytes were sent again of %d", item, list, line.sent.Load()-before, list[0].Length)
	}
	var seen keep
	_, err = f.her.OpenItem(ctx, item, &seen)
	f.must(err)
	if !bytes.Equal(seen.Bytes(), content) || api.MaxWholeItem > len(content) {
		t.Error("she sees something else")
	}
}
