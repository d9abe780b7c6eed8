package queue_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// A disk that lost what was acknowledged is not taken for an empty one: nothing is
// removed, and nothing begins.
func TestADamagedFolderIsRefused(t *testing.T) {
	for what, spoil := range map[string]func(dir string) error{
		"item gone":     func(dir string) error { return os.Remove(only(dir, "*.age")) },
		"item cut":      func(dir string) error { return os.Truncate(only(dir, "*.age"), 100) },
		"record torn":   func(dir string) error { return os.Truncate(only(dir, "*.json"), 50) },
		"record empty":  func(dir string) error { return os.WriteFile(only(dir, "*.json"), []byte(`{"items":[]}`), 0o600) },
		"record's name": func(dir string) error { return os.Rename(only(dir, "*.json"), filepath.Join(dir, "x.json")) },
		"key cut":       func(dir string) error { return os.Truncate(filepath.Join(dir, "key"), 31) },
		"mark bent": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "marks"), make([]byte, 32*3), 0o600)
		},
	} {
		c, dir := newClock(), t.TempDir()
		q := open(t, dir, c)
		if err := q.Commit(seal(t, q, newHer(t, "amal").to, q.Mark("x"), noise(t, 100))); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(q.Close(), spoil(dir)); err != nil {
			t.Fatal(what, err)
		}
		before, _ := filepath.Glob(filepath.Join(dir, "*"))
		if _, err := queue.Open(config(dir, c.Now)); !errors.Is(err, queue.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
		if after, _ := filepath.Glob(filepath.Join(dir, "*")); len(after) != len(before) {
			t.Errorf("%s: there was %v, there is %v", what, before, after)
		}
	}
}

// An item that was changed on the disk is never brought as if it were what was
// acknowledged.
func TestAnItemThatChangedIsNotBrought(t *testing.T) {
	c, dir, v := newClock(), t.TempDir(), newVault()
	q := open(t, dir, c)
	if err := q.Commit(seal(t, q, newHer(t, "amal").to, queue.Mark{}, noise(t, 100))); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(only(dir, "*.age"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(only(dir, "*.age"), append(b, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, q, v.line(nil))
	var refused *queue.Refused
	if err := <-v.told; !errors.As(err, &refused) || len(v.got) > 0 {
		t.Errorf("told: %v, arrived %d", err, len(v.got))
	}
}

// A mark whose writing was torn by a crash was not relied upon; those before it
// stay, and those that are old enough go.
func TestMarksOutliveCrashesAndNotTheirTime(t *testing.T) {
	c, dir, v := newClock(), t.TempDir(), newVault()
	q := open(t, dir, c)
	amal, m := newHer(t, "amal"), q.Mark("tool", "1")
	if err := q.Commit(seal(t, q, amal.to, m, noise(t, 77))); err != nil {
		t.Fatal(err)
	}
	stop := run(t, q, v.line(nil))
	<-v.arrived
	<-v.told
	stop()
	path := filepath.Join(dir, "marks")
	b, err := os.ReadFile(path)
	if err != nil || len(b) != 32 {
		t.Fatalf("%d bytes of marks, %v", len(b), err)
	}
	if bytes.Contains(b, binary.BigEndian.AppendUint64(nil, 77)) {
		t.Error("the length of what was brought stands in the file")
	}
	for _, torn := range [][]byte{b[:7], bytes.Repeat([]byte{0}, 32)} {
		if err := errors.Join(q.Close(), os.WriteFile(path, append(bytes.Clone(b), torn...), 0o600)); err != nil {
			t.Fatal(err)
		}
		q = open(t, dir, c)
		if n, ok := q.Known(m); !ok || n != 77 {
			t.Errorf("known %v as %d", ok, n)
		}
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	c.add(42 * 24 * time.Hour)
	if _, ok := open(t, dir, c).Known(m); ok {
		t.Error("it is known for ever")
	}
}

// The note that an item is brought with is kept before it is brought, so that whoever
// repeats it repeats the note. A new one is made when the old one is too old, and
// then the item says that it may have arrived already.
func TestANoteIsKeptBeforeItIsUsed(t *testing.T) {
	c, dir, v, again := newClock(), t.TempDir(), newVault(), make(chan struct{})
	q := open(t, dir, c)
	v.unsigned = errors.New("the vault cannot be asked for the day")
	if err := q.Commit(seal(t, q, newHer(t, "amal").to, queue.Mark{}, noise(t, 100))); err != nil {
		t.Fatal(err)
	}
	stop := run(t, q, v.line(again))
	if err := <-v.told; err == nil || len(v.times) > 0 {
		t.Errorf("without a note it was brought: %v", err)
	}
	v.mu.Lock()
	v.unsigned = nil
	v.mu.Unlock()
	noted := func(want string) {
		t.Helper()
		b, err := os.ReadFile(only(dir, "*.json"))
		if err != nil || !bytes.Contains(b, []byte(want)) {
			t.Errorf("the record: %s, %v", b, err)
		}
	}
	v.say(func(i queue.Item) error {
		noted(`"note":"note of ` + string(i.ID))
		return errors.New("the answer is lost")
	})
	again <- struct{}{}
	<-v.told
	stop()
	v.mu.Lock()
	v.day = " of tomorrow"
	v.mu.Unlock()
	v.say(nil)
	stop = run(t, q, v.line(nil))
	if i := <-v.arrived; !v.tried[i] {
		t.Error("nothing says that it may have arrived")
	}
	<-v.told
	stop()
}

// Run ends with its context, also in the middle of an attempt.
func TestDeliveringEndsWhenAsked(t *testing.T) {
	q := open(t, t.TempDir(), newClock())
	if err := q.Commit(seal(t, q, newHer(t, "amal").to, queue.Mark{}, noise(t, 100))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	line := queue.Line{Note: newVault().note, Bring: func(ctx context.Context, _ queue.Item, _ *queue.Sealed) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}}
	if err := q.Run(ctx, line); err != nil || q.Waiting() != 1 {
		t.Errorf("%v, %d waiting", err, q.Waiting())
	}
}

// A record is what this package writes, and nothing that could lead out of the
// folder.
func FuzzParseRecord(f *testing.F) {
	hash := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	f.Add([]byte(`{"items":[{"item":"aaaaaaaaaaaaaaaaaaaaaaaaaa","to":"amal","day":86400,"recipient_sha256":"` + hash + `","length":16432,"payload_sha256":"` + hash +
		`","commit":"` + hash + `","header_sha256":"` + hash + `","note":"n","tried":true}]}`))
	f.Add([]byte(`{"items":[{"item":"../../etc/passwd"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := queue.ParseRecord(b)
		if err != nil {
			return
		}
		again, err := canonical.Encode(struct {
			Items []queue.Item `json:"items"`
		}{items})
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("two spellings of one record: %v", err)
		}
		for _, i := range items {
			if len(i.ID) != 26 || filepath.Base(string(i.ID)) != string(i.ID) {
				t.Errorf("an item by the name %q", i.ID)
			}
		}
	})
}

// only is the one file of the folder that fits.
func only(dir, pattern string) string {
	all, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(all) != 1 {
		return filepath.Join(dir, "there is not one "+pattern)
	}
	return all[0]
}
