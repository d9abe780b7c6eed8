package serverkeys_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/serverkeys"
)

// clock is one that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// nodes are two that share a folder.
func nodes(t *testing.T) (dir string, c *clock, a, b *serverkeys.Keys) {
	t.Helper()
	dir, c = filepath.Join(t.TempDir(), "keys"), &clock{at: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	var err1, err2 error
	a, err1 = serverkeys.Open(dir, rand.Reader, c.now)
	b, err2 = serverkeys.Open(dir, rand.Reader, c.now)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	c.pass(2 * time.Second)
	_ = fingerprint(t, a) + fingerprint(t, b) // both have looked once
	return dir, c, a, b
}

func rotate(t *testing.T, dir string, c *clock, what serverkeys.Rotation) {
	t.Helper()
	what.Token, what.Receipt = true, true
	if err := serverkeys.Rotate(dir, what, rand.Reader, c.now()); err != nil {
		t.Fatal(err)
	}
	c.pass(2 * time.Second)
}

func ids(list []serverkeys.Signing) (out []id.Thumbprint) {
	for _, s := range list {
		out = append(out, s.ID())
	}
	return out
}

// Every node that runs knows a new key before any of them signs with it, and all
// change over at the same time; what the old keys signed stays good for as long as it
// has to.
func TestNodesThatRunChangeOverTogether(t *testing.T) {
	dir, c, a, b := nodes(t)
	token, receipt := a.Token()[0].ID(), a.Receipt()[0].ID()
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Hour})
	for _, k := range []*serverkeys.Keys{a, b} {
		if len(k.Token()) != 2 || k.Token()[0].ID() != token || len(k.Receipt()) != 2 || k.Receipt()[0].ID() != receipt {
			t.Fatalf("before its time: tokens %v, receipts %v", ids(k.Token()), ids(k.Receipt()))
		}
	}
	err := serverkeys.Rotate(dir, serverkeys.Rotation{Token: true, Overlap: time.Hour}, rand.Reader, c.now())
	if !errors.Is(err, serverkeys.ErrPending) {
		t.Errorf("again before its time: %v", err)
	}
	c.pass(time.Hour)
	for _, k := range []*serverkeys.Keys{a, b} {
		if k.Token()[0].ID() == token || k.Token()[1].ID() != token || k.Receipt()[0].ID() == receipt || k.Receipt()[1].ID() != receipt {
			t.Fatalf("after it: tokens %v, receipts %v", ids(k.Token()), ids(k.Receipt()))
		}
	}
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Hour})
	if n := len(a.Token()); n != 3 {
		t.Errorf("%d keys of tokens, the first one's tokens may live still", n)
	}
	c.pass(2 * time.Hour)
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Hour})
	if len(a.Token()) != 2 || len(a.Receipt()) != 4 {
		t.Errorf("%d keys of tokens, %d of receipts; want 2 and 4", len(a.Token()), len(a.Receipt()))
	}
}

// The chain leads from the oldest key to the newest, each signed by the one before; a
// key that was stolen vouches for none.
func TestEachReceiptKeyVouchesForTheNext(t *testing.T) {
	dir, c, a, _ := nodes(t)
	first := a.Receipt()[0].Public()
	for range 2 {
		rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Minute})
		c.pass(time.Minute)
	}
	links := a.Chain()
	if len(links) != 2 || !bytes.Equal(links[1].Before, first) || !bytes.Equal(links[0].Before, links[1].Key) {
		t.Fatalf("%d links", len(links))
	}
	for _, l := range links {
		if !ed25519.Verify(l.Before, serverkeys.ReceiptKeyText(l.Before, l.Key, l.From), l.Signature) {
			t.Error("a link is not signed")
		}
	}
	stolen := a.Token()[0].ID()
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Hour, Stolen: true})
	if len(a.Chain()) != 2 || len(a.Token()) != 1 || a.Token()[0].ID() == stolen || bytes.Equal(a.Receipt()[0].Public(), links[0].Key) || len(a.Receipt()) != 4 {
		t.Errorf("stolen: %d links, tokens %v, %d receipt keys", len(a.Chain()), ids(a.Token()), len(a.Receipt()))
	}
}

// A new secret counts from the next start; the journal and the backups that the old
// one signed verify under it still.
func TestANewSecretCountsFromTheNextStart(t *testing.T) {
	dir, c, a, _ := nodes(t)
	old, err := a.Journal()
	if err != nil {
		t.Fatal(err)
	}
	if err := serverkeys.Rotate(dir, serverkeys.Rotation{MAC: true}, rand.Reader, c.now()); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	same, err := a.Journal()
	if err != nil || len(same) != 1 {
		t.Fatalf("a node that runs has %d secrets, %v", len(same), err)
	}
	next, err := open(t, dir).Journal()
	if err != nil || len(next) != 2 || next[0].ID() == old[0].ID() || next[1].ID() != old[0].ID() {
		t.Errorf("after a start: %v, %v", ids(next), err)
	}
}

// A file that is damaged while a node runs does not end the node, and is not rotated.
func TestANodeOutlivesADamagedFile(t *testing.T) {
	dir, c, a, _ := nodes(t)
	before := fingerprint(t, a)
	if err := os.WriteFile(only(t, dir), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute)
	if fingerprint(t, a) != before {
		t.Error("the keys have changed")
	}
	if err := serverkeys.Rotate(dir, serverkeys.Rotation{Token: true}, rand.Reader, c.now()); !errors.Is(err, serverkeys.ErrDamaged) {
		t.Errorf("%v", err)
	}
}

// A link that the older key has not signed is no link: the file is refused.
func TestAForgedLinkIsDamage(t *testing.T) {
	dir, c, _, _ := nodes(t)
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Minute})
	good, err := os.ReadFile(only(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(good, []byte(`"signature":"`)) + len(`"signature":"`)
	bad := bytes.Clone(good)
	bad[at] ^= 2
	if _, err := serverkeys.Parse(bad); !errors.Is(err, serverkeys.ErrDamaged) {
		t.Errorf("%v", err)
	}
}

// Keys go and come back as they were, and never over others.
func TestKeysAreImportedOnce(t *testing.T) {
	dir, c, a, _ := nodes(t)
	rotate(t, dir, c, serverkeys.Rotation{Overlap: time.Minute})
	b, err := serverkeys.Export(dir)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "other")
	if err := serverkeys.Import(other, b); err != nil {
		t.Fatal(err)
	}
	k, err := serverkeys.Open(other, rand.Reader, c.now)
	if err != nil || fingerprint(t, k) != fingerprint(t, a) {
		t.Errorf("other keys came back: %v", err)
	}
	if err := serverkeys.Import(other, b); !errors.Is(err, serverkeys.ErrThere) {
		t.Errorf("over others: %v", err)
	}
	if err := serverkeys.Import(filepath.Join(t.TempDir(), "x"), b[:len(b)-3]); !errors.Is(err, serverkeys.ErrDamaged) {
		t.Errorf("cut: %v", err)
	}
	if _, err := serverkeys.Read(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, serverkeys.ErrNone) {
		t.Errorf("none: %v", err)
	}
}
