package crashtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

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
