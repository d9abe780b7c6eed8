package form

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

const (
	maxBoundary = 70 // RFC 2046, section 5.1.1
	maxParts    = 1000
)

// multipart reads the parts one after the other: fields into memory, files into
// the sealer.
func (p *post) multipart(body io.Reader, boundary string) error {
	if boundary == "" || len(boundary) > maxBoundary {
		return fmt.Errorf("%w: no boundary", intake.ErrBad)
	}
	line := &line{r: body}
	parts := multipart.NewReader(line, boundary)
	for range maxParts {
		line.head = maxHead
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return line.why(err)
		}
		line.head = 0
		if err := p.part(part); err != nil {
			return line.why(err)
		}
	}
	return fmt.Errorf("%w: more than %d parts", intake.ErrBad, maxParts)
}

// part takes one part.
func (p *post) part(part *multipart.Part) error {
	name, file, isFile, err := ParseDisposition(part.Header.Values("Content-Disposition"))
	if err != nil {
		return fmt.Errorf("%w: %w", intake.ErrBad, err)
	}
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "" && encoding != "binary" && encoding != "8bit" {
		return fmt.Errorf("%w: a part that is encoded", intake.ErrBad)
	}
	if isFile {
		if err := p.known(); err != nil {
			return err
		}
		return p.file(file, mediaType(part.Header.Get("Content-Type")), part)
	}
	value, err := io.ReadAll(io.LimitReader(part, p.left+1))
	if err != nil {
		return err
	}
	return p.field(name, value)
}

// field takes a field. The first may say what the post is called.
func (p *post) field(name string, value []byte) error {
	if p.left -= int64(len(value) + len(name)); p.left < 0 {
		return queue.ErrTooLarge
	}
	if !utf8.Valid(value) {
		return fmt.Errorf("%w: a field that is no text", intake.ErrBad)
	}
	if name == "_uuid" && p.uuid == "" && len(p.fields)+len(p.files) == 0 {
		if err := p.identify(strings.TrimSpace(string(value))); err != nil {
			return err
		}
	}
	p.fields = append(p.fields, Field{name, string(value)})
	return p.known()
}

// ParseDisposition reads the Content-Disposition of a part (RFC 7578, section 4.2):
// the field's name and, where it is a file, the file's, without a path.
func ParseDisposition(values []string) (name, file string, isFile bool, err error) {
	if len(values) != 1 || len(values[0]) > 1024 {
		return "", "", false, errors.New("a part does not say once what it is")
	}
	kind, params, err := mime.ParseMediaType(values[0])
	if err != nil || kind != "form-data" || params["name"] == "" {
		return "", "", false, errors.New("a part does not say what it is")
	}
	if !plain(params["name"]) {
		return "", "", false, errors.New("the name of a field")
	}
	file, isFile = params["filename"]
	if i := strings.LastIndexAny(file, `/\`); i >= 0 {
		file = file[i+1:]
	}
	if !plain(file) || len(file) > 255 || file == "." || file == ".." {
		file = "" // a name is a courtesy; the file is what was meant
	}
	return params["name"], file, isFile, nil
}

func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

// mediaType is what a part says of itself, if that can be said of an item.
func mediaType(said string) string {
	media, _, err := mime.ParseMediaType(said)
	if err != nil || !strings.Contains(media, "/") || len(media) > 100 {
		return "application/octet-stream"
	}
	return media
}

// maxHead bounds what the standard library gathers before a part begins. It reads
// ahead by a buffer of its own.
const maxHead = 64 << 10

// line bounds the heads of parts and remembers how the body ended.
type line struct {
	r    io.Reader
	head int64 // bytes that may come before the next part; 0 within one
	err  error
}

func (l *line) Read(b []byte) (int, error) {
	if l.head < 0 {
		l.err = fmt.Errorf("%w: the head of a part", intake.ErrBad)
		return 0, l.err
	}
	n, err := l.r.Read(b)
	if l.head > 0 {
		if l.head -= int64(n); l.head == 0 {
			l.head = -1
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// why is what really ended the reading: what the multipart reader says may quote
// the body.
func (l *line) why(err error) error {
	switch {
	case l.err != nil:
		return l.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return intake.ErrCutOff
	case errors.Is(err, io.EOF), errors.Is(err, multipart.ErrMessageTooLarge), strings.HasPrefix(err.Error(), "multipart:"), strings.HasPrefix(err.Error(), "malformed MIME"):
		return fmt.Errorf("%w: not multipart", intake.ErrBad)
	}
	return err
}
