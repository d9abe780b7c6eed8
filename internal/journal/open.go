package journal

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/internal/reserve"
)

// maxFile is the size in bytes from which a file is full.
const maxFile = 8 << 20

// Open takes the right to write the node's journal and reads nothing yet: nothing
// can be written before Recover. ErrTaken means that another process has it.
func Open(p Place, key ed25519.PrivateKey) (*Journal, error) {
	j, err := open(p, key)
	if err != nil {
		return nil, fmt.Errorf("open journal of node %s in %s: %w", p.Node, p.Dir, err)
	}
	return j, nil
}

func open(p Place, key ed25519.PrivateKey) (*Journal, error) {
	if !NodeName(p.Node) {
		return nil, fmt.Errorf("a node is named by 1 to 32 of a-z, 0-9 and -, not by %q", p.Node)
	}
	// The folder of a node that never wrote a line is no journal: making it hides
	// none that is missing.
	if err := os.MkdirAll(p.folder(p.Node), 0o700); err != nil {
		return nil, err
	}
	for _, dir := range []string{p.Dir, filepath.Dir(p.Dir)} {
		if err := syncDir(dir); err != nil {
			return nil, err
		}
	}
	unlock, err := lock(p.folder(p.Node))
	if err != nil {
		return nil, err
	}
	room, err := reserve.Keep(filepath.Join(p.folder(p.Node), roomName), roomKept)
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	t := &tape{place: p, key: key, maxFile: maxFile, open: map[int64]fate{}}
	return &Journal{place: p, unlock: unlock, room: room, seen: map[string]int64{}, ready: t}, nil
}

// resume lets the tape go on behind a chain that was read. What a crash left of a
// last line, which nobody was told of, goes.
func (t *tape) resume(c *chain) error {
	t.last, t.durable, t.firstIn = c.head, c.head, c.lastDay
	t.fresh = true
	if len(c.files) == 0 {
		return nil
	}
	newest := c.files[len(c.files)-1]
	if c.size > 0 {
		return t.reopen(newest, c)
	}
	if err := os.Remove(newest.path); err != nil {
		return err
	}
	return syncDir(t.place.folder(t.place.Node))
}

func (t *tape) reopen(s segment, c *chain) (err error) {
	if t.file != nil { // Recover runs again
		if err := t.file.Close(); err != nil {
			return err
		}
	}
	if t.file, err = os.OpenFile(s.path, os.O_WRONLY, 0); err != nil {
		return err
	}
	t.size, t.fresh = c.size, c.size >= t.maxFile
	if c.torn > 0 {
		return t.takeBack()
	}
	return nil
}
