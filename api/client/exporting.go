package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/partial"
	"github.com/relatingfield/vault/internal/statement"
)

// An export of several parts into one file or folder goes in four steps, so that it
// is whole or not there, and nothing is opened for an export that cannot be:
//
//  1. every grant is looked at, and terms that forbid it end all of it;
//  2. every part is fetched, sealed, by an opening of its own that she sees as an
//     export, and verified to its last byte;
//  3. every grant is looked at once more: what was taken back or narrowed meanwhile
//     ends all of it, and what was fetched is deleted;
//  4. the target is put together out of the sealed files, and gets its name last.

// Choice is what to export of a grant: these parts, or all where none is named.
type Choice struct {
	Grant api.ID
	Parts []int64
}

// ErrTermsChanged: she changed the terms of a grant while it was being exported.
var ErrTermsChanged = errors.New("she changed the terms while it was being exported: nothing was kept; look at the terms, and begin again")

// leaving is a part on its way out.
type leaving struct {
	r    *Received
	n    int64 // its number in the testimony
	item int64 // its place in the export
	want expected
	key  envelope.FileKey
	file *partial.File // sealed

	info PartInfo // as it was sealed
	told PartInfo // as her terms let it be told
	size int64    // of the content
	sum  []byte   // SHA-256 of the content
}

// exporting is an export under way.
type exporting struct {
	*Client
	ctx    context.Context
	target string
	watch  PartWatch
	allow  func(api.Terms) error // what the terms must allow, before anything is opened
	parts  []*leaving
}

// exportAll gathers the parts and lets fill put them together.
func (c *Client) exportAll(ctx context.Context, target string, chosen []Choice, allow func(api.Terms) error, watch PartWatch, fill func(*exporting) error) error {
	e := &exporting{Client: c, ctx: ctx, target: target, allow: allow, watch: watch}
	return e.whole(chosen, func() error { return e.run(chosen, fill) })
}

// whole does what makes the target, and tidies up: what was fetched goes once the
// target is there or cannot be, and stays, sealed, where it can be gone on with.
func (e *exporting) whole(chosen []Choice, do func() error) error {
	if _, err := os.Lstat(e.target); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", e.target)
	}
	err := do()
	for _, p := range e.parts {
		p.key.Wipe()
		if p.file != nil && err == nil {
			err = p.file.Discard()
		} else if p.file != nil {
			err = leave(p.file, err)
		}
	}
	return errors.Join(err, e.drop(chosen, err))
}

func (e *exporting) run(chosen []Choice, fill func(*exporting) error) error {
	if err := e.choose(chosen); err != nil {
		return err
	}
	for _, p := range e.parts {
		if err := e.take(p); err != nil {
			return fmt.Errorf("export part %d of grant %s: %w", p.n, p.r.ID, err)
		}
	}
	if err := e.stillGranted(); err != nil {
		return err
	}
	return fill(e)
}

// choose looks at the grants. Nothing is opened.
func (e *exporting) choose(chosen []Choice) error {
	seen := map[api.ID]bool{}
	for _, ch := range chosen {
		if seen[ch.Grant] {
			return refused("a grant is named twice")
		}
		seen[ch.Grant] = true
		r, err := e.inboxGrant(e.ctx, ch.Grant)
		if err == nil && !r.Terms.Exportable() {
			err = ErrNoExport
		}
		if err == nil {
			err = e.allow(r.Terms)
		}
		if err != nil {
			return fmt.Errorf("export grant %s: %w", ch.Grant, err)
		}
		numbers := r.Parts
		if len(ch.Parts) > 0 {
			numbers = slices.Compact(slices.Sorted(slices.Values(ch.Parts)))
		}
		for _, n := range numbers {
			if _, _, err := r.part(n); err != nil {
				return err
			}
			e.parts = append(e.parts, &leaving{r: r, n: n, item: int64(len(e.parts)) + 1})
		}
	}
	if len(e.parts) == 0 {
		return fmt.Errorf("there is nothing to export: %w", ErrNotFound)
	}
	return nil
}

// take fetches a part, sealed, by an opening that is recorded as an export.
func (e *exporting) take(p *leaving) error {
	var watch Watch
	if e.watch != nil {
		watch = e.watch(p.r.ID, p.n)
	}
	target := fmt.Sprintf("%s.%d", e.target, p.n) // grants are told apart by their source
	err := trial{find: func(fresh bool) (from origin, want expected, err error) {
		if fresh {
			if err := e.lookAgain(p); err != nil {
				return from, want, err
			}
		}
		from, want, err = e.wanted(e.ctx, p.r, p.n)
		from.path = strings.TrimSuffix(from.path, "content") + "export"
		return from, want, err
	}, do: func(from origin, want expected) error {
		return e.keep(p, target, from, want, watch)
	}, over: func() bool { return true }}.run()
	p.told = told(p.info, p.r.Terms)
	return err
}

