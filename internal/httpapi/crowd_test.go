package httpapi_test

import (
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/httpapi"
)

// Connections that say nothing keep nobody out and cost no more than the bound:
// the one that has been silent for longest goes. One that is served stays.
func TestTheSilentMakeRoom(t *testing.T) {
	w := newWorld(t, func(l *httpapi.Limits) { impatient(l); l.Connections = 3 })
	served := w.dial()
	served.say("GET /v1/t/block HTTP/1.1\r\nHost: x\r\n\r\n")
	<-w.entered
	var silent []*line
	for range 12 {
		l := w.dial()
		l.say("GET /v1/vault HTTP/1.1\r\nHost: x\r\nX-") // and no more
		silent = append(silent, l)
	}
	l := w.dial()
	l.say("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
	if a := l.answer(); a.StatusCode != 200 {
		t.Errorf("a newcomer: %d", a.StatusCode)
	}
	for i, s := range silent[:9] {
		if b, _ := io.ReadAll(s); len(b) != 0 {
			t.Errorf("silent %d: %q", i, b)
		}
	}
	close(w.release)
	if a := served.answer(); a.StatusCode != 200 {
		t.Errorf("the one that was served: %d", a.StatusCode)
	}
}

// Where everybody is busy a newcomer waits, and is served when there is room.
func TestWhereAllAreBusyANewcomerWaits(t *testing.T) {
	w := newWorld(t, func(l *httpapi.Limits) { l.Connections = 1 })
	served, waiting := w.dial(), w.dial()
	served.say("GET /v1/t/block HTTP/1.1\r\nHost: x\r\n\r\n")
	<-w.entered
	waiting.say("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
	close(w.release)
	for _, l := range []*line{served, waiting} {
		if a := l.answer(); a.StatusCode != 200 {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
	}
}
