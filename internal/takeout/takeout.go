// Package takeout is the folder in which somebody takes along everything she owns
// in a vault.
//
//	README.txt          how to open it, in her language
//	SHA256SUMS          of every other file; its presence says that the folder is whole
//	takeout.json        which vault and account, and which testimony lies where
//	receipts.json       what she took back, with the vault's signed word for each
//	statements.jsonl    her chain, an entry a line, as GET /v1/statements gives them
//	001/card.age        title and labels of her first testimony
//	001/part-1.age      its first part: header ‖ payload
//	001/statements.jsonl, feed.json, grants.json
//
// Promises: what lies in the folder is sealed to her as it was in the vault, and
// nothing in it is decrypted; it opens with age, tar and sha256sum alone. A folder
// that was broken off goes on where it was: what lies there whole is kept. Only its
// owner's user can read it. Assumes: one program writes to a folder at a time. Does
// not: fetch, verify or open anything; package client does.
//
// Specification: docs/protocol.md section 14.
package takeout

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/partial"
)

// The names of the files of a takeout; those of one testimony stand in its folder.
const (
	Readme     = "README.txt"
	Sums       = "SHA256SUMS"
	About      = "takeout.json"
	Statements = "statements.jsonl"
	Card       = "card.age"
	Feed       = "feed.json"
	Grants     = "grants.json"
	Receipts   = "receipts.json"
)

// Part is the name of a part's file.
func Part(n int64) string { return fmt.Sprintf("part-%d.age", n) }

// Place is the name of the i-th testimony's folder, from 1.
func Place(i int) string { return fmt.Sprintf("%03d", i) }

// What can be wrong with a folder.
var (
	ErrWhole   = errors.New("the folder holds a whole takeout already: name another one")
	ErrForeign = errors.New("the folder holds other things: name a new one")
)

// Folder is a takeout in the making. Names within it are written with slashes.
type Folder struct {
	dir  string
	sums map[string]string
}

// Begin makes the folder, or goes on with one that was broken off.
func Begin(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("begin takeout: %w", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("begin takeout: %w", err)
	}
	begun := slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == Readme })
	switch {
	case slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == Sums }):
		return nil, fmt.Errorf("begin takeout: %s: %w", dir, ErrWhole)
	case len(list) > 0 && !begun:
		return nil, fmt.Errorf("begin takeout: %s: %w", dir, ErrForeign)
	}
	return &Folder{dir, map[string]string{}}, nil
}

// Write puts a small file in its place.
func (f *Folder) Write(name string, b []byte) error {
	return f.Fill(name, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// WriteJSON puts v in its place as JSON.
func (f *Folder) WriteJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return f.Write(name, append(b, '\n'))
}

// Fill puts a file in its place when fill has written all of it: until then it has
// another name, so that a file under its own name is whole.
func (f *Folder) Fill(name string, fill func(io.Writer) error) error {
	path := f.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	file, err := os.OpenFile(path+".partial", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	sum := sha256.New()
	err = fill(io.MultiWriter(file, sum))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(path+".partial"))
	}
	if err := os.Rename(path+".partial", path); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f.take(name, sum)
	return nil
}

// Room makes the folder in which a file goes, and gives the file's path on disk: for
// somebody who brings it piece by piece, and then calls Take.
func (f *Folder) Room(name string) (string, error) {
	path := f.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return path, nil
}

// Take puts a whole file in its place by move, which gives it the path; sum has
// hashed it.
func (f *Folder) Take(name string, sum hash.Hash, move func(path string) error) error {
	if err := move(f.path(name)); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	f.take(name, sum)
	return nil
}

// Keep says whether a file lies there from before and is what check, which reads
// it, takes for right. Then it stays.
func (f *Folder) Keep(name string, check func(io.Reader) error) bool {
	file, err := os.Open(f.path(name))
	if err != nil {
		return false
	}
	defer file.Close()
	sum := sha256.New()
	whole := io.TeeReader(file, sum)
	if check(whole) != nil {
		return false
	}
	if n, err := io.Copy(io.Discard, whole); err != nil || n > 0 { // check has read to the end
		return false
	}
	f.take(name, sum)
	return true
}

func (f *Folder) take(name string, sum hash.Hash) { f.sums[name] = hex.EncodeToString(sum.Sum(nil)) }

func (f *Folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Finish removes what was fetched in part and is not needed any more, and writes
// the sums of everything, last.
func (f *Folder) Finish() error {
	for name := range f.sums {
		if _, err := partial.Drop(filepath.Dir(f.path(name)), "", ""); err != nil {
			return fmt.Errorf("finish takeout: %w", err)
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(f.sums)) {
		fmt.Fprintf(&b, "%s  %s\n", f.sums[name], name)
	}
	if err := f.Write(Sums, []byte(b.String())); err != nil {
		return err
	}
	dir, err := os.Open(f.dir)
	if err != nil {
		return fmt.Errorf("finish takeout: %w", err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}
