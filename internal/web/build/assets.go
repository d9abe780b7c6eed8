package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/takeout"
)

// assets says under which path a source came out, by its plain name: "notes.js",
// "words/tell/ar", "list/en".
type assets map[string]string

// publish puts a file where its name says what is in it, so that an old page never
// runs a new script.
func (a assets) publish(made files, name, file string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(file)
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	to := "/a/" + strings.TrimSuffix(file, ext) + "-" + hash + ext
	made[to] = body
	a[name] = to
}

// publishLists publishes the lists that words are picked from, which only who writes
// or reads words in that language fetches.
func publishLists(made files, a assets) error {
	for _, l := range phrase.Languages() {
		a.publish(made, "list/"+l.Tag(), "list-"+l.Tag()+".txt", []byte(folded(phrase.List(l))))
	}
	return nil
}

// publishReadmes publishes what goes into a takeout, which only who takes everything
// along fetches: the same text as the command line program's.
func publishReadmes(made files, a assets) error {
	for _, l := range languages {
		text, err := takeout.ReadmeIn(l)
		if err != nil {
			return err
		}
		a.publish(made, "readme/"+l, "readme-"+l+".txt", text)
	}
	return nil
}

// folded writes of each word how many of its letters it has from the word before, as a
// capital (A for none), and then the rest: a sixth less on the wire for who makes words.
// The page refuses what does not unfold to 2048 different words.
func folded(words []string) string {
	var b strings.Builder
	var before []rune
	for _, word := range words {
		letters, n := []rune(word), 0
		for n < min(len(letters), len(before), 25) && letters[n] == before[n] {
			n++
		}
		b.WriteRune('A' + rune(n))
		b.WriteString(string(letters[n:]))
		before = letters
	}
	return b.String()
}

// copyMedia publishes the spoken instructions and pictures. A folder that is not
// there yet has none, and a clip that says another text than the page is left out: its
// button is absent then.
func copyMedia(root string, texts catalogues, made files, a assets) error {
	dir := filepath.Join(root, "media")
	spoken, err := readClips(root)
	if err != nil {
		return err
	}
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) == ".md" {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if path.Ext(name) == ".ogg" && !spoken.says(texts, name) {
			return nil
		}
		a.publish(made, "media/"+name, strings.ReplaceAll(name, "/", "-"), body)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// typeOf is the media type of what is served under a path. What is not listed here is
// not served.
func typeOf(name string) (string, error) {
	kinds := map[string]string{
		"": "text/html; charset=utf-8", ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".json": "application/json", ".txt": "text/plain; charset=utf-8", ".svg": "image/svg+xml", ".ogg": "audio/ogg", ".ico": "image/x-icon", ".png": "image/png",
	}
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		return "", fmt.Errorf("%s: no media type is known for its ending", name)
	}
	return kind, nil
}

// same tells whether a file already holds these bytes.
func same(file string, body []byte) bool {
	there, err := os.ReadFile(file)
	return err == nil && bytes.Equal(there, body)
}
