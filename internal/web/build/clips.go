package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// clips say which text each recording says: LANGUAGE/KEY to the SHA-256 of the text, in
// hexadecimal. internal/web/listen/make writes them.
type clips map[string]string

func readClips(root string) (clips, error) {
	file := filepath.Join(root, "listen", "clips.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return clips{}, nil
	}
	if err != nil {
		return nil, err
	}
	var c clips
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

// says tells whether the clip of this file name (LANGUAGE/KEY.ogg) says what the page
// says.
func (c clips) says(texts catalogues, name string) bool {
	name = strings.TrimSuffix(name, ".ogg")
	lang, key, _ := strings.Cut(name, "/")
	text, err := texts.text(lang, key)
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return c[name] == hex.EncodeToString(sum[:])
}
