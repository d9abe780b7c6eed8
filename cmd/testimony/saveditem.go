package main

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api/client"
)

// savedItem keeps an item in a file that has its name only when all of it was
// verified: until then it has none that anybody would open.
type savedItem struct {
	path string
	file *os.File
	hash hash.Hash
}

func newSavedItem(path string) (*savedItem, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, usage("%s is there already: name another file", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".item-*.partial")
	if err != nil {
		return nil, usage("%s", err)
	}
	return &savedItem{path, f, sha256.New()}, nil
}

// Begin implements client.Sink.
func (s *savedItem) Begin(client.PartInfo, int64) (io.Writer, error) {
	return io.MultiWriter(s.file, s.hash), nil
}

func (s *savedItem) drop() { _ = errors.Join(s.file.Close(), os.Remove(s.file.Name())) }

func (s *savedItem) keep() (digest, error) {
	if err := errors.Join(s.file.Sync(), s.file.Close()); err != nil {
		return digest{}, err
	}
	return digest(s.hash.Sum(nil)), os.Rename(s.file.Name(), s.path)
}
