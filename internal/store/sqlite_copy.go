package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// copyName is the copy that Migrate keeps meanwhile.
func (s *sqliteDB) copyName() string { return s.path + ".before-migration" }

// keepCopy writes a compact copy and flushes it. SQLite writes into an empty
// file that is there already, so the copy is never readable by others.
func (s *sqliteDB) keepCopy(ctx context.Context) error {
	if err := s.dropCopy(ctx); err != nil {
		return err
	}
	name := s.copyName()
	if err := createEmpty(name); err != nil {
		return err
	}
	err := s.writer.alone(ctx, func(w *session) error {
		_, err := w.conn.ExecContext(context.Background(), "VACUUM INTO $1", name)
		return classifyStatement(err)
	})
	if err != nil {
		return err
	}
	return syncFile(name)
}

// dropCopy overwrites the copy before removing it: it holds shred keys of rows
// that may be erased later, and secure_delete does as much for the database.
func (s *sqliteDB) dropCopy(context.Context) error {
	f, err := os.OpenFile(s.copyName(), os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := errors.Join(overwrite(f), f.Close()); err != nil {
		return fmt.Errorf("overwrite %s: %w", s.copyName(), err)
	}
	// A crash here leaves a file of zeros, which the next opening removes.
	if err := os.Remove(s.copyName()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.path))
}

func overwrite(f *os.File) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := io.CopyN(f, zeros{}, fi.Size()); err != nil {
		return err
	}
	return f.Sync()
}

// zeros reads as endless zeros.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
