// Package intake is what the gateway's adapters share: how a body is read, how an
// answer is given, and which failure is which status.
//
// Promises: a body keeps coming or is given up; a text is bounded; an answer holds
// no word of what was brought, and no error's text, since tools write answers into
// logs; what is too much for now is 503, never 429, because field tools come back
// for the one and give up at the other.
package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/gateway/queue"
)

// How a request can fail, apart from the queue's errors.
var (
	ErrSlow    = errors.New("the body came too slowly")
	ErrCutOff  = errors.New("the body was cut off")
	ErrBad     = errors.New("the request is not what this tool sends")
	ErrBusy    = errors.New("too much is under way")
	ErrUnknown = errors.New("there is no such thing here")
	ErrWrong   = errors.New("the credentials are not known here")
	ErrOther   = errors.New("it is not what was brought before under this name")
)

// Intake is the gateway as an adapter sees it.
type Intake struct {
	Queue   *queue.Queue
	Now     func() time.Time
	Largest int64         // bytes of content in one item
	Text    int64         // bytes of a JSON or XML body
	Window  time.Duration // over which the speed of a body is measured
	Least   int64         // bytes that must come in a Window
	Tell    func(error)   // hears of failures that are the gateway's own; may be nil
}

// Body is the body of a request, which must keep coming.
type Body struct {
	r       io.Reader
	control *http.ResponseController
	in      *Intake
	got     int64
	begun   bool
	stopped atomic.Bool
}

// Body gives the body of r.
func (in *Intake) Body(w http.ResponseWriter, r *http.Request) *Body {
	return &Body{r: r.Body, control: http.NewResponseController(w), in: in}
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if !b.begun || b.got >= b.in.Least {
		b.begun, b.got = true, 0
		if err := b.control.SetReadDeadline(b.in.Now().Add(b.in.Window)); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrCutOff, err)
		}
	}
	if b.stopped.Load() {
		return 0, ErrCutOff
	}
	n, err := b.r.Read(p)
	b.got += int64(n)
	switch {
	case err == io.EOF:
		_ = b.control.SetReadDeadline(time.Time{}) // for the next request
	case errors.Is(err, os.ErrDeadlineExceeded) && !b.stopped.Load():
		err = ErrSlow
	case err != nil:
		err = ErrCutOff
	}
	return n, err
}

// Broken is what a body ended with before its end.
func Broken(err error) error {
	if errors.Is(err, ErrSlow) {
		return err
	}
	return ErrCutOff
}

// Stop makes a Read that waits return, from another goroutine.
func (b *Body) Stop() {
	b.stopped.Store(true)
	_ = b.control.SetReadDeadline(time.Unix(1, 0))
}

// Whole reads a text to its end.
func (in *Intake) Whole(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in.Body(w, r), in.Text+1))
	if err == nil && int64(len(b)) > in.Text {
		err = queue.ErrTooLarge
	}
	return b, err
}

// Fail answers with the status of an error, and nothing of its text.
func (in *Intake) Fail(w http.ResponseWriter, err error) {
	status := in.Status(err)
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "60")
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="gateway", charset="UTF-8"`)
	}
	if status >= 500 && in.Tell != nil {
		in.Tell(err)
	}
	Answer(w, status, nil)
}

// Refuse answers who was not let in, and may not try again for a while.
func (in *Intake) Refuse(w http.ResponseWriter, wait time.Duration) {
	if wait > 0 {
		Wait(w, wait)
		return
	}
	in.Fail(w, ErrWrong)
}

// Wait answers that nothing is taken for so long.
func Wait(w http.ResponseWriter, d time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(d/time.Second))))
	Answer(w, http.StatusServiceUnavailable, nil)
}

// Status is the one switch from failures to statuses.
func (in *Intake) Status(err error) int {
	switch {
	case errors.Is(err, ErrWrong):
		return http.StatusUnauthorized
	case errors.Is(err, ErrUnknown):
		return http.StatusNotFound
	case errors.Is(err, ErrOther):
		return http.StatusConflict
	case errors.Is(err, queue.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrSlow), errors.Is(err, ErrCutOff):
		return http.StatusRequestTimeout
	case errors.Is(err, ErrBad):
		return http.StatusBadRequest
	default:
		// What the gateway cannot do now it may be able to do later; a tool that is
		// told 500 may give up what she said.
		return http.StatusServiceUnavailable
	}
}

// Answer writes a small JSON answer that nobody keeps. Without a value it says the
// status in the words of the standard.
func Answer(w http.ResponseWriter, status int, v any) {
	if v == nil {
		v = map[string]any{"success": status < 300, "message": http.StatusText(status)}
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a tool that has gone is told nothing
}
