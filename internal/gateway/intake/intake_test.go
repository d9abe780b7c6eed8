package intake_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// serve answers with what handle makes of a request.
func serve(t *testing.T, in *intake.Intake, handle func(w http.ResponseWriter, r *http.Request) error) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(w, r); err != nil {
			in.Fail(w, err)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A body that stops coming is given up after the window, and one that is too long at
// its bound.
func TestABodyMustKeepComing(t *testing.T) {
	in := &intake.Intake{Now: time.Now, Text: 1000, Window: 50 * time.Millisecond, Least: 100}
	ended := make(chan error, 2)
	url := serve(t, in, func(w http.ResponseWriter, r *http.Request) error {
		_, err := in.Whole(w, r)
		ended <- err
		return err
	})
	body, line := io.Pipe()
	t.Cleanup(func() { _ = line.Close() })
	go func() {
		if resp, err := http.Post(url, "text/plain", body); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if _, err := io.WriteString(line, "a few bytes"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, intake.ErrSlow) {
		t.Errorf("a body that stops: %v", err)
	}
	resp, err := http.Post(url, "text/plain", strings.NewReader(strings.Repeat("x", 1001)))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if err := <-ended; !errors.Is(err, queue.ErrTooLarge) || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too long: %v, %d", err, resp.StatusCode)
	}
}

// Whoever is not known yet gets four kilobytes.
func TestAStrangerMaySayLittle(t *testing.T) {
	in := &intake.Intake{Now: time.Now, Text: 1 << 20, Window: time.Minute, Least: 1}
	url := serve(t, in, func(w http.ResponseWriter, r *http.Request) error {
		_, err := in.Few(w, r)
		if err == nil {
			intake.Answer(w, http.StatusOK, nil)
		}
		return err
	})
	for n, want := range map[int]int{4096: 200, 4097: 413} {
		resp, err := http.Post(url, "text/plain", strings.NewReader(strings.Repeat("x", n)))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%d bytes: %d", n, resp.StatusCode)
		}
	}
}

// Every failure has its status, and none its text, in what a tool may write into a
// log; what may pass is 503 with a time to come again.
func TestAFailureTellsItsStatusOnly(t *testing.T) {
	told := 0
	in := &intake.Intake{Tell: func(error) { told++ }}
	for err, want := range map[error]int{
		intake.ErrBad: 400, intake.ErrWrong: 401, intake.ErrUnknown: 404, intake.ErrSlow: 408, intake.ErrCutOff: 408, intake.ErrOther: 409,
		queue.ErrTooLarge: 413, intake.ErrBusy: 503, queue.ErrFull: 503, errors.New("anything else"): 503,
	} {
		w := httptest.NewRecorder()
		in.Fail(w, fmt.Errorf("the words of somebody: %w", err))
		if w.Code != want || strings.Contains(w.Body.String(), "words") || (want == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
	if told != 3 {
		t.Errorf("the operator heard of %d", told)
	}
}
