package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/relatingfield/vault/internal/web"
)

// readmeName is the placeholder of the folder, the only file of it in the repository.
const readmeName = "README.md"

// write makes the folder hold the site and nothing else, manifest last: a build that
// was broken off leaves a folder that is refused, not an older site with newer parts.
func write(out string, made files, wire *squeezed) error {
	m := web.Manifest{Files: map[string]web.Entry{}}
	keep := []string{readmeName, web.ManifestName[1:]}
	if err := os.Remove(filepath.Join(out, web.ManifestName[1:])); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for name, body := range made {
		kind, err := typeOf(name)
		if err != nil {
			return err
		}
		e := web.Entry{Type: kind, SHA256: hashOf(body), Size: len(body)}
		keep = append(keep, web.StoredAs(name))
		if err := put(filepath.Join(out, web.StoredAs(name)), body); err != nil {
			return err
		}
		if short := wire.get(name); len(short) < len(body) {
			e.Brotli = hashOf(short)
			keep = append(keep, web.CompressedAs(name))
			if err := put(filepath.Join(out, web.CompressedAs(name)), short); err != nil {
				return err
			}
		}
		m.Files[name] = e
	}
	if err := clear(out, keep); err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	return put(filepath.Join(out, web.ManifestName[1:]), append(text, '\n'))
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func put(file string, body []byte) error {
	if same(file, body) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o600)
}

// clear removes what earlier builds left.
func clear(out string, keep []string) error {
	return filepath.WalkDir(out, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(out, file)
		if err != nil {
			return err
		}
		if slices.Contains(keep, filepath.ToSlash(name)) {
			return nil
		}
		return os.Remove(file)
	})
}
