package serverkeys

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/canonical"
)

// Rotation says what is rotated and how.
type Rotation struct {
	Token, Receipt bool
	MAC            bool // the secret under nonces, journal, backups and webhooks
	// Overlap is for how long the new signing keys are published before they sign.
	Overlap time.Duration
	// Stolen says that somebody else has the old keys: the new ones sign at once,
	// tokens of the old ones are refused, and no old key vouches for a new one.
	Stolen bool
}

// tokenLife is the most that a token lives: a key that signs no more is accepted for
// that long.
const tokenLife = 10 * time.Minute

var (
	// ErrPending refuses a rotation while the one before it has not begun to sign.
	ErrPending = errors.New("the keys of the rotation before this one do not sign yet: wait until they do (testimonyd keys list), or rotate with --stolen")
	errMany    = fmt.Errorf("there are %d keys of a kind already, and none of them may be forgotten", maxKeys)
)

// Rotate puts new keys before those in dir, which must be there, and replaces the file
// as a whole: a crash leaves it as it was, or as it will be.
func Rotate(dir string, what Rotation, rand io.Reader, now time.Time) error {
	if err := rotate(dir, what, rand, now); err != nil {
		return fmt.Errorf("rotate the server's keys in %s: %w", dir, err)
	}
	return nil
}

func rotate(dir string, what Rotation, rand io.Reader, now time.Time) error {
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := load(dir)
	if err != nil {
		return err
	}
	f.Version = rotated
	from := now.Add(what.Overlap).Unix()
	if what.Stolen {
		from = now.Unix()
	}
	if what.Token {
		if f.Token, err = f.tokens(what, from, rand, now); err != nil {
			return err
		}
	}
	if what.Receipt {
		if f.Receipt, err = f.receipts(what, from, rand, now); err != nil {
			return err
		}
	}
	if what.MAC {
		if f.MAC, err = f.secrets(rand); err != nil {
			return err
		}
	}
	return replace(dir, f)
}

func load(dir string) (file, error) {
	var f file
	if _, err := Read(dir); err != nil { // it is whole, and ours alone
		return f, err
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return f, err
	}
	defer clear(b)
	if canonical.Request(b, &f) != nil {
		return f, ErrDamaged
	}
	return f, nil
}

func fresh(rand io.Reader) ([]byte, error) {
	b := make([]byte, sha256.Size)
	_, err := io.ReadFull(rand, b)
	return b, err
}

// tokens keeps, of the keys before, those whose tokens may still live.
func (f file) tokens(what Rotation, from int64, rand io.Reader, now time.Time) ([]entry, error) {
	if f.Token[0].From > now.Unix() && !what.Stolen {
		return nil, ErrPending
	}
	seed, err := fresh(rand)
	if err != nil {
		return nil, err
	}
	out := []entry{{ID: string(fromSeed(seed).ID()), Secret: seed, From: from}}
	if what.Stolen {
		return out, nil
	}
	out = append(out, f.Token[0])
	for i := 1; i < len(f.Token); i++ {
		if replaced := time.Unix(f.Token[i-1].From, 0); now.Sub(replaced) < tokenLife {
			out = append(out, f.Token[i])
		}
	}
	return out, nil
}

// receipts keeps all keys before, and has the newest of them vouch for the new one.
func (f file) receipts(what Rotation, from int64, rand io.Reader, now time.Time) ([]entry, error) {
	if f.Receipt[0].From > now.Unix() && !what.Stolen {
		return nil, ErrPending
	}
	if len(f.Receipt) == maxKeys {
		return nil, errMany
	}
	seed, err := fresh(rand)
	if err != nil {
		return nil, err
	}
	e := entry{ID: string(fromSeed(seed).ID()), Secret: seed, From: from}
	if !what.Stolen {
		before := fromSeed(f.Receipt[0].Secret)
		e.Signature = ed25519.Sign(before.Reveal(), ReceiptKeyText(before.Public(), fromSeed(seed).Public(), from))
	}
	return append([]entry{e}, f.Receipt...), nil
}

// secrets keeps all secrets before: what the journal says was signed under them.
func (f file) secrets(rand io.Reader) ([]entry, error) {
	if len(f.MAC) == maxKeys {
		return nil, errMany
	}
	b, err := fresh(rand)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	return append([]entry{{ID: b64(sum[:]), Secret: b}}, f.MAC...), nil
}

// replace puts the file in the place of the one that is there. A crash before the
// renaming leaves a file that nobody reads.
func replace(dir string, f file) error {
	b, err := canonical.Encode(f)
	if err != nil {
		return err
	}
	defer clear(b)
	if _, err := Parse(b); err != nil {
		return err
	}
	tmp, err := writeDurably(dir, b)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, name)); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncDir(dir)
}

// Export is the text of the file, for whoever seals it and keeps it elsewhere. Clear it
// after use.
func Export(dir string) ([]byte, error) {
	if _, err := Read(dir); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, name))
}

// ErrThere refuses to bring keys where there are some.
var ErrThere = errors.New("there are server keys here already, and they are not written over")

// Import makes the file of what Export gave, in a folder that has none.
func Import(dir string, b []byte) error {
	if err := bring(dir, b); err != nil {
		return fmt.Errorf("bring the server's keys to %s: %w", dir, err)
	}
	return nil
}

func bring(dir string, b []byte) error {
	if _, err := Parse(b); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := private(dir); err != nil {
		return err
	}
	tmp, err := writeDurably(dir, b)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, filepath.Join(dir, name)); err != nil {
		if errors.Is(err, os.ErrExist) {
			return ErrThere
		}
		return err
	}
	return syncDir(dir)
}

// Listed is a key as it may be shown.
type Listed struct {
	Kind string // token, receipt or mac
	ID   string
	From int64 // Unix seconds from which it signs; 0: from the beginning
	Now  bool  // it is the one that signs now
}

// List shows the keys without their secrets.
func List(dir string, now time.Time) (out []Listed, err error) {
	f, err := load(dir)
	if err != nil {
		return nil, err
	}
	for _, kind := range []struct {
		name string
		list []entry
	}{{"token", f.Token}, {"receipt", f.Receipt}, {"mac", f.MAC}} {
		found := false
		for _, e := range kind.list {
			signs := !found && e.From <= now.Unix()
			found = found || signs
			out = append(out, Listed{kind.name, e.ID, e.From, signs})
		}
	}
	return out, nil
}
