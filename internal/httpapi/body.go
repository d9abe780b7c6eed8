package httpapi

import (
	"io"
	"mime"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
)

// tooLarge says how much would have been taken.
type tooLarge struct{ limit int64 }

func (e *tooLarge) Error() string { return "the body is larger than this route takes" }

// checkLength refuses by the announced length, before anything is read.
func (r *Request) checkLength() error {
	if n := r.Length(); n > r.route.Body || (n < 0 && r.route.Body == 0) {
		return &tooLarge{r.route.Body}
	}
	return nil
}

// readJSON reads the one JSON value of a body and gives its bytes along.
func readJSON[In any](r *Request) (in In, body []byte, err error) {
	if err := r.checkQuery(); err != nil {
		return in, nil, err
	}
	if err := r.checkMedia(api.MediaJSON); err != nil {
		return in, nil, err
	}
	if body, err = r.bytes(); err != nil {
		return in, nil, err
	}
	if err := canonical.Whole(body, &in); err != nil {
		return in, nil, errBadRequest
	}
	return in, body, nil
}

// checkMedia wants the one media type, in UTF-8, and nothing compressed: a small
// compressed body can be a huge one.
func (r *Request) checkMedia(want string) error {
	media, params, err := mime.ParseMediaType(once(r.Header(), "Content-Type"))
	if err != nil || media != want || r.Header().Get("Content-Encoding") != "" {
		return errMedia
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return errMedia
		}
	}
	return nil
}

// bytes reads the whole body into memory, which all requests together have a
// budget of.
func (r *Request) bytes() ([]byte, error) {
	want := r.Length()
	if want < 0 {
		want = r.route.Body
	}
	if !r.server.bodies.TryAcquire(want) {
		return nil, errBusy
	}
	r.held += want
	b := make([]byte, 0, min(want, 64<<10)+1)
	return readAll(r.Body(), b, r.route.Body)
}

// readAll grows with what arrives, not with what was announced.
func readAll(from io.Reader, b []byte, limit int64) ([]byte, error) {
	for {
		n, err := from.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return nil, &tooLarge{limit}
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		case len(b) == cap(b):
			b = append(b, 0)[:len(b)]
		}
	}
}

// release gives the budget back when the request is over.
func (r *Request) release() {
	if r.held > 0 {
		r.server.bodies.Release(r.held)
		r.held = 0
	}
}
