// Package parcel reads one post of a filled form: multipart/form-data as OpenRosa
// has it, first the XML and then files, as a stream.
//
// It promises that nothing is kept but the XML, which is bounded; that a part's
// header is bounded too; that files come in the order they were sent, each as a
// reader of at most so many bytes; and that it never writes anything anywhere. A
// part that is neither a file nor the mark of a post that others follow is an error.
// (OpenRosa Form Submission API 1.0; RFC 7578.)
//
// It does not decide whether a file may be taken: its name is what the sender wrote.
package parcel

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strconv"
)

const (
	xmlField        = "xml_submission_file"
	incompleteField = "*isIncomplete*"

	maxBoundary = 70       // RFC 2046 section 5.1.1
	maxHeader   = 16 << 10 // of a part, and of what stands before the first one
	maxMark     = 16       // bytes of the mark's value
	// readAhead is more than what the multipart reader takes in before it is asked.
	readAhead = 16 << 10
	// maxParts is the files of a submission and a few more: Collect splits at a hundred.
	maxParts = 1024
)

var (
	// ErrRefused says that a body is no post of a form.
	ErrRefused = errors.New("the post is no form that was filled in")
	// ErrTooLarge says that a part is larger than what is taken.
	ErrTooLarge = errors.New("a part of the post is too large")
)

// Parcel is a post while it comes in.
type Parcel struct {
	XML []byte // the first part

	line       *meter
	parts      *multipart.Reader
	most       int64
	taken      int
	incomplete bool
	open       *File
}

// File is a part that is a file. It is read before the next one is asked for.
type File struct {
	Name   string
	Length int64 // as its header says, or -1: newer phones do not say it

	content io.Reader
	parcel  *Parcel
	read    int64
	err     error
}

// Open reads the first part of a body, whose Content-Type is given: XML of at most
// maxXML bytes. Each file behind it may have maxFile bytes.
func Open(contentType string, body io.Reader, maxXML, maxFile int64) (*Parcel, error) {
	boundary, err := Boundary(contentType)
	if err != nil {
		return nil, err
	}
	line := &meter{r: body}
	p := &Parcel{line: line, parts: multipart.NewReader(line, boundary), most: maxFile}
	first, err := p.next()
	if err != nil {
		return nil, err
	}
	if first == nil || first.field != xmlField {
		return nil, fmt.Errorf("%w: it does not begin with one", ErrRefused)
	}
	p.line.allow(maxXML)
	p.XML, err = io.ReadAll(io.LimitReader(first, maxXML+1))
	switch {
	case err != nil:
		return nil, p.broken(err)
	case int64(len(p.XML)) > maxXML:
		return nil, ErrTooLarge
	}
	return p, nil
}

// Boundary reads a Content-Type.
func Boundary(contentType string) (string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "multipart/form-data" {
		return "", fmt.Errorf("%w: it is not multipart/form-data", ErrRefused)
	}
	b := params["boundary"]
	if b == "" || len(b) > maxBoundary {
		return "", fmt.Errorf("%w: it has no usable boundary", ErrRefused)
	}
	return b, nil
}

// Next gives the next file, or io.EOF behind the last one.
func (p *Parcel) Next() (*File, error) {
	if p.open != nil && !errors.Is(p.open.err, io.EOF) {
		return nil, errors.New("read parcel: the last file was not read to its end")
	}
	for {
		part, err := p.next()
		if err != nil {
			return nil, err
		}
		if part == nil {
			return nil, io.EOF
		}
		if part.field == incompleteField && part.name == "" {
			if err := p.mark(part); err != nil {
				return nil, err
			}
			continue
		}
		return p.file(part)
	}
}

// Incomplete tells, behind the last file, whether the sender has said that others
// follow in another post.
func (p *Parcel) Incomplete() bool { return p.incomplete }

func (p *Parcel) mark(part *piece) error {
	p.line.allow(maxMark)
	v, err := io.ReadAll(io.LimitReader(part, maxMark+1))
	if err != nil {
		return p.broken(err)
	}
	if string(v) != "yes" || p.incomplete {
		return fmt.Errorf("%w: it does not say clearly whether more follows", ErrRefused)
	}
	p.incomplete = true
	return nil
}

func (p *Parcel) file(part *piece) (*File, error) {
	if part.name == "" || part.name != part.field {
		return nil, fmt.Errorf("%w: a part is no file, or has two names", ErrRefused)
	}
	if part.length > p.most {
		return nil, ErrTooLarge
	}
	p.line.allow(p.most)
	p.open = &File{Name: part.name, Length: part.length, content: part, parcel: p}
	return p.open, nil
}

// Read implements io.Reader. io.EOF means that the part has ended as it should.
func (f *File) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.content.Read(b)
	f.read += int64(n)
	switch {
	case f.read > f.parcel.most || errors.Is(err, errMeter):
		f.err = ErrTooLarge
	case errors.Is(err, io.EOF) && f.Length >= 0 && f.read != f.Length:
		f.err = fmt.Errorf("%w: a part is not as long as it says", ErrRefused)
	case err != nil && !errors.Is(err, io.EOF):
		f.err = f.parcel.broken(err)
	default:
		f.err = err
	}
	return n, f.err
}

// piece is a part with its header read.
type piece struct {
	*multipart.Part
	field, name string
	length      int64
}

// next begins the next part; nil behind the last one.
func (p *Parcel) next() (*piece, error) {
	if p.taken++; p.taken > maxParts {
		return nil, fmt.Errorf("%w: it has too many parts", ErrRefused)
	}
	p.line.allow(maxHeader)
	part, err := p.parts.NextRawPart()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, p.broken(err)
	}
	return about(part)
}

// about reads a part's header.
func about(part *multipart.Part) (*piece, error) {
	out := &piece{Part: part, length: -1}
	disposition, err := single(part.Header, "Content-Disposition")
	if err != nil {
		return nil, err
	}
	kind, params, err := mime.ParseMediaType(disposition)
	if err != nil || kind != "form-data" {
		return nil, fmt.Errorf("%w: a part does not say what it is", ErrRefused)
	}
	out.field, out.name = params["name"], params["filename"]
	if len(part.Header.Values("Content-Transfer-Encoding")) > 0 {
		// Phones say binary; anything else would be another content than what was read.
		if v, err := single(part.Header, "Content-Transfer-Encoding"); err != nil || v != "binary" && v != "8bit" {
			return nil, fmt.Errorf("%w: a part is encoded", ErrRefused)
		}
	}
	if len(part.Header.Values("Content-Length")) > 0 {
		v, err := single(part.Header, "Content-Length")
		if err == nil {
			out.length, err = strconv.ParseInt(v, 10, 64)
		}
		if err != nil || out.length < 0 {
			return nil, fmt.Errorf("%w: the length of a part cannot be read", ErrRefused)
		}
	}
	return out, nil
}

func single(h textproto.MIMEHeader, name string) (string, error) {
	v := h.Values(name)
	if len(v) != 1 {
		return "", fmt.Errorf("%w: a part has %s %d times", ErrRefused, name, len(v))
	}
	return v[0], nil
}

// broken says what is wrong with a body that cannot be read on: what its line said,
// where that broke. What the multipart reader says quotes the body, which is none of
// the log's business.
func (p *Parcel) broken(err error) error {
	switch {
	case p.line.err != nil:
		return fmt.Errorf("read parcel: %w", p.line.err)
	case errors.Is(err, errMeter), errors.Is(err, multipart.ErrMessageTooLarge):
		return ErrTooLarge
	}
	return fmt.Errorf("%w: it is not multipart", ErrRefused)
}
