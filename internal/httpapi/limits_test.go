package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/httpapi"
)

// line is a connection that a test writes to by hand.
type line struct {
	net.Conn
	t *testing.T
}

func (w *world) dial() *line {
	w.t.Helper()
	c, err := net.Dial("tcp", w.addr)
	must(w.t, err)
	w.t.Cleanup(func() { _ = c.Close() })
	must(w.t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return &line{c, w.t}
}

func (l *line) say(text string) {
	l.t.Helper()
	_, err := io.WriteString(l, text)
	must(l.t, err)
}

func (l *line) answer() answer {
	l.t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(l), nil)
	must(l.t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(l.t, err)
	return answer{res, string(b)}
}

func impatient(l *httpapi.Limits) {
	l.Stall, l.BytesPerSec, l.HeaderTimeout = 300*time.Millisecond, 1000, 300*time.Millisecond
}

// A body that stops coming, or only trickles, is given up.
func TestASlowBodyIsGivenUp(t *testing.T) {
	w := newWorld(t, impatient)
	for name, route := range map[string]string{
		"JSON":   "POST /v1/t/say HTTP/1.1\r\nContent-Type: application/json\r\n",
		"stream": "PUT /v1/t/body HTTP/1.1\r\n",
	} {
		l := w.dial()
		l.say(route + "Host: x\r\nContent-Length: 900\r\n\r\n{")
		trickle := make(chan struct{})
		go func() {
			defer close(trickle)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for range 890 { // fifty bytes a second, of a thousand that it takes
				if _, err := io.WriteString(l, " "); err != nil {
					return
				}
				<-tick.C
			}
		}()
		if a := l.answer(); a.problem(t).Name() != api.ProblemTimeout || !a.Close {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
		must(t, l.Close())
		<-trickle
	}
}

// A body on a slow but steady line is taken, though it takes longer than a
// window.
func TestASteadyBodyIsTaken(t *testing.T) {
	w := newWorld(t, impatient)
	l := w.dial()
	l.say("PUT /v1/t/body HTTP/1.1\r\nHost: x\r\nContent-Length: 12000\r\n\r\n")
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 30 {
		l.say(strings.Repeat("x", 400))
		<-tick.C
	}
	if a := l.answer(); a.StatusCode != 200 || !strings.Contains(a.body, "12000") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

// A request whose head does not come is given up.
func TestASlowHeadIsGivenUp(t *testing.T) {
	w := newWorld(t, impatient)
	l := w.dial()
	l.say("GET /v1/vault HTTP/1.1\r\nHost: x\r\nX-")
	if b, err := io.ReadAll(l); err != nil || strings.Contains(string(b), "200") {
		t.Errorf("%q, %v; want the end", b, err)
	}
}

// Somebody who asks for much and reads nothing is given up.
func TestASlowReaderIsGivenUp(t *testing.T) {
	w := newWorld(t, func(l *httpapi.Limits) { impatient(l); l.BytesPerSec = 1 << 30 })
	l := w.dial()
	l.say("GET /v1/t/large HTTP/1.1\r\nHost: x\r\n\r\n")
	w.log.await(t, "/v1/t/large")
	if n, err := io.Copy(io.Discard, l); n >= 64<<20 {
		t.Errorf("%d bytes came (%v), want less than the whole", n, err)
	}
}

// A deadline of one answer does not hurt the next on the same connection.
func TestAConnectionOutlivesItsDeadlines(t *testing.T) {
	w := newWorld(t, impatient)
	l := w.dial()
	in := bufio.NewReader(l)
	for i := range 3 {
		l.say("POST /v1/t/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n" + `{"text":"a"}`)
		res, err := http.ReadResponse(in, nil)
		must(t, err)
		_, _ = io.Copy(io.Discard, res.Body)
		if res.StatusCode != 200 {
			t.Fatalf("request %d: %d", i, res.StatusCode)
		}
		pause := time.NewTimer(350 * time.Millisecond) // longer than any deadline here
		<-pause.C
	}
}

// A body is refused by what it is, also when it does not say how long it is.
func TestABodyIsBoundedHoweverItIsSent(t *testing.T) {
	w := newWorld(t)
	l := w.dial()
	l.say("POST /v1/t/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n" +
		strings.Repeat(" ", 2048) + "\r\n0\r\n\r\n")
	if a := l.answer(); a.problem(t).Name() != api.ProblemTooLarge {
		t.Errorf("chunked: %d %s", a.StatusCode, a.body)
	}
	l = w.dial()
	l.say("POST /v1/t/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n")
	if a := l.answer(); a.problem(t).Name() != api.ProblemTooLarge {
		t.Errorf("announced: %d %s", a.StatusCode, a.body)
	}
	l = w.dial()
	l.say("POST /v1/t/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	must(t, l.Conn.(*net.TCPConn).CloseWrite())
	if a := l.answer(); a.problem(t).Name() != api.ProblemBadRequest {
		t.Errorf("cut off: %d %s", a.StatusCode, a.body)
	}
}

// No body is read of somebody who is not known.
func TestNoBodyIsReadBeforeTheCallerIsKnown(t *testing.T) {
	w := newWorld(t)
	l := w.dial()
	l.say("POST /v1/t/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\nExpect: 100-continue\r\n\r\n")
	if a := l.answer(); a.problem(t).Name() != api.ProblemUnauthorized {
		t.Errorf("%d %s, want 401 instead of 100", a.StatusCode, a.body)
	}
}

// A body that nobody wants to read cannot hold a connection by not coming.
func TestAnUnreadBodyHoldsNobody(t *testing.T) {
	w := newWorld(t, impatient)
	for _, route := range []string{"POST /v1/t/create", "POST /v1/nothing", "DELETE /v1/vault", "POST /v1/session/challenge"} {
		l := w.dial()
		l.say(route + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
		if a := l.answer(); a.StatusCode >= 500 || !a.Close {
			t.Errorf("%s: %d %s, closed %v", route, a.StatusCode, a.body, a.Close)
		}
		if _, err := io.ReadAll(l); err != nil {
			t.Errorf("%s: the connection did not end: %v", route, err)
		}
	}
}

// Heads are bounded in bytes and in lines.
func TestHeadsAreBounded(t *testing.T) {
	w := newWorld(t)
	var many []string
	for i := range 65 {
		many = append(many, fmt.Sprintf("X-%d", i), "x")
	}
	if a := w.do("GET", "/v1/vault", "", many...); a.problem(t).Name() != api.ProblemBadRequest {
		t.Errorf("many lines: %d %s", a.StatusCode, a.body)
	}
	if a := w.do("GET", "/v1/vault", "", "X", strings.Repeat("x", 64<<10)); a.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("many bytes: %d", a.StatusCode)
	}
}

// More than is bearable at a time is put off; probes are not.
func TestTooMuchAtATimeIsPutOff(t *testing.T) {
	w := newWorld(t, func(l *httpapi.Limits) { l.Requests = 1 })
	first := make(chan answer, 1)
	go func() { first <- w.do("GET", "/v1/t/block", "") }()
	<-w.entered
	if a := w.do("GET", "/v1/vault", ""); a.problem(t).Name() != api.ProblemUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do("GET", "/livez", ""); a.StatusCode != 200 {
		t.Errorf("a probe: %d %s", a.StatusCode, a.body)
	}
	close(w.release)
	if a := <-first; a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := w.do("GET", "/v1/vault", ""); a.StatusCode != 200 {
		t.Errorf("afterwards: %d %s", a.StatusCode, a.body)
	}
}

// Bodies share a budget of memory, which comes back when a request ends.
func TestBodiesShareABudget(t *testing.T) {
	w := newWorld(t, func(l *httpapi.Limits) { l.Bodies = 1500 })
	p := w.phone()
	const path = "/v1/t/create"
	post := func(text string, key int) answer {
		return w.do("POST", path, `{"text":"`+text+`"}`, append(as(p, "POST", path), "Content-Type", "application/json",
			"Idempotency-Key", fmt.Sprintf(`"3f2504e0-4f89-41d3-9a0c-%012d"`, key))...)
	}
	first := make(chan answer, 1)
	go func() { first <- post("wait", 1) }()
	<-w.entered
	long := strings.Repeat("x", 950)
	for key := range 3 {
		if a := post(long, 10+key); a.StatusCode != 201 {
			t.Fatalf("within the budget: %d %s", a.StatusCode, a.body)
		}
	}
	l := w.dial() // holds 950 bytes of the budget while it sends them
	l.say("POST /v1/t/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 950\r\n\r\n{")
	held := false
	for i := 0; i < 1000 && !held; i++ {
		held = post(long, 100+i).StatusCode == 503
	}
	if !held {
		t.Error("nobody was put off")
	}
	l.say(`"text":"` + strings.Repeat("x", 939) + `"}`)
	if a := l.answer(); a.StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	close(w.release)
	<-first
}

// Stopping lets what runs come to its end.
func TestStoppingWaitsForWhatRuns(t *testing.T) {
	w := newWorld(t)
	first, stopped := make(chan answer, 1), make(chan error, 1)
	go func() { first <- w.do("GET", "/v1/t/block", "") }()
	<-w.entered
	go func() { stopped <- w.Shutdown(t.Context()) }()
	refused := false
	for i := 0; i < 10_000 && !refused; i++ {
		c, err := net.Dial("tcp", w.addr)
		if refused = err != nil; !refused {
			must(t, c.Close())
		}
	}
	if !refused {
		t.Error("new connections are still taken")
	}
	close(w.release)
	if a := <-first; a.StatusCode != 200 {
		t.Errorf("what ran: %d %s", a.StatusCode, a.body)
	}
	must(t, <-stopped)
}

// When the grace is over, what runs is cut.
func TestStoppingCutsWhatTakesTooLong(t *testing.T) {
	w := newWorld(t)
	l := w.dial()
	l.say("GET /v1/t/block HTTP/1.1\r\nHost: x\r\n\r\n")
	<-w.entered
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Shutdown(over); err == nil {
		t.Error("no word about what was cut")
	}
	w.log.await(t, "/v1/t/block")
	if _, err := http.ReadResponse(bufio.NewReader(l), nil); err == nil {
		t.Error("it was answered after all")
	}
}

// An answer that breaks off looks broken off.
func TestAnAnswerThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	w := newWorld(t)
	l := w.dial()
	l.say("GET /v1/t/half HTTP/1.1\r\nHost: x\r\n\r\n")
	res, err := http.ReadResponse(bufio.NewReader(l), nil)
	if err == nil {
		_, err = io.ReadAll(res.Body)
	}
	if err == nil {
		t.Error("it was read to its end")
	}
}

// The log says what an operator needs, and nothing about anybody.
func TestTheLogNamesNobody(t *testing.T) {
	w := newWorld(t)
	p := w.phone()
	mark := []string{"User-Agent", "marked-agent", "X-Forwarded-For", "203.0.113.7", "Referer", "https://marked.example", "Accept-Language", "marked"}
	w.do("GET", "/v1/t/me?marked=query", "", append(mark, as(p, "GET", "/v1/t/me")...)...)
	w.do("GET", "/v1/marked-path", "", mark...)
	w.do("MARKED", "/v1/vault", "", mark...)
	w.do("GET", "/v1/t/panic", "", mark...)
	w.do("POST", "/v1/t/say", `{"text":"marked-body"}`, append(mark, "Content-Type", "application/json")...)
	secret := w.do("GET", "/v1/t/secret", "", mark...)
	l := w.dial()
	l.say("marked garbage\r\n\r\n")
	_, _ = io.ReadAll(l)

	log := w.log.String()
	_, port, _ := strings.Cut(l.LocalAddr().String(), ":")
	for _, bad := range []string{"marked-agent", "203.0.113.7", "marked.example", "marked=", "marked-path", "MARKED", "marked-panic", "marked-body",
		"marked garbage", string(p.Thumbprint()), p.Token, "127.0.0.1", port} {
		if strings.Contains(log, bad) {
			t.Errorf("the log has %q:\n%s", bad, log)
		}
	}
	for _, good := range []string{"route=/v1/t/me status=200", "route=none status=404", "method=other", "marked-cause", "httpapi_test.(*world).routes",
		"request_id=" + secret.Header.Get("Request-Id")} {
		if !strings.Contains(log, good) {
			t.Errorf("the log lacks %q:\n%s", good, log)
		}
	}
}

// A table with a hole in it does not start.
func TestARouteMustSayWhoMayCallIt(t *testing.T) {
	for name, route := range map[string]httpapi.Route{
		"no auth":    {Method: "GET", Path: "/x", Handler: func(*httpapi.Request) error { return nil }},
		"no handler": {Method: "GET", Path: "/x", Auth: httpapi.Anybody},
	} {
		if _, err := httpapi.New(httpapi.Deps{Limits: usualLimits(), Log: slog.New(slog.DiscardHandler)}, route); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
