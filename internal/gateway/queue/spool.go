package queue

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
)

// inMemory is how much of a content of unknown length is kept without a file.
const inMemory = 256 << 10

// ErrTooLarge says that a content is larger than one item may be.
var ErrTooLarge = errors.New("the content is too large for one item")

// Spool is a content whose length was not known when it came: an item begins with
// its length. What does not fit into memory lies in the folder, sealed under a key
// that is nowhere else than here.
type Spool struct {
	q      *Queue
	size   int64
	memory []byte

	path    string
	key     envelope.FileKey
	binding envelope.Binding
	room    int64
}

// Spool reads a content of at most so many bytes to its end. Drop it.
func (q *Queue) Spool(r io.Reader, most int64) (*Spool, error) {
	s := &Spool{q: q}
	if err := s.fill(&bounded{r, most}); err != nil {
		s.Drop()
		return nil, fmt.Errorf("take in content of unknown length: %w", full(err))
	}
	return s, nil
}

func (s *Spool) fill(r io.Reader) error {
	var first bytes.Buffer
	n, err := io.Copy(&first, io.LimitReader(r, inMemory))
	if err != nil || n < inMemory {
		s.memory, s.size = first.Bytes(), n
		return err
	}
	defer clear(first.Bytes())
	return s.toFile(io.MultiReader(bytes.NewReader(first.Bytes()), r))
}

func (s *Spool) toFile(r io.Reader) (err error) {
	name, err := id.New(s.q.cfg.Rand)
	if err != nil {
		return err
	}
	if s.key, err = envelope.NewFileKey(s.q.cfg.Rand); err != nil {
		return err
	}
	s.path = s.q.path(string(name) + sealingSuffix)
	f, err := os.OpenFile(s.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sealed, err := envelope.Seal(&roomy{s, f}, r, s.key, [envelope.NonceSize]byte{}, 1)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	s.binding = envelope.Binding{SHA256: sealed.SHA256, Commit: envelope.Commit(s.key, sealed.SHA256), Size: sealed.Size}
	s.size, err = envelope.PlaintextSize(sealed.Size)
	return err
}

// Size is the length of the content in bytes.
func (s *Spool) Size() int64 { return s.size }

// WriteTo writes the content. It implements io.WriterTo, and may be called again.
func (s *Spool) WriteTo(w io.Writer) (int64, error) {
	if s.path == "" {
		n, err := w.Write(s.memory)
		return int64(n), err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return 0, full(err)
	}
	c := &counted{w: w}
	err = joinClose(envelope.OpenPayload(c, f, s.key, s.binding), f)
	return c.n, err
}

// Drop removes what was kept.
func (s *Spool) Drop() {
	clear(s.memory)
	s.key.Wipe()
	if s.path != "" {
		_ = os.Remove(s.path) // else the next Open does it, and nobody has the key
		s.path = ""
	}
	s.q.give(s.room)
	s.room = 0
}

// Item seals the content of a spool as an item of its own, finished.
func (s *Spool) Item(c Content) (*Draft, error) {
	c.Size = s.size
	d, err := s.q.Draft(c)
	if err != nil {
		return nil, err
	}
	if _, err = s.WriteTo(d); err == nil {
		return d, d.Finish()
	}
	d.Drop()
	return nil, fmt.Errorf("seal an item: %w", err)
}

// Fingerprint is Queue.Fingerprint of the SHA-256 of the content.
func (s *Spool) Fingerprint() (uint64, error) {
	h := sha256.New()
	if _, err := s.WriteTo(h); err != nil {
		return 0, err
	}
	return s.q.Fingerprint(h.Sum(nil)), nil
}

// roomy takes the room of a spool's file as it grows.
type roomy struct {
	s *Spool
	f *os.File
}

func (r *roomy) Write(p []byte) (int, error) {
	if err := r.s.q.take(int64(len(p))); err != nil {
		return 0, err
	}
	r.s.room += int64(len(p))
	return r.f.Write(p)
}

// bounded fails where a content goes on behind what is allowed.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
