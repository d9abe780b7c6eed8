package openrosa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/fieldform"
	"github.com/relatingfield/vault/internal/openrosa/openrosadb"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// maxHeld bounds what small files of one post wait in memory, in bytes. Collect
// sends a hundred files at a time at most.
const maxHeld = 16 << 20

// Post is one request of a phone.
type Post struct {
	Token       string
	ContentType string
	Body        io.Reader
}

// Taken says what became of a post.
type Taken struct {
	Submission id.ID // what ties its items together
	Missing    int64 // files that have not come yet
}

// Submit takes a post: the manifest of a filled form and some of its files. When it
// returns nil they are in the tray, each an item, and will be there after a crash.
// When it returns an error nothing of the post is, and its body was read to its end,
// unless the line broke, so that the phone hears the answer.
func (i *Intake) Submit(ctx context.Context, p Post) (Taken, error) {
	select {
	case i.slots <- struct{}{}:
		defer func() { <-i.slots }()
	default:
		return Taken{}, ErrBusy
	}
	who, err := i.who(ctx, p.Token)
	if err != nil {
		return Taken{}, err
	}
	p.Body = &capped{r: p.Body, left: i.Limits.PostSize}
	a := &arriving{intake: i, token: p.Token, who: who, batch: i.Trays.Batch(), seen: map[string]bool{}}
	out, err := a.take(ctx, p)
	if err != nil {
		err = errors.Join(a.batch.Discard(ctx, err), a.tell(ctx, err))
		_, _ = io.Copy(io.Discard, p.Body) // a line that breaks here has its own end
	}
	return out, err
}

// capped is a body of so many bytes at most.
type capped struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, parcel.ErrTooLarge
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// arriving is one post on its way.
type arriving struct {
	intake *Intake
	token  string
	who    sender
	batch  *tray.Batch

	manifest   fieldform.Manifest
	xml        []byte
	submission id.ID
	known      known
	seen       map[string]bool // names in this post
	items      []item
}

// item is a file of the post that was wrapped.
type item struct {
	id  id.ID
	mac []byte // of its name; nil: the manifest
}

func (a *arriving) take(ctx context.Context, p Post) (Taken, error) {
	post, err := parcel.Open(p.ContentType, p.Body, fieldform.MaxManifest, a.intake.Limits.FileSize)
	if err != nil {
		return Taken{}, err
	}
	a.xml = post.XML
	if a.manifest, err = fieldform.Parse(post.XML); err != nil {
		return Taken{}, err
	}
	if a.submission, err = submission(a.who.tray, post.XML); err != nil {
		return Taken{}, err
	}
	err = a.intake.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		a.known, err = a.intake.recall(ctx, tx, a.who.tray, a.manifest, a.xml)
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	if err := a.wrapManifest(ctx); err != nil {
		return Taken{}, err
	}
	if err := a.files(ctx, post); err != nil {
		return Taken{}, err
	}
	return a.commit(ctx)
}

// files wraps those that have not come before.
func (a *arriving) files(ctx context.Context, post *parcel.Parcel) error {
	listed := a.manifest.Files()
	for {
		f, err := post.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case fieldform.CheckName(f.Name) != nil:
			return fmt.Errorf("%w: a file is not", ErrPlain)
		case !slices.Contains(listed, f.Name) || a.seen[f.Name]:
			return fmt.Errorf("%w: a file is none of the form's, or there twice", parcel.ErrRefused)
		}
		a.seen[f.Name] = true
		if err := a.file(ctx, f); err != nil {
			return err
		}
	}
}

