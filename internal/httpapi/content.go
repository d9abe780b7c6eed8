package httpapi

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/byterange"
)

// outOfRange says how long the file is, for the answer to a range beyond it.
type outOfRange struct{ size int64 }

func (e *outOfRange) Error() string { return "the range lies outside the file" }

// errOpeningOver refuses to begin a session for somebody who asked only to go on
// with one.
var errOpeningOver = errors.New("the session that the request goes on with is over")

// goesOn says whether the request is good only while the opening before it stands.
// A reader whose line breaks for long thereby never uses up a read that nobody
// meant to use.
func (r *Request) goesOn() (bool, error) {
	switch values := r.Header().Values(api.HeaderOpening); {
	case len(values) == 0:
		return false, nil
	case len(values) == 1 && values[0] == api.OpeningGoesOn:
		return true, nil
	}
	return false, errBadRequest
}

// stretch is the range that an answer gives.
type stretch struct {
	byterange.Stretch
	etag    string
	partial bool
}

// pick reads Range and If-Range (RFC 9110, section 14). One range is served; a
// list of them, another unit or nonsense is ignored as the RFC allows, and the
// whole file sent. If-Range must be the very entity tag, so that a download
// that began before a re-lock starts over.
func (r *Request) pick(size int64, etag string) (stretch, error) {
	whole := stretch{byterange.Stretch{To: size, Size: size}, etag, false}
	value := once(r.Header(), "Range")
	if cond := r.Header().Values("If-Range"); value == "" || len(cond) > 0 && (len(cond) > 1 || cond[0] != etag) {
		return whole, nil
	}
	part, ok := byterange.Parse(value, size)
	if !ok {
		return whole, nil
	}
	if part.Empty() {
		return whole, &outOfRange{size}
	}
	return stretch{part, etag, true}, nil
}

// position reads digits only.
func position(s string) (int64, error) { return byterange.Position(s) }

// begin writes the head of an answer that gives a stretch of an age file.
func (r *Request) begin(s stretch) http.ResponseWriter {
	h := r.Answer()
	h.Set("Content-Type", api.MediaBytes)
	h.Set("ETag", s.etag)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(s.To-s.From, 10))
	if !s.partial {
		return r.Writer(http.StatusOK)
	}
	h.Set("Content-Range", s.ContentRange())
	return r.Writer(http.StatusPartialContent)
}

// header gives her own header of a part.
func (t *Testimonies) header(r *Request) error {
	p, err := r.part()
	if err != nil {
		return err
	}
	b, err := t.Vault.Header(r.Context(), r.Caller, p.Testimony, p.N)
	if err != nil {
		return err
	}
	return r.send(http.StatusOK, api.MediaBytes, b)
}

// content gives her own part as an age file.
func (t *Testimonies) content(r *Request) error {
	p, err := r.part()
	if err != nil {
		return err
	}
	f, err := t.Vault.Content(r.Context(), r.Caller, p.Testimony, p.N)
	if err != nil {
		return err
	}
	return r.deliver(f)
}

// kept gives her the bytes of an upload that are kept so far.
func (t *Testimonies) kept(r *Request) error {
	p, err := r.part()
	if err != nil {
		return err
	}
	f, err := t.Vault.Kept(r.Context(), r.Caller, p.Testimony, p.N)
	if err != nil {
		return err
	}
	return r.deliver(f)
}

// deliver sends the caller what is hers, and closes it.
func (r *Request) deliver(f *agefile.File) error {
	defer f.Close()
	s, err := r.pick(f.Size(), agefile.ETag(f.Tag()))
	if err != nil {
		return err
	}
	h, err := r.hold(r.echo.Response().Writer)
	if err != nil {
		return err
	}
	w := r.begin(s)
	// From here on an error has no words left to say: the connection ends short
	// of its length, which every client notices.
	_, err = f.WriteRange(w, s.From, s.To, func() error { return errors.Join(h.may(), r.patience(w)) })
	h.end(err, r.server.deps.Limits.Stall)
	if !errors.Is(err, errVoid) {
		r.noteShort(err)
	}
	return nil
}

// noteShort logs why an answer ended before its end, unless its client or the line
// did that: a line's error names addresses. What is damaged in the store comes back
// from a second copy or a backup only: somebody has to know.
func (r *Request) noteShort(err error) {
	var line *net.OpError
	switch {
	case errors.Is(err, blob.ErrDamaged):
		r.server.deps.Log.Error("a stored payload is damaged; an answer ended before it", "cause", err)
	case err != nil && r.Context().Err() == nil && !errors.As(err, &line):
		r.server.deps.Log.Warn("a stream ended early", "cause", err)
	}
}

// patience gives the next slice the time that the slowest line needs for it.
func (r *Request) patience(w http.ResponseWriter) error {
	l := r.server.deps.Limits
	allowed := l.Stall + time.Duration(agefile.Slice/l.BytesPerSec)*time.Second
	return http.NewResponseController(w).SetWriteDeadline(time.Now().Add(allowed))
}
