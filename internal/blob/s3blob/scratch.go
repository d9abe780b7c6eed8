package s3blob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/relatingfield/vault/internal/blob"
)

// scratchNames are the names that files in the scratch folder have for a moment.
const scratchNames = "arriving-*"

// scratch makes a file that has no name: it ends with whoever holds it, in
// whatever way that ends. What is written to it came sealed.
func (s *Store) scratch() (*os.File, error) {
	f, err := os.CreateTemp(s.cfg.Scratch, scratchNames) // mode 0600
	if err != nil {
		return nil, err
	}
	// Another process that starts at this moment may have swept the name.
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sweepScratch removes names that a crash left. Whoever holds such a file goes on
// with it: it wanted to lose its name anyway.
func (s *Store) sweepScratch() error {
	names, err := filepath.Glob(filepath.Join(s.cfg.Scratch, scratchNames))
	if err != nil {
		return fmt.Errorf("sweep scratch folder: %w", err)
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sweep scratch folder: %w", err)
		}
	}
	return nil
}

// full makes a full scratch disk recognizable.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", blob.ErrFull, err)
	}
	return err
}
