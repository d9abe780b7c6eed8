package rosa

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
	"github.com/relatingfield/vault/internal/openrosa/strictxml"
)

// status is that of an error; those of parcels and XML are the phone's.
func (f *Forms) status(err error) int {
	switch {
	case errors.Is(err, parcel.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, parcel.ErrRefused), errors.Is(err, strictxml.ErrRefused):
		return http.StatusBadRequest
	}
	return f.in.Status(err)
}

// Filled is what a form that was filled in says of itself.
type Filled struct {
	Form     string // its id
	Instance string // a UUID
}

// ParseFilled reads the XML of a form that was filled in: which form, and the id that
// the phone gave this one. Encrypted ones are refused.
func ParseFilled(doc []byte, size int) (Filled, error) {
	root, err := strictxml.Parse(doc, strictxml.Limits{Size: size, Depth: 100, Nodes: 100_000})
	if err != nil {
		return Filled{}, err
	}
	if _, ok := root.Attr("encrypted"); ok {
		return Filled{}, fmt.Errorf("%w: it is encrypted, and is for the vault itself", strictxml.ErrRefused)
	}
	var out Filled
	out.Form, _ = root.Attr("id")
	meta, err := root.One("meta")
	if err != nil || meta == nil {
		return Filled{}, fmt.Errorf("%w: it has not one meta", strictxml.ErrRefused)
	}
	instance, err := meta.One("instanceID")
	if err != nil || instance == nil {
		return Filled{}, fmt.Errorf("%w: it has not one instanceID", strictxml.ErrRefused)
	}
	text, err := instance.Plain()
	found := regexp.MustCompile(`^uuid:([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`).FindStringSubmatch(text)
	if err != nil || found == nil || out.Form == "" {
		return Filled{}, fmt.Errorf("%w: it has no form or no UUID", strictxml.ErrRefused)
	}
	out.Instance = found[1]
	return out, nil
}

// arriving is a post on its way.
type arriving struct {
	f      *Forms
	filled Filled
	to     queue.Destination
	seen   []string
	drafts []*queue.Draft
}

// take takes a post. When it returns nil all of it is acknowledged; after an error
// nothing of it is.
func (f *Forms) take(body io.Reader, media, collector string) error {
	post, err := parcel.Open(media, body, f.in.Text, f.in.Largest)
	if err != nil {
		return err
	}
	defer clear(post.XML)
	a := &arriving{f: f}
	if a.filled, err = ParseFilled(post.XML, int(f.in.Text)); err != nil {
		return err
	}
	if a.to, err = f.to(a.filled.Form, collector); err != nil {
		return err
	}
	release, ok := f.in.Queue.Hold(a.mark("xml"))
	if !ok {
		return intake.ErrBusy
	}
	defer release()
	defer func() {
		for _, d := range a.drafts { // of those that were committed nothing is dropped
			d.Drop()
		}
	}()
	if err := a.xml(post.XML); err != nil {
		return err
	}
	if err := a.files(post); err != nil {
		return err
	}
	return f.in.Queue.Commit(a.drafts...)
}

// to is whom a form is for, if it is one of the collector's.
func (f *Forms) to(form, collector string) (queue.Destination, error) {
	for n, a := range f.about {
		if a.ID == form && slices.Contains(f.cfg.Forms[n].Collectors, collector) {
			return f.cfg.Forms[n].To, nil
		}
	}
	return queue.Destination{}, intake.ErrUnknown
}

func (a *arriving) mark(words ...string) queue.Mark {
	return a.f.in.Queue.Mark(append([]string{"openrosa", a.filled.Form, a.filled.Instance}, words...)...)
}

// info says inside an item what it is; the beginning of the phone's id ties those of
// one form together, for their recipient.
func (a *arriving) info(media, name string) envelope.PartInfo {
	return envelope.PartInfo{MediaType: media, Name: "form-" + a.filled.Instance[:8] + "-" + name, Kind: envelope.Original}
}

// xml seals the answers, unless they are there. Others under the same id are a
// conflict: edits have an id of their own.
func (a *arriving) xml(text []byte) error {
	m, number := a.mark("xml"), a.f.in.Queue.Fingerprint(text)
	if before, ok := a.f.in.Queue.Known(m); ok {
		if before != number {
			return intake.ErrOther
		}
		return nil
	}
	d, err := a.f.in.Queue.Draft(queue.Content{To: a.to, Info: a.info("text/xml", "submission.xml"), Size: int64(len(text)), Mark: m, Value: number})
	if err != nil {
		return err
	}
	a.drafts = append(a.drafts, d)
	if _, err := d.Write(text); err != nil {
		return err
	}
	return d.Finish()
}

// files seals those that are not there.
func (a *arriving) files(post *parcel.Parcel) error {
	for {
		file, err := post.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.file(file); err != nil {
			return err
		}
	}
}

func (a *arriving) file(file *parcel.File) error {
	info := a.info("application/octet-stream", file.Name)
	if _, err := info.Encode(); err != nil || slices.Contains(a.seen, file.Name) {
		return fmt.Errorf("%w: a file's name", parcel.ErrRefused)
	}
	a.seen = append(a.seen, file.Name)
	m := a.mark("file", file.Name)
	if _, ok := a.f.in.Queue.Known(m); ok {
		_, err := io.Copy(io.Discard, file)
		return err
	}
	s, err := a.f.in.Queue.Spool(file, a.f.in.Largest)
	if err != nil {
		return err
	}
	defer s.Drop()
	d, err := s.Item(queue.Content{To: a.to, Info: info, Mark: m})
	if err != nil {
		return err
	}
	a.drafts = append(a.drafts, d)
	return nil
}
