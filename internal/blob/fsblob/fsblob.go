// Package fsblob keeps objects in a folder.
//
// Layout: objects/ab/abcdef… with the first two characters of the key as a
// folder, and tmp/ for what is being written. Everything is for the vault's user
// only (0700, 0600). A file's times are the first second of its day.
//
// Several processes may use one folder, also over a network file system that
// keeps POSIX order and durability of link and fsync.
//
// # Durability
//
// Put writes tmp/x, starts write-back early, sets the times, flushes the file,
// links it under its name, flushes that name's folder, and removes tmp/x. A crash
// before the link leaves a file in tmp, which Open of the store removes: nobody
// holds its lock any more. A crash after the link and before the folder's flush leaves the object
// or not: whole in either case, for its content was flushed before it had a name.
package fsblob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

const (
	day = 24 * time.Hour
	// staleAfter is when a file in tmp is nobody's any more, where locks cannot
	// tell. No Put lasts that long: the slowest line that is served is far
	// faster.
	staleAfter = 7 * day
	// turns is how many files are made, or flushed and named, at a time.
	turns = 32
)

// Store is a folder of objects.
type Store struct {
	objects, tmp string
	now          func() time.Time
	buffers      sync.Pool     // of *[bufferSize]byte
	turns        chan struct{} // taken by whoever waits for the disk
}

// Open opens or makes the folder and removes what a crash left in tmp.
func Open(dir string, now func() time.Time) (*Store, error) {
	s := &Store{objects: filepath.Join(dir, "objects"), tmp: filepath.Join(dir, "tmp"), now: now, turns: make(chan struct{}, turns)}
	s.buffers.New = func() any { return new([bufferSize]byte) }
	for _, d := range []string{s.objects, s.tmp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("open object folder: %w", err)
		}
	}
	if err := errors.Join(syncDir(dir), syncDir(filepath.Dir(dir))); err != nil {
		return nil, fmt.Errorf("open object folder: %w", err)
	}
	return s, s.sweep()
}

// sweep removes files in tmp that nobody is writing any more.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(s.tmp)
	if err != nil {
		return fmt.Errorf("sweep unfinished objects: %w", err)
	}
	for _, e := range entries {
		if err := s.sweepOne(filepath.Join(s.tmp, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sweep unfinished objects: %w", err)
		}
	}
	return nil
}

// sweepOne removes a file unless its Put holds the lock. A Put that has not got
// so far, because its file was made in this moment, loses the file and fails:
// nothing is lost that was acknowledged.
func (s *Store) sweepOne(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if lock(f) != nil && s.now().Sub(info.ModTime()) < staleAfter {
		return nil
	}
	return os.Remove(path)
}

func (s *Store) path(key id.ID) string { return filepath.Join(s.objects, string(key)[:2], string(key)) }

// Open implements blob.Store.
func (s *Store) Open(_ context.Context, key id.ID) (blob.Object, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open object: %w", blob.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("open object: %w", without(key, err))
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open object: %w", without(key, err)), f.Close())
	}
	return &object{f, info.Size()}, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(_ context.Context, key id.ID) error {
	if err := check(key); err != nil {
		return err
	}
	err := os.Remove(s.path(key))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		// A crash before this may bring the object back. So a Delete that finds
		// nothing flushes the folder, too: it may be the repetition of one that
		// got no further.
		err = syncDir(filepath.Dir(s.path(key)))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // no folder, no object
		return fmt.Errorf("delete object: %w", without(key, err))
	}
	return nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, f func(blob.Entry) error) error {
	folders, err := os.ReadDir(s.objects)
	if err != nil {
		return fmt.Errorf("list objects: %w", err)
	}
	for _, d := range folders {
		files, err := os.ReadDir(filepath.Join(s.objects, d.Name()))
		if err != nil {
			return fmt.Errorf("list objects: %w", err)
		}
		for _, e := range files {
			if err := errors.Join(ctx.Err(), list(e, f)); err != nil {
				return err
			}
		}
	}
	return nil
}

func list(e fs.DirEntry, f func(blob.Entry) error) error {
	key, err := id.Parse(e.Name())
	if err != nil {
		return fmt.Errorf("list objects: %q does not belong in this folder", e.Name())
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("list objects: %w", without(key, err))
	}
	return f(blob.Entry{Key: key, Size: info.Size(), Day: info.ModTime().Truncate(day).Unix()})
}

// check keeps anything that is not a key out of a path.
func check(key id.ID) error {
	if _, err := id.Parse(string(key)); err != nil {
		return fmt.Errorf("object key: %w", err)
	}
	return nil
}

// syncDir makes a folder's names durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
