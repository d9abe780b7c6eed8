package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
)

// The files of a saved part.
const (
	ContentFile = "content"    // byte for byte as she gave it
	InfoFile    = "part.json"  // what it is
	TermsFile   = "TERMS.json" // what the reader owes her; beside granted parts only
)

// terms is TERMS.json.
type terms struct {
	Vault     api.Hash    `json:"vault"`
	Grant     api.ID      `json:"grant"`
	From      api.Account `json:"granted_by"`
	Testimony api.ID      `json:"testimony"`
	Part      int64       `json:"part"`
	Terms     api.Terms   `json:"terms"`
	Statement string      `json:"statement"`                 // her signed word for all of this
	Changed   string      `json:"terms_statement,omitempty"` // hers that changed the terms, where one did
	Relock    string      `json:"relock,omitempty"`
	Rekeys    []string    `json:"rekeys,omitempty"` // by which she changed her key
	Words     *inWords    `json:"words,omitempty"`  // for people; nothing rests on them
}

func (c *Client) termsOf(r *Received, n int64) terms {
	return terms{c.vault, r.ID, r.From, r.Testimony, n, r.Terms, r.Statement, r.Changed, r.relocks[n], r.rekeys, plainly(c.lang, r.Terms)}
}

// SaveGranted opens a granted part into the new folder dir: content, part.json
// and TERMS.json. dir appears only after everything has been found right, and
// whole; until then the files are beside it under a temporary name. Only the
// caller's own user can read them. Terms that allow looking only are an
// ErrViewOnly, and the part is not opened; use Open.
func (c *Client) SaveGranted(ctx context.Context, grant api.ID, n int64, dir string, watch Watch) (*Received, error) {
	var r *Received
	err := intoFolder(dir, func(f *folder) (err error) {
		f.watch = watch
		if r, err = c.grantedToKeep(ctx, grant); err != nil {
			return err
		}
		// First what is owed, then what it is owed for: whatever happens in between,
		// the content never lies anywhere without its terms.
		if err := f.writeJSON(TermsFile, c.termsOf(r, n)); err != nil {
			return err
		}
		return c.openGranted(ctx, r, n, f)
	})
	if err != nil {
		return nil, fmt.Errorf("save part %d: %w", n, err)
	}
	return r, nil
}

// SaveOwn opens one of her own parts into the new folder dir, as SaveGranted
// does.
func (c *Client) SaveOwn(ctx context.Context, t api.ID, n int64, dir string, watch Watch) error {
	err := intoFolder(dir, func(f *folder) error {
		f.watch = watch
		return c.OpenOwn(ctx, t, n, f)
	})
	if err != nil {
		return fmt.Errorf("save part %d: %w", n, err)
	}
	return nil
}

// SaveArrived opens a part that waits for Adopt into the new folder dir, as
// SaveGranted does, and signs nothing.
func (c *Client) SaveArrived(ctx context.Context, t api.ID, n int64, dir string, watch Watch) error {
	err := intoFolder(dir, func(f *folder) error {
		f.watch = watch
		return c.OpenArrived(ctx, t, n, f)
	})
	if err != nil {
		return fmt.Errorf("save part %d: %w", n, err)
	}
	return nil
}

// Watch is told how many of how many bytes of content have been written; nil
// for nobody.
type Watch func(done, total int64)

// folder is a Sink that keeps a part in files.
type folder struct {
	path  string
	file  *os.File
	watch Watch
}

// intoFolder fills a temporary folder beside dir and gives it dir's name when
// fill has returned nil and every byte is on the disk. On failure nothing stays.
func intoFolder(dir string, fill func(*folder) error) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", dir)
	}
	parent := filepath.Dir(dir)
	temporary, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return err
	}
	f := &folder{path: temporary}
	if err := errors.Join(fill(f), f.close()); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	if err := os.Rename(temporary, dir); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return syncFolder(parent)
}

// Begin implements Sink.
func (f *folder) Begin(info PartInfo, size int64) (io.Writer, error) {
	if err := f.writeJSON(InfoFile, info); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(f.path, ContentFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	f.file = file
	return &counter{file, f.watch, 0, size}, nil
}

func (f *folder) writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(f.path, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(b, '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}

func (f *folder) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.file.Sync(), f.file.Close(), syncFolder(f.path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// counter tells watch what has been written.
type counter struct {
	w           io.Writer
	watch       Watch
	done, total int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.done += int64(n)
	if c.watch != nil {
		c.watch(c.done, c.total)
	}
	return n, err
}
