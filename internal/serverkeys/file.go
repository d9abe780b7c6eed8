package serverkeys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
)

const (
	name    = "server-keys.json"
	version = 1
	rotated = 2 // has dates and signatures, which older programs do not know
	maxSize = 64 << 10
	maxKeys = 64 // of one kind: those of receipts stay for ever
)

// file spells the keys on disk. An entry's id is what the key is called outside:
// the thumbprint of a signing key, the SHA-256 of a MAC secret. It is checked,
// so that a secret pasted under the wrong name is found at the start.
type file struct {
	Version int64   `json:"version"`
	Token   []entry `json:"token"`
	Receipt []entry `json:"receipt"`
	MAC     []entry `json:"mac"`
}

type entry struct {
	ID     string `json:"id"`
	Secret []byte `json:"secret"` // 32 bytes: an Ed25519 seed, or the MAC secret

	From      int64  `json:"from,omitempty"`      // Unix seconds from which it signs; absent: always
	Signature []byte `json:"signature,omitempty"` // of a key of receipts, by the one before it
}

// Open reads the keys in dir, and makes folder and keys when there are none.
// Errors are ErrExposed, ErrDamaged or the file system's.
//
// The keys follow the file: what Rotate changes is seen within a second. now is the
// server's clock; without one the newest keys sign, and the file is read once.
func Open(dir string, rand io.Reader, now func() time.Time) (*Keys, error) {
	if err := open(dir, rand); err != nil {
		return nil, fmt.Errorf("open the server's keys in %s: %w", dir, err)
	}
	k, err := read(filepath.Join(dir, name))
	if err != nil {
		return nil, fmt.Errorf("read the server's keys in %s: %w", dir, err)
	}
	k.live.dir, k.live.now = dir, now
	return k, nil
}

// ErrNone reports that a folder holds no keys.
var ErrNone = errors.New("there are no server keys here: bring back what testimonyd keys export wrote, with testimonyd keys import (docs/operate/keys.md)")

// Read is Open for keys that must be there: where there are none it makes none, and
// reports ErrNone.
func Read(dir string) (*Keys, error) {
	_, err := os.Lstat(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the server's keys in %s: %w", dir, ErrNone)
	}
	if err == nil {
		err = private(dir)
	}
	var k *Keys
	if err == nil {
		k, err = read(filepath.Join(dir, name))
	}
	if err != nil {
		return nil, fmt.Errorf("read the server's keys in %s: %w", dir, err)
	}
	return k, nil
}

func open(dir string, rand io.Reader) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := private(dir); err != nil {
		return err
	}
	_, err := os.Lstat(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return create(dir, rand)
	}
	return err
}

// create makes the file complete and durable under another name and then links
// it, which fails when the name is taken: of two nodes that start at once, both
// go on with the keys of the first. A crash before the link leaves a file that
// nobody reads; after it, the keys are there.
func create(dir string, rand io.Reader) error {
	f, err := draw(rand)
	if err != nil {
		return fmt.Errorf("draw new keys: %w", err)
	}
	b, err := canonical.Encode(f)
	if err != nil {
		return err
	}
	defer clear(b)
	tmp, err := writeDurably(dir, b)
	if err != nil {
		return err
	}
	defer os.Remove(tmp)
	if err := os.Link(tmp, filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// writeDurably relies on CreateTemp's mode 0600.
func writeDurably(dir string, b []byte) (string, error) {
	f, err := os.CreateTemp(dir, name+".new-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s has mode %#o: %w", path, info.Mode().Perm(), ErrExposed)
	}
	return nil
}

func read(path string) (*Keys, error) {
	if err := private(path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(f, maxSize)); err != nil {
		return nil, err
	}
	defer clear(b.Bytes())
	return Parse(b.Bytes())
}

// Parse reads the JSON of the file; every refusal wraps ErrDamaged.
func Parse(b []byte) (*Keys, error) {
	var f file
	// The decoder's own message could quote a secret.
	if canonical.Request(b, &f) != nil || f.Version != version && f.Version != rotated {
		return nil, ErrDamaged
	}
	token, err1 := signing(f.Token)
	receipt, err2 := signing(f.Receipt)
	macs, err3 := macs(f.MAC)
	if err := errors.Join(err1, err2, err3, linked(receipt)); err != nil {
		return nil, err
	}
	return &Keys{live: &live{held: &ring{token, receipt}}, macs: macs}, nil
}

func signing(list []entry) ([]dated, error) {
	var out []dated
	for _, e := range list {
		if len(e.Secret) != ed25519.SeedSize || e.From < 0 {
			return nil, ErrDamaged
		}
		s := fromSeed(e.Secret)
		if s.ID() != id.Thumbprint(e.ID) {
			return nil, ErrDamaged
		}
		out = append(out, dated{s, e.From, e.Signature})
	}
	return out, count(len(out))
}

// linked makes sure that what is said of a key by the one before it is its word: it is
// published, and clients that keep a key rely on it.
func linked(list []dated) error {
	for i, d := range list {
		if d.signature == nil {
			continue
		}
		if i+1 == len(list) || !ed25519.Verify(list[i+1].Public(), ReceiptKeyText(list[i+1].Public(), d.Public(), d.from), d.signature) {
			return ErrDamaged
		}
	}
	return nil
}

func macs(list []entry) ([]secret.Bytes, error) {
	var out []secret.Bytes
	for _, e := range list {
		sum := sha256.Sum256(e.Secret)
		if len(e.Secret) != sha256.Size || b64(sum[:]) != e.ID || e.From != 0 || e.Signature != nil {
			return nil, ErrDamaged
		}
		out = append(out, secret.Of(e.Secret))
	}
	return out, count(len(out))
}

func count(n int) error {
	if n < 1 || n > maxKeys {
		return ErrDamaged
	}
	return nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
