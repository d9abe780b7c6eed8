package queue

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/internal/secret"
)

const keySize = 32

// key names things so that whoever has the folder cannot tell by guessing what was
// brought.
type key struct{ secret.Bytes }

// openKey reads the key, or makes it. It is durable before anything is named by it.
func openKey(path string, rand io.Reader) (key, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b = make([]byte, keySize)
		if _, err = io.ReadFull(rand, b); err == nil {
			err = replace(path, b, 0)
		}
	}
	if err != nil {
		return key{}, err
	}
	if len(b) != keySize {
		return key{}, fmt.Errorf("%w: %s has not %d bytes", ErrDamaged, filepath.Base(path), keySize)
	}
	return key{secret.Of(b)}, nil
}

// Key derives a key of its own for another purpose of the gateway's. It stays the
// same as long as the folder does.
func (q *Queue) Key(purpose string) (secret.Bytes, error) {
	b, err := hkdf.Key(sha256.New, q.key.Reveal(), nil, "testimony-gateway/v1/"+purpose, keySize)
	if err != nil {
		return secret.Bytes{}, fmt.Errorf("derive a key: %w", err)
	}
	return secret.Of(b), nil
}

// name is what a mark is called on the disk.
type name [16]byte

// Mark names something that a tool brings, by words that the tool would use again
// for the same thing: so that it is recognized when it comes a second time.
//
// On the disk there stand a keyed hash of the words, and a number (a size, a
// fingerprint) that is masked by another keyed hash of them. Whoever takes the disk
// has the key too, but not the words, which hold at least 122 random bits that only
// the tool and this process's memory know: nothing can be looked up or confirmed.
type Mark struct {
	name name
	mask uint64
}

// Mark makes the mark of these words. Words that a stranger could guess must not
// stand alone.
func (q *Queue) Mark(words ...string) Mark {
	sum := q.hash("mark", words...)
	return Mark{name(sum[:16]), binary.BigEndian.Uint64(sum[16:])}
}

// Fingerprint is a number for a text, under this folder's key, to be kept with a
// mark.
func (q *Queue) Fingerprint(text []byte) uint64 {
	sum := q.hash("fingerprint", string(text))
	return binary.BigEndian.Uint64(sum[:])
}

// hash is HMAC-SHA-256 of a purpose and words, each behind its length.
func (q *Queue) hash(purpose string, words ...string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, q.key.Reveal())
	for _, w := range append([]string{"testimony-gateway/v1/" + purpose}, words...) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(w))))
		mac.Write([]byte(w))
	}
	return [sha256.Size]byte(mac.Sum(nil))
}

// Known tells whether something of this mark was brought and acknowledged, and the
// number that was kept with it.
func (q *Queue) Known(m Mark) (value uint64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	masked, ok := q.known[m.name]
	if !ok {
		masked, ok = q.marks.find(m.name)
	}
	return masked ^ m.mask, ok
}

// Hold keeps others from working on the same thing until release. It does not
// wait: ok is false while somebody holds it.
func (q *Queue) Hold(m Mark) (release func(), ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held[m.name] {
		return nil, false
	}
	q.held[m.name] = true
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.held, m.name)
	}, true
}

// spell and readName write a name in records.
func (n name) spell() string { return hex.EncodeToString(n[:]) }

func readName(s string) (n name, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(n) {
		return n, false
	}
	return name(b), true
}
