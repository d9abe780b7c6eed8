package crashtest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mark begins what is said, where it is long enough.
const mark = "off the record, between us: "

// sealed wants what was said in no file of the vault's.
func (w *World) sealed() error {
	if w.daemon == nil {
		return nil // others keep its folder
	}
	return filepath.WalkDir(w.daemon.Dir(), func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file that a running vault has let go of
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(mark)) {
			return fmt.Errorf("what was said lies in plain in %s", path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

// remembered wants every restriction that was acknowledged in the journal: it is
// never behind, whenever the kill came.
func (w *World) remembered() error {
	files, err := filepath.Glob(filepath.Join(w.journals, "*", "*.journal"))
	if err != nil {
		return err
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		all = append(all, b...)
	}
	for _, woman := range w.women {
		for _, t := range woman.told {
			if err := t.remembered(all); err != nil {
				return fmt.Errorf("testimony %s: %w", t.id, err)
			}
		}
	}
	return nil
}

func (t *told) remembered(journal []byte) error {
	holds := func(kind, id string) bool {
		return bytes.Contains(journal, fmt.Appendf(nil, `"kind":%q,"id":%q`, kind, id))
	}
	if t.erased {
		if !holds("erased", string(t.id)) {
			return errors.New("its erasure was acknowledged and is not in the journal")
		}
		return nil
	}
	for id, g := range t.grants {
		if g.revoked && !holds("revoked", string(id)) {
			return fmt.Errorf("grant %s: its revocation was acknowledged and is not in the journal", id)
		}
	}
	return nil
}
