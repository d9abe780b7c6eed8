package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/agefile"
)

// outOfRange says how long the file is, for the answer to a range beyond it.
type outOfRange struct{ size int64 }

func (e *outOfRange) Error() string { return "the range lies outside the file" }

// stretch is the range that an answer gives.
type stretch struct {
	from, to, size int64
	etag           string
	partial        bool
}

// pick reads Range and If-Range (RFC 9110, section 14). One range is served; a
// list of them, another unit or nonsense is ignored as the RFC allows, and the
// whole file sent. If-Range must be the very entity tag, so that a download
// that began before a re-lock starts over.
func (r *Request) pick(size int64, etag string) (stretch, error) {
	whole := stretch{0, size, size, etag, false}
	value := once(r.Header(), "Range")
	if cond := r.Header().Values("If-Range"); value == "" || len(cond) > 0 && (len(cond) > 1 || cond[0] != etag) {
		return whole, nil
	}
	from, to, ok := parseRange(value, size)
	if !ok {
		return whole, nil
	}
	if from >= size || from >= to {
		return whole, &outOfRange{size}
	}
	return stretch{from, to, size, etag, true}, nil
}

// parseRange reads "bytes=a-b", "bytes=a-" and "bytes=-n" for a file of size bytes.
func parseRange(value string, size int64) (from, to int64, ok bool) {
	rest, found := strings.CutPrefix(value, "bytes=")
	first, last, dash := strings.Cut(rest, "-")
	if !found || !dash {
		return 0, 0, false
	}
	a, errA := position(first)
	b, errB := position(last)
	switch {
	case first == "" && errB == nil:
		return max(0, size-b), size, true
	case last == "" && errA == nil:
		return a, size, true
	case errA == nil && errB == nil && a <= b:
		return a, min(b, size-1) + 1, true
	}
	return 0, 0, false
}

// position reads digits only: no sign, no space.
func position(s string) (int64, error) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, errBadRequest
	}
	return strconv.ParseInt(s, 10, 64)
}

// begin writes the head of an answer that gives a stretch of an age file.
func (r *Request) begin(s stretch) http.ResponseWriter {
	h := r.Answer()
	h.Set("Content-Type", api.MediaBytes)
	h.Set("ETag", s.etag)
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Length", strconv.FormatInt(s.to-s.from, 10))
	if !s.partial {
		return r.Writer(http.StatusOK)
	}
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", s.from, s.to-1, s.size))
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
	_, err = f.WriteRange(w, s.from, s.to, func() error { return errors.Join(h.may(), r.patience(w)) })
	h.end(err, r.server.deps.Limits.Stall)
	return nil
}

// patience gives the next slice the time that the slowest line needs for it.
func (r *Request) patience(w http.ResponseWriter) error {
	l := r.server.deps.Limits
	allowed := l.Stall + time.Duration(agefile.Slice/l.BytesPerSec)*time.Second
	return http.NewResponseController(w).SetWriteDeadline(time.Now().Add(allowed))
}
