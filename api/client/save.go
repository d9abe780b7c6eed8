package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partial"
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

// Watch is told how many of how many bytes have been fetched; nil for nobody.
type Watch func(done, total int64)

// SaveGranted opens a granted part into the new folder dir: content, part.json
// and TERMS.json. dir appears only after everything has been found right, and
// whole. Until then what has come lies beside it, sealed, in a hidden file, and the
// same call goes on with it, also after the program was killed; when the part is not
// open any more, that file is deleted and the error is ErrTakenBack. Only the
// caller's own user can read any of it. Terms that allow looking only are an
// ErrViewOnly, and the part is not opened; use Open.
//
// It needs room for the part twice.
func (c *Client) SaveGranted(ctx context.Context, grant api.ID, n int64, dir string, watch Watch) (*Received, error) {
	r, find := c.toKeep(ctx, grant, n)
	err := c.save(ctx, saving{dir: dir, of: grant, find: find, check: c.opens, watch: watch, put: func(f *folder, sealed *partial.File, want expected) error {
		// First what is owed, then what it is owed for: whatever happens in between,
		// the content never lies anywhere without its terms.
		if err := f.writeJSON(TermsFile, c.termsOf(*r, n)); err != nil {
			return err
		}
		return c.openFile(sealed.Reader(), want, f)
	}})
	if err != nil {
		return nil, fmt.Errorf("save part %d: %w", n, err)
	}
	return *r, nil
}

// toKeep finds a part of a grant for a reader who wants a copy.
func (c *Client) toKeep(ctx context.Context, grant api.ID, n int64) (**Received, func(bool) (origin, expected, error)) {
	var r *Received
	return &r, func(bool) (from origin, want expected, err error) {
		if r, err = c.grantedToKeep(ctx, grant); err != nil {
			return from, want, err
		}
		return c.wanted(ctx, r, n)
	}
}

// SaveOwn opens one of her own parts into the new folder dir, as SaveGranted
// does.
func (c *Client) SaveOwn(ctx context.Context, t api.ID, n int64, dir string, watch Watch) error {
	err := c.save(ctx, saving{dir: dir, of: t, find: c.ownPart(ctx, t, n), doubts: true, check: c.opens, watch: watch,
		put: func(f *folder, sealed *partial.File, want expected) error {
			return c.openFile(sealed.Reader(), want, f)
		}})
	if err != nil {
		return fmt.Errorf("save part %d: %w", n, err)
	}
	return nil
}

// SaveArrived opens a part that waits for Adopt into the new folder dir, as
// SaveGranted does, and signs nothing.
func (c *Client) SaveArrived(ctx context.Context, t api.ID, n int64, dir string, watch Watch) error {
	var length int64
	err := c.save(ctx, saving{dir: dir, of: t, find: func(bool) (from origin, want expected, err error) {
		part, received, err := c.arrival(ctx, t, n)
		if err != nil {
			return from, want, err
		}
		from, want, length, err = arrived(t, part, received)
		return from, want, err
	}, check: c.opens, watch: watch, put: func(f *folder, sealed *partial.File, want expected) error {
		return c.openFile(sealed.Reader(), want, ofLength(length, f))
	}})
	if err != nil {
		return fmt.Errorf("save part %d: %w", n, err)
	}
	return nil
}

// saving is a part on its way into a new folder.
type saving struct {
	dir    string
	of     api.ID // grant or testimony
	find   func(fresh bool) (origin, expected, error)
	doubts bool // see trial
	check  checking
	watch  Watch
	// put fills the folder with what was fetched and found right.
	put func(*folder, *partial.File, expected) error
}

func (c *Client) save(ctx context.Context, s saving) error {
	if _, err := os.Lstat(s.dir); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", s.dir)
	}
	err := trial{find: s.find, do: func(from origin, want expected) error {
		p, err := c.fetch(ctx, s.dir, from, want, s.check, s.watch)
		if err != nil {
			return err
		}
		if err := intoFolder(s.dir, p.Workshop(), func(f *folder) error { return s.put(f, p, want) }); err != nil {
			return leave(p, err)
		}
		return p.Discard()
	}, over: func() bool { return true }, doubts: s.doubts}.run()
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	dropped, dropErr := partial.Drop(filepath.Dir(s.dir), filepath.Base(s.dir), string(s.of))
	if dropped > 0 {
		err = ErrTakenBack
	}
	return errors.Join(err, dropErr)
}

// opens opens an age file, and keeps nothing of it.
func (c *Client) opens(file io.Reader, want expected) error {
	return c.openFile(file, want, SinkFunc(func(PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
}
