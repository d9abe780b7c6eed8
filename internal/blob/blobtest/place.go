package blobtest

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// Place is where objects lie: a folder, a bucket.
type Place struct {
	// Open opens one more store over the place.
	Open func(*testing.T) blob.Store
	// Down makes the place stop answering, as a crash does, and Up brings it back.
	// Both are nil for a place that is there as long as the machine.
	Down, Up func(*testing.T)
}

// RunPlace tests a place that several stores share; make makes an empty one.
func RunPlace(t *testing.T, make func(t *testing.T) Place) {
	tests := map[string]func(*testing.T, Place){
		"stores over one place see each other":      seeEachOther,
		"no store overwrites another's":             notAnothers,
		"a store that is opened again has the same": openedAgain,
	}
	if make(t).Down != nil {
		tests["a place that is down says so, and nothing is lost"] = outage
		tests["an open object is read on after an outage"] = readOnAfter
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, make(t)) })
	}
}

func seeEachOther(t *testing.T, p Place) {
	a, b := p.Open(t), p.Open(t)
	content := Random(t, 700_000)
	key := put(t, a, content)
	if !bytes.Equal(read(t, b, key), content) {
		t.Error("the second store has other bytes")
	}
	found := 0
	if err := b.List(t.Context(), func(e blob.Entry) error { found++; return nil }); err != nil || found != 1 {
		t.Errorf("the second store lists %d objects, %v", found, err)
	}
	if err := b.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Open(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("after the second deleted it: %v, want ErrNotFound", err)
	}
}

func notAnothers(t *testing.T, p Place) {
	a, b := p.Open(t), p.Open(t)
	key := put(t, a, []byte("first"))
	if err := b.Put(t.Context(), key, 6, bytes.NewReader([]byte("second"))); !errors.Is(err, blob.ErrExists) {
		t.Errorf("put: %v, want ErrExists", err)
	}
	if _, err := b.PutSome(t.Context(), key, 6, bytes.NewReader([]byte("second"))); !errors.Is(err, blob.ErrExists) {
		t.Errorf("put some: %v, want ErrExists", err)
	}
	if got := read(t, a, key); string(got) != "first" {
		t.Errorf("the object is %q", got)
	}
}

func openedAgain(t *testing.T, p Place) {
	want := map[id.ID][]byte{}
	s := p.Open(t)
	for _, n := range sizes {
		content := Random(t, n)
		want[put(t, s, content)] = content
	}
	again := p.Open(t)
	for key, content := range want {
		if !bytes.Equal(read(t, again, key), content) {
			t.Errorf("%d bytes came back otherwise", len(content))
		}
	}
}

// outage: whatever is asked of a place that is down fails as such, a put leaves
// nothing that could be mistaken, and what was acknowledged is there afterwards.
func outage(t *testing.T, p Place) {
	s := p.Open(t)
	content := Random(t, 1<<20)
	key := put(t, s, content)
	p.Down(t)
	lost := Key(t)
	_, openErr := s.Open(t.Context(), key)
	_, someErr := s.PutSome(t.Context(), Key(t), 100, bytes.NewReader(content))
	for what, err := range map[string]error{
		"open": openErr, "put some": someErr,
		"put":    s.Put(t.Context(), lost, int64(len(content)), bytes.NewReader(content)),
		"delete": s.Delete(t.Context(), key),
		"list":   s.List(t.Context(), func(blob.Entry) error { return nil }),
	} {
		if !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: %v, want ErrUnavailable", what, err)
		}
	}
	p.Up(t)
	if !bytes.Equal(read(t, s, key), content) {
		t.Error("what was acknowledged came back otherwise")
	}
	if err := s.Put(t.Context(), lost, int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Errorf("the put that failed, again: %v", err)
	}
}

func readOnAfter(t *testing.T, p Place) {
	s := p.Open(t)
	content := Random(t, 8<<20)
	o, err := s.Open(t.Context(), put(t, s, content))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	got := make([]byte, 100_000)
	if _, err := io.ReadFull(o, got); err != nil {
		t.Fatal(err)
	}
	p.Down(t)
	p.Up(t)
	rest, err := io.ReadAll(o)
	if err != nil || !bytes.Equal(append(got, rest...), content) {
		t.Errorf("%d bytes after the outage, %v", len(rest), err)
	}
	at := make([]byte, 5000)
	if _, err := o.ReadAt(at, 3<<20); err != nil || !bytes.Equal(at, content[3<<20:3<<20+5000]) {
		t.Errorf("read at: %v", err)
	}
}