func (a *arriving) file(ctx context.Context, f *parcel.File) (err error) {
	name := mac(a.xml, f.Name)
	if a.known.has(name) {
		_, err := io.Copy(io.Discard, f)
		return err
	}
	m, err := a.intake.measure(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	info := envelope.PartInfo{MediaType: "application/octet-stream; submission=" + string(a.submission), Name: f.Name, Kind: envelope.Original}
	if err := a.wrap(ctx, item{mac: name}, info, m.length, m); err != nil {
		return err
	}
	// What was wrapped has the length that was said; whether the part ends there too,
	// its own end says.
	if _, err := io.Copy(io.Discard, f); err != nil {
		return err
	}
	return nil
}

// wrapManifest wraps the manifest of a form that is new here.
func (a *arriving) wrapManifest(ctx context.Context) error {
	if a.known.begun {
		return nil
	}
	media := "text/xml; submission=" + string(a.submission)
	if a.known.replaces != "" {
		media += "; replaces=" + string(a.known.replaces)
	}
	info := envelope.PartInfo{MediaType: media, Name: fieldform.ManifestFile, Kind: envelope.Original}
	return a.wrap(ctx, item{}, info, int64(len(a.xml)), bytes.NewReader(a.xml))
}

func (a *arriving) wrap(ctx context.Context, it item, info envelope.PartInfo, length int64, body io.Reader) (err error) {
	if a.batch.Held() > maxHeld {
		return parcel.ErrTooLarge
	}
	if it.id, err = a.intake.id(); err != nil {
		return err
	}
	err = a.batch.Wrap(ctx, tray.Dropped{By: tray.Bringer{Partner: a.who.partner}, Tray: a.who.tray, Item: it.id,
		Assurance: delivery.FieldForm, Info: info, Length: length, Body: body})
	if err != nil {
		return err
	}
	a.items = append(a.items, it)
	return nil
}

// commit writes what came, but for what another post has brought meanwhile.
func (a *arriving) commit(ctx context.Context) (out Taken, err error) {
	err = a.batch.Commit(ctx, func(ctx context.Context, tx store.Tx) ([]id.ID, error) {
		if _, err := a.intake.sender(ctx, tx, a.token); err != nil {
			return nil, err
		}
		now, err := a.intake.recall(ctx, tx, a.who.tray, a.manifest, a.xml)
		if err != nil {
			return nil, err
		}
		var in []id.ID
		var files []item
		for _, it := range a.items {
			switch {
			case it.mac == nil && !now.begun:
				in = append(in, it.id)
			case it.mac != nil && !now.has(it.mac):
				in, files = append(in, it.id), append(files, it)
			}
		}
		out = Taken{a.submission, int64(len(a.manifest.Files()) - len(now.macs) - len(files))}
		return in, a.write(ctx, tx, now, files)
	})
	if err != nil {
		return Taken{}, err
	}
	return out, nil
}

// write notes what has come, so that it is known when it comes again.
func (a *arriving) write(ctx context.Context, tx store.Tx, now known, files []item) error {
	i, hash := a.intake, instance(a.who.tray, a.manifest.InstanceID)
	if !now.begun {
		// One that nobody has looked up since it was over is in the way of its like.
		old := openrosadb.DropSubmissionParams{Tray: string(a.who.tray), InstanceSha256: hash, Today: i.today()}
		if err := q(tx).DropSubmission(ctx, old); err != nil {
			return fmt.Errorf("drop submission: %w", err)
		}
		err := q(tx).AddSubmission(ctx, openrosadb.AddSubmissionParams{ID: string(a.submission), Tray: string(a.who.tray), InstanceSha256: hash,
			ManifestSha256: manifestHash(a.xml), UntilDay: i.after(i.Limits.Remember)})
		if err != nil {
			return fmt.Errorf("add submission: %w", err)
		}
	}
	for _, f := range files {
		if err := q(tx).AddFile(ctx, openrosadb.AddFileParams{Submission: string(a.submission), FileMac: f.mac, Item: string(f.id)}); err != nil {
			return fmt.Errorf("add file: %w", err)
		}
	}
	return nil
}

// tell puts into the partner's queue, once a day and collector, that something was
// refused for what it is.
func (a *arriving) tell(ctx context.Context, cause error) error {
	refused := []error{fieldform.ErrPlain, fieldform.ErrManifest, ErrPlain, ErrOther, parcel.ErrRefused, parcel.ErrTooLarge}
	if !slices.ContainsFunc(refused, func(r error) bool { return errors.Is(cause, r) }) {
		return nil
	}
	i := a.intake
	return i.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := q(tx).NoteRefused(ctx, openrosadb.NoteRefusedParams{ID: string(a.who.collector), Today: i.today()})
		if err != nil || n == 0 {
			return err
		}
		return i.Trays.Partners.Tell(ctx, tx, a.who.partner, Refused, a.who.collector)
	})
}