// keep fetches a part into a sealed file, and holds on to its key.
func (e *exporting) keep(p *leaving, target string, from origin, want expected, watch Watch) (err error) {
	if p.file, err = e.fetch(e.ctx, target, from, want, p.opens(e.Client), watch); err != nil {
		return err
	}
	header, _, err := envelope.Split(p.file.Reader())
	if err != nil {
		return swapped(err)
	}
	p.want = want
	p.key, err = e.unlock(header, want)
	return err
}

// opens checks a part by opening it, and keeps what it says of itself.
func (p *leaving) opens(c *Client) checking {
	return func(file io.Reader, want expected) error {
		sum := sha256.New()
		err := c.openFile(file, want, SinkFunc(func(info PartInfo, size int64) (io.Writer, error) {
			p.info, p.size = info, size
			return sum, nil
		}))
		p.sum = sum.Sum(nil)
		return err
	}
}

// lookAgain finds the grant as it stands now, with the terms under which the export
// began.
func (e *exporting) lookAgain(p *leaving) error {
	now, err := e.inboxGrant(e.ctx, p.r.ID)
	if err != nil {
		return err
	}
	if !now.Terms.Equal(p.r.Terms) || now.Changed != p.r.Changed {
		return ErrTermsChanged
	}
	p.r = now
	return nil
}

// stillGranted looks at every grant once more, when all has come.
func (e *exporting) stillGranted() error {
	for i, p := range e.parts {
		if i > 0 && e.parts[i-1].r.ID == p.r.ID {
			if _, _, err := e.parts[i-1].r.part(p.n); err != nil {
				return ErrTakenBack
			}
			p.r = e.parts[i-1].r
			continue
		}
		err := e.lookAgain(p)
		if errors.Is(err, ErrNotFound) || err == nil && p.r.State != api.GrantLive && p.r.State != api.GrantUsedUp {
			err = ErrTakenBack
		}
		if err == nil {
			if _, _, gone := p.r.part(p.n); gone != nil {
				err = ErrTakenBack
			}
		}
		if err != nil {
			return fmt.Errorf("export grant %s: %w", p.r.ID, err)
		}
	}
	return nil
}

// drop deletes what earlier tries have fetched of grants that are not there any more.
func (e *exporting) drop(chosen []Choice, err error) error {
	if !errors.Is(err, ErrNotFound) {
		return nil
	}
	var out error
	for _, ch := range chosen {
		_, dropErr := partial.Drop(filepath.Dir(e.target), "", string(ch.Grant))
		out = errors.Join(out, dropErr)
	}
	return out
}

// content writes the content out of the sealed file, and fails if it is not what was
// signed for.
func (p *leaving) content(w io.Writer) error {
	_, payload, err := envelope.Split(p.file.Reader())
	if err != nil {
		return swapped(err)
	}
	return openInto(SinkFunc(func(PartInfo, int64) (io.Writer, error) { return w, nil }), payload, p.key, p.want.payload)
}

// at reads the content at any place.
func (p *leaving) at() (*io.SectionReader, error) {
	sealed := p.file.Reader()
	header, _, err := envelope.Split(p.file.Reader())
	if err != nil {
		return nil, swapped(err)
	}
	plain, err := envelope.NewRangeReader(io.NewSectionReader(sealed, int64(len(header)), p.want.payload.Size), p.key, p.want.payload)
	if err != nil {
		return nil, swapped(err)
	}
	located := new(Player)
	if err := located.locate(plain); err != nil {
		return nil, swapped(err)
	}
	return located.content, nil
}

// shown says why the content itself must not leave for others; nil where it may.
func (p *leaving) shown() error {
	if err := mayShow(p.info, p.r.Terms); err != nil {
		return err
	}
	content, err := p.at()
	if err != nil {
		return err
	}
	if err := namelessIn(content, p.info.MediaType, unsaid(p.info, p.r.Terms)); err != nil {
		return err
	}
	return traceless(content, p.size, p.sum, p.info)
}

// made is the item that a part was made from, where that leaves with it by the same
// grant. By another grant it leaves under other terms, perhaps with her name, and
// nothing here may tie the two together.
func (e *exporting) made(p *leaving) int64 {
	for _, o := range e.parts {
		if o.r.ID == p.r.ID && o.n == int64(p.info.DerivedFrom) {
			return o.item
		}
	}
	return 0
}

// day is the day of the export.
func (e *exporting) day() int64 { return statement.DayOf(e.time()) }
