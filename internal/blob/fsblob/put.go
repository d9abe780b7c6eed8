package fsblob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key id.ID, size int64, r io.Reader) error {
	if size < 0 {
		return fmt.Errorf("put object: %w", blob.ErrSize)
	}
	_, err := s.put(key, func(f *os.File) (int64, error) { return size, s.copyExactly(ctx, f, r, size) })
	return err
}

// PutSome implements blob.Store.
func (s *Store) PutSome(ctx context.Context, key id.ID, most int64, r io.Reader) (int64, error) {
	if most < 1 {
		return 0, fmt.Errorf("put object: %w", blob.ErrSize)
	}
	n, err := s.put(key, func(f *os.File) (int64, error) { return s.copyUpTo(ctx, f, r, most) })
	if errors.Is(err, errNothing) {
		return 0, nil
	}
	return n, err
}

// errNothing ends a put for which nothing came.
var errNothing = errors.New("there is nothing to store")

// put makes an object of what fill writes.
func (s *Store) put(key id.ID, fill func(*os.File) (int64, error)) (int64, error) {
	if err := check(key); err != nil {
		return 0, err
	}
	f, err := s.create(key)
	if err != nil {
		return 0, fmt.Errorf("put object: %w", without(key, full(err)))
	}
	n, err := fill(f)
	if err = s.finish(f, key, err); err != nil {
		return 0, fmt.Errorf("put object: %w", without(key, err))
	}
	return n, nil
}

// create makes the file that a Put writes.
func (s *Store) create(key id.ID) (*os.File, error) {
	defer s.turn()()
	f, err := os.CreateTemp(s.tmp, string(key)+"-*") // mode 0600
	if err == nil {
		// Where the lock fails the sweep goes by age alone.
		_ = lock(f)
	}
	return f, err
}

// finish flushes a file that was filled and names it, unless filling failed; then
// it is gone.
func (s *Store) finish(f *os.File, key id.ID, err error) error {
	defer s.turn()()
	if err == nil {
		err = s.flush(f)
	}
	if e := f.Close(); err == nil {
		err = full(e)
	}
	if err == nil {
		err = s.name(f.Name(), key)
	}
	if e := os.Remove(f.Name()); err == nil && e != nil {
		err = e // the object is there; its second name would waste nothing but a name
	}
	return err
}

// flush makes what was written durable.
func (s *Store) flush(f *os.File) error {
	today := s.now().UTC().Truncate(day)
	if err := os.Chtimes(f.Name(), today, today); err != nil {
		return err
	}
	return full(f.Sync())
}

// turn waits for a turn at the disk. Who waits for the disk keeps a thread, so only so
// many do: more than it joins into one flush bring nothing but threads.
func (s *Store) turn() (done func()) {
	s.turns <- struct{}{}
	return func() { <-s.turns }
}

// name gives a flushed file its name, unless somebody has it.
func (s *Store) name(tmp string, key id.ID) error {
	path := s.path(key)
	folder := filepath.Dir(path)
	err := os.Link(tmp, path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeFolder(folder); err == nil {
			err = os.Link(tmp, path)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return blob.ErrExists
	}
	if err != nil {
		return full(err)
	}
	if err := syncDir(folder); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// makeFolder makes one of the folders of objects, durable before anything in it.
func (s *Store) makeFolder(folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return full(err)
	}
	return syncDir(s.objects)
}

// full makes a full disk recognizable.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", blob.ErrFull, err)
	}
	return err
}
