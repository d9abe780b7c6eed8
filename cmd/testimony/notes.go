package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// maxNotes bounds a file of notes, in bytes.
const maxNotes = 64 << 20

// notes are what deliver writes down to go on after it was killed. They open nothing.
type notes struct {
	path  string
	Files map[string]note `json:"files"` // by the path that was given
}

// note is of one file. Item is drawn and written down before anything is sent, so that
// the same name is brought once.
type note struct {
	Item  api.ID            `json:"item"`
	Done  bool              `json:"done,omitempty"`
	Begun *client.BegunItem `json:"begun,omitempty"`
}

// openNotes reads what an earlier run left. Without a path nothing is kept.
func openNotes(path string) (*notes, error) {
	n := &notes{path: path, Files: map[string]note{}}
	if path == "" {
		return n, nil
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxNotes {
		return nil, usage("%s is no file of notes", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	if err := json.Unmarshal(b, n); err != nil || n.Files == nil {
		return nil, usage("%s is no file of notes: name another, or remove it to begin anew", path)
	}
	return n, nil
}

// bring brings one file, or what is left of it.
func (n *notes) bring(path string, c *client.Client, d client.Delivery, do func(client.Delivery) (api.ID, error)) (api.ID, error) {
	if n.path == "" {
		return do(d)
	}
	now, there := n.Files[path]
	if now.Done {
		return now.Item, nil
	}
	if !there {
		item, err := c.NewItem()
		if err != nil {
			return "", err
		}
		now.Item = item
		if err := n.write(path, now); err != nil {
			return "", err
		}
	}
	d.Item, d.Begun = now.Item, now.Begun
	d.Began = func(b client.BegunItem) error {
		now.Begun = &b
		return n.write(path, now)
	}
	_, err := do(d)
	if err != nil && !(there && errors.Is(err, client.ErrBrought)) { // brought, and killed before it was written down
		return now.Item, err
	}
	return now.Item, n.write(path, note{Item: now.Item, Done: true})
}

// write replaces the file as a whole, durably: a crash leaves the old one or the new.
func (n *notes) write(path string, now note) error {
	n.Files[path] = now
	b, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("write notes: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(n.path), ".notes-*")
	if err != nil {
		return fmt.Errorf("write notes: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), n.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write notes: %w", err), os.Remove(f.Name()))
	}
	return nil
}

func (n *notes) remove() error {
	if n.path == "" {
		return nil
	}
	if err := os.Remove(n.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove notes: %w", err)
	}
	return nil
}
