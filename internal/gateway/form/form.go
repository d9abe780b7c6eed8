// Package form takes what web pages and scripts of a partner's own send: a
// multipart/form-data post with fields and files, or one JSON document with files
// in it.
//
// Promises: a post is taken whole or not at all; each file is an item of its own,
// sealed while it comes, and the fields are another; one that carries an id
// (Idempotency-Key, or a first field _uuid) is taken once. Everything is bounded:
// parts, their heads, fields, files.
//
// Does not: know what the fields mean, or serve the page.
package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// most is how many files one post may have.
const most = 100

// Forms answers for all of them.
type Forms struct {
	in    *intake.Intake
	forms []intake.Form
}

// New makes the adapter, of forms whose posts are taken at /form/NAME.
func New(in *intake.Intake, forms []intake.Form) *Forms {
	return &Forms{in: in, forms: forms}
}

// Routes adds what the adapter answers.
func (f *Forms) Routes(add func(pattern string, handle http.HandlerFunc)) {
	add("POST /form/{form}", f.in.Forms(f.forms, f.keep))
}

func (f *Forms) keep(w http.ResponseWriter, r *http.Request, form intake.Form) error {
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("%w: no media type", intake.ErrBad)
	}
	p := &post{in: f.in, form: form, fields: []Field{}, left: f.in.Text}
	if values := r.Header.Values("Idempotency-Key"); len(values) > 0 {
		if err := p.identify(strings.Trim(values[0], `"`)); err != nil {
			return err
		}
	}
	defer p.end()
	switch media {
	case "multipart/form-data":
		err = p.multipart(f.in.Body(w, r), params["boundary"])
	case "application/json":
		var text []byte
		if text, err = f.in.Whole(w, r); err == nil {
			err = p.json(text)
		}
		clear(text)
	default:
		err = fmt.Errorf("%w: neither multipart/form-data nor application/json", intake.ErrBad)
	}
	if errors.Is(err, errKnown) {
		_, err = io.Copy(io.Discard, io.LimitReader(f.in.Body(w, r), f.in.Largest))
		return err
	}
	if err != nil {
		return err
	}
	return p.commit()
}

// errKnown ends the reading of a post that was taken before.
var errKnown = errors.New("the post was taken before")

// Field is a field of a post, as it is kept: in the order it came.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// post is one post on its way.
type post struct {
	in     *intake.Intake
	form   intake.Form
	fields []Field
	object jsontext.Value // in place of fields, of a post in JSON
	left   int64          // bytes of fields that may still come
	files  []*queue.Draft

	uuid    string
	release func()
}

// identify gives the post the id under which it is recognized.
func (p *post) identify(uuid string) error {
	if !isUUID(uuid) {
		return fmt.Errorf("%w: the id of a post is a UUID", intake.ErrBad)
	}
	m := p.mark(uuid, "fields")
	release, ok := p.in.Queue.Hold(m)
	if !ok {
		return intake.ErrBusy
	}
	p.uuid, p.release = uuid, release
	return nil
}

// known ends a post that was taken.
func (p *post) known() error {
	if p.uuid == "" {
		return nil
	}
	if _, ok := p.in.Queue.Known(p.mark(p.uuid, "fields")); ok {
		return errKnown
	}
	return nil
}

func (p *post) mark(words ...string) queue.Mark {
	return p.in.Queue.Mark(append([]string{"form", p.form.Name}, words...)...)
}

// end leaves nothing of a post that was not committed.
func (p *post) end() {
	for _, d := range p.files {
		d.Drop()
	}
	if p.release != nil {
		p.release()
	}
}

// file seals one file.
func (p *post) file(name, media string, r io.Reader) error {
	if len(p.files) == most {
		return fmt.Errorf("%w: more than %d files", intake.ErrBad, most)
	}
	s, err := p.in.Queue.Spool(r, p.in.Largest)
	if err != nil {
		return err
	}
	defer s.Drop()
	if s.Size() == 0 && name == "" {
		return nil // a page sends this for a file that was not chosen
	}
	d, err := s.Item(queue.Content{To: p.form.To, Info: envelope.PartInfo{MediaType: media, Name: name, Kind: envelope.Original}})
	if err != nil {
		return err
	}
	p.files = append(p.files, d)
	return nil
}

// commit seals the fields and acknowledges all of it together.
func (p *post) commit() error {
	if len(p.fields)+len(p.files)+len(p.object) == 0 {
		return fmt.Errorf("%w: nothing in it", intake.ErrBad)
	}
	text, err := p.text()
	if err != nil {
		return err
	}
	defer clear(text)
	c := queue.Content{To: p.form.To, Size: int64(len(text)), Info: envelope.PartInfo{MediaType: "application/json", Name: "form.json", Kind: envelope.Original}}
	if p.uuid != "" {
		c.Mark = p.mark(p.uuid, "fields")
	}
	d, err := p.in.Queue.Draft(c)
	if err != nil {
		return err
	}
	p.files = append(p.files, d)
	if _, err := d.Write(text); err != nil {
		return err
	}
	if err := d.Finish(); err != nil {
		return err
	}
	return p.in.Queue.Commit(p.files...)
}

// text is what is kept of the fields.
func (p *post) text() ([]byte, error) {
	if len(p.object) > 0 {
		return []byte(`{"fields":` + string(p.object) + "}\n"), nil
	}
	return json.Marshal(map[string][]Field{"fields": p.fields})
}

func isUUID(s string) bool {
	return regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`).MatchString(s)
}
