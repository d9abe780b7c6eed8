// Package partial keeps what has come so far of a file that is fetched over a bad
// line, so that a program that is killed goes on where it was.
//
// A file in the making lies hidden beside the one that it will become, under
//
//	.<target>.<source>.<version>.partial
//
// where source says whose it is and version which bytes: both are digests that
// mean nothing to anybody else. Beside it, while the target is put together, may
// stand a folder of the same name with .opening at its end.
//
// Promises: one process at a time works on a target, where the system has locks;
// only the owner's user can read what lies there; nothing is followed that is no
// plain file; what lies there of another version is removed when the present one is
// opened, and Drop finds everything of a source. Assumes: what is written here is
// ciphertext, and whoever takes it up again verifies it as if it had just come:
// after a loss of power its end may be anything. Does not: fetch, verify or open.
//
// Specification: docs/protocol.md section 15.
package partial

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrBusy reports that another process works on the target.
var ErrBusy = errors.New("another program is fetching this into the same place: wait for it, or name another folder")

// flushEvery bounds in bytes what a loss of power can cost.
const flushEvery = 16 << 20

// File is a file in the making. It is for one goroutine at a time.
type File struct {
	file     *os.File
	name     Name
	folder   string
	size     int64
	unsynced int64
}

// Key is what a source or a version is called in a name: 22 characters.
func Key(text string) string {
	sum := sha256.Sum256([]byte("testimony-vault/v1/partial\x00" + text))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Open takes up what lies there for target, or begins. What lies there for it from
// the same source in another version is removed.
func Open(target, source, version string) (*File, error) {
	f := &File{name: Name{filepath.Base(target), Key(source), Key(version)}, folder: filepath.Dir(target)}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("keep what comes of %s: %w", filepath.Base(target), err)
	}
	return f, nil
}

func (f *File) open() error {
	path := f.path()
	if info, err := os.Lstat(path); err == nil && (!info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	f.file = file
	if lock(file) != nil {
		return errors.Join(ErrBusy, file.Close())
	}
	info, err := file.Stat()
	if err == nil {
		f.size = info.Size()
		_, err = remove(f.folder, func(n Name) bool {
			return n.Target == f.name.Target && n.Source == f.name.Source && n.Version != f.name.Version
		})
	}
	if err == nil {
		err = os.RemoveAll(f.Workshop())
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	return nil
}

// Size is how many bytes there are.
func (f *File) Size() int64 { return f.size }

// Write appends.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.file.WriteAt(p, f.size)
	f.size += int64(n)
	if f.unsynced += int64(n); err == nil && f.unsynced >= flushEvery {
		f.unsynced, err = 0, f.file.Sync()
	}
	return n, err
}

// Reader reads what there is now, from the first byte or at any place.
func (f *File) Reader() *io.SectionReader { return io.NewSectionReader(f.file, 0, f.size) }

// Empty throws away what there is.
func (f *File) Empty() error {
	f.size = 0
	return f.file.Truncate(0)
}

// Workshop is the folder in which the target may be put together. Open has
// removed it.
func (f *File) Workshop() string { return filepath.Join(f.folder, f.name.workshop()) }

// Keep makes what there is durable, and closes the file.
func (f *File) Keep() error { return errors.Join(f.file.Sync(), f.Close()) }

// Discard removes file and workshop.
func (f *File) Discard() error {
	return errors.Join(os.RemoveAll(f.Workshop()), os.RemoveAll(f.path()), f.Close())
}

func (f *File) path() string { return filepath.Join(f.folder, f.name.String()) }

// Close closes the file where it is not closed yet, and leaves it where it is.
func (f *File) Close() error {
	if err := f.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// MoveTo gives the file another name, durably but for that name's folder, and
// closes it.
func (f *File) MoveTo(path string) error {
	return errors.Join(f.file.Sync(), os.Rename(f.path(), path), f.Close())
}

// Drop removes what lies in a folder of a source for a target, where either is empty
// of or for any, and says of how many files. What another process works on is left
// to it.
func Drop(folder, target, source string) (int, error) {
	key := Key(source)
	n, err := remove(folder, func(n Name) bool { return (source == "" || n.Source == key) && (target == "" || n.Target == target) })
	if err != nil {
		return n, fmt.Errorf("remove what was fetched: %w", err)
	}
	return n, nil
}

// Has says whether something of a source lies in a folder.
func Has(folder, source string) bool {
	key := Key(source)
	list, _ := os.ReadDir(folder) // what cannot be read has nothing to take up
	return slices.ContainsFunc(list, func(e fs.DirEntry) bool {
		n, ok := Parse(e.Name())
		return ok && n.Source == key
	})
}

// remove removes the files that which names, with their workshops.
func remove(folder string, which func(Name) bool) (removed int, failed error) {
	list, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, e := range list {
		n, ok := Parse(e.Name())
		if !ok || !which(n) {
			continue
		}
		done, err := removeOne(folder, n)
		if failed = errors.Join(failed, err); done {
			removed++
		}
	}
	return removed, errors.Join(err, failed)
}

func removeOne(folder string, n Name) (bool, error) {
	path := filepath.Join(folder, n.String())
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil { // no file that Open would take up
		return false, os.RemoveAll(path)
	}
	defer file.Close()
	if lock(file) != nil {
		return false, nil
	}
	return true, errors.Join(os.RemoveAll(filepath.Join(folder, n.workshop())), os.Remove(path))
}
