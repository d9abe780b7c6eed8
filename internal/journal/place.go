package journal

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Place is a folder of journals, and whose they are.
type Place struct {
	Dir   string // DIR; a node's journal is in DIR/NODE
	Node  string // this node
	Vault string // the vault id; empty: whatever the journals say
	Keys  []ed25519.PublicKey
	Now   func() time.Time // the vault's clock
}

const (
	suffix   = ".journal"
	lockName = "lock"
	day      = 86400
)

func (p Place) folder(node string) string { return filepath.Join(p.Dir, node) }

// nodes lists the nodes that have a folder.
func (p Place) nodes() ([]string, error) {
	entries, err := os.ReadDir(p.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && NodeName(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// segment is a file of a journal, named by the number of its first record.
type segment struct {
	path  string
	first int64
}

func (p Place) segment(node string, first int64) segment {
	return segment{filepath.Join(p.folder(node), fmt.Sprintf("%016d%s", first, suffix)), first}
}

// segments lists a node's files in order. A file of another name is no business
// of ours; one of our kind of name with a wrong number shows when it is read.
func (p Place) segments(node string) ([]segment, error) {
	entries, err := os.ReadDir(p.folder(node))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list a journal's files: %w", err)
	}
	var out []segment
	for _, e := range entries {
		number, ours := strings.CutSuffix(e.Name(), suffix)
		first, err := strconv.ParseInt(number, 10, 64)
		if s := p.segment(node, first); ours && err == nil && filepath.Base(s.path) == e.Name() {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b segment) int { return int(a.first - b.first) })
	return out, nil
}

// today is the first second of the day.
func (p Place) today() int64 { return p.Now().Unix() / day * day }

// syncDir makes a folder's names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
