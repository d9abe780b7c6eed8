package serverkeys_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/serverkeys"
)

func open(t testing.TB, dir string) *serverkeys.Keys {
	t.Helper()
	k, err := serverkeys.Open(dir, rand.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func only(t testing.TB, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("the folder holds %v (%v), want the one file", list, err)
	}
	return filepath.Join(dir, list[0].Name())
}

func fingerprint(t testing.TB, k *serverkeys.Keys) string {
	t.Helper()
	mac, err := k.MAC("test")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %s %x", k.Token()[0].ID(), k.Receipt()[0].ID(), mac[0].Reveal())
}

// Keys outlive the process and are the server's own.
func TestKeysAreMadeOnceAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "keys")
	first := open(t, dir)
	info, err := os.Stat(only(t, dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if a, b := fingerprint(t, first), fingerprint(t, open(t, dir)); a != b {
		t.Errorf("opened again: %s, then %s", a, b)
	}
	if first.Token()[0].ID() == first.Receipt()[0].ID() {
		t.Error("tokens and receipts share a key")
	}
}

// Two nodes that found the folder empty at the same moment have one set of keys.
func TestNodesThatStartTogetherShareTheKeys(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	got := make([]string, 8)
	for i := range got {
		wg.Go(func() {
			if k, err := serverkeys.Open(dir, rand.Reader, nil); err == nil {
				got[i] = fingerprint(t, k)
			}
		})
	}
	wg.Wait()
	for i := range got {
		if got[i] == "" || got[i] != got[0] {
			t.Fatalf("node %d has %q, node 0 %q", i, got[i], got[0])
		}
	}
	only(t, dir)
}

// What one purpose hands out proves nothing to another.
func TestPurposesHaveKeysOfTheirOwn(t *testing.T) {
	k := open(t, filepath.Join(t.TempDir(), "k"))
	a, errA := k.MAC("challenge")
	b, errB := k.MAC("nonce")
	if errA != nil || errB != nil || a[0].Len() != 32 || a[0].Equal(b[0]) {
		t.Fatalf("%d bytes, %v, %v; equal %v", a[0].Len(), errA, errB, a[0].Equal(b[0]))
	}
}

// Keys that others can read are not used as if nothing had happened.
func TestExposedKeysAreRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "k")
	open(t, dir)
	file := only(t, dir)
	for _, c := range []struct {
		path        string
		loose, tidy os.FileMode
	}{{file, 0o640, 0o600}, {dir, 0o755, 0o700}} {
		if err := os.Chmod(c.path, c.loose); err != nil {
			t.Fatal(err)
		}
		if _, err := serverkeys.Open(dir, rand.Reader, nil); !errors.Is(err, serverkeys.ErrExposed) {
			t.Errorf("mode %#o: %v, want ErrExposed", c.loose, err)
		}
		if err := os.Chmod(c.path, c.tidy); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
}

// A damaged file is neither used nor replaced, and its error shows no secret.
func TestADamagedFileIsRefusedAndKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "k")
	k := open(t, dir)
	good, err := os.ReadFile(only(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, by string) []byte { return bytes.Replace(good, []byte(old), []byte(by), 1) }
	for name, bad := range map[string][]byte{
		"empty":         {},
		"cut":           good[:len(good)/2],
		"no token keys": swap(`"token":[`, `"token":[],"x":[`),
		"other version": swap(`"version":1`, `"version":3`),
		"wrong name":    swap(string(k.Token()[0].ID()), string(k.Receipt()[0].ID())),
		"short secret":  swap(`"secret":"`, `"secret":"AAAA","y":"`),
	} {
		if err := os.WriteFile(only(t, dir), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := serverkeys.Open(dir, rand.Reader, nil); !errors.Is(err, serverkeys.ErrDamaged) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
		if kept, _ := os.ReadFile(only(t, dir)); !bytes.Equal(kept, bad) {
			t.Errorf("%s: the file was replaced", name)
		}
	}
}

// A rotation puts the new key first and keeps the old one accepted.
func TestAFileCanHoldSeveralKeysOfAKind(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	older, newer := open(t, a), open(t, b)
	fa, _ := os.ReadFile(only(t, a))
	fb, _ := os.ReadFile(only(t, b))
	list := func(b []byte) string {
		_, rest, _ := strings.Cut(string(b), `"token":[`)
		entry, _, _ := strings.Cut(rest, `]`)
		return entry
	}
	both := strings.Replace(string(fb), list(fb), list(fb)+","+list(fa), 1)
	k, err := serverkeys.Parse([]byte(both))
	if err != nil {
		t.Fatal(err)
	}
	if got := k.Token(); len(got) != 2 || got[0].ID() != newer.Token()[0].ID() || got[1].ID() != older.Token()[0].ID() {
		t.Errorf("%d keys, want the newer and the older", len(got))
	}
}

// Printing the keys prints nothing of them.
func TestKeysDoNotPrint(t *testing.T) {
	k := open(t, filepath.Join(t.TempDir(), "k"))
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d"} {
		out := fmt.Sprintf(verb+verb, *k, k.Token()[0])
		seed := k.Token()[0].Reveal()
		for _, bad := range []string{fmt.Sprintf("%x", seed[:8]), strings.Trim(fmt.Sprint([]byte(seed[:8])), "[]")} {
			if strings.Contains(out, bad) {
				t.Errorf("%s shows the private key", verb)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "k")
	open(f, dir)
	good, err := os.ReadFile(only(f, dir))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := serverkeys.Parse(b)
		if err != nil {
			if !errors.Is(err, serverkeys.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if len(k.Token()) == 0 || len(k.Receipt()) == 0 || fingerprint(t, k) == "" {
			t.Fatal("accepted a file without keys")
		}
	})
}
