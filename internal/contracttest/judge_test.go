package contracttest_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/contracttest"
)

// answering is a vault that always says one thing.
type answering struct {
	status int
	header http.Header
	body   func(sent string) string
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: a.status, Header: a.header.Clone(), Body: io.NopCloser(strings.NewReader(a.body(string(sent)))), Request: req}, nil
}

const refusal = `{"type":"urn:testimony-vault:problem:bad-request","title":"No","status":400}`

func refusing() answering {
	h := http.Header{}
	for name, v := range map[string]string{"DPoP-Nonce": "AAAAAAAAAAAAAAAAAAAAAA", "Cache-Control": "no-store", "Request-Id": strings.Repeat("a", 26), "Content-Language": "en", "Content-Type": "application/problem+json"} {
		h.Set(name, v)
	}
	return answering{400, h, func(string) string { return refusal }}
}

// Each thing that no answer may be is found, and an answer that is good is not.
func TestTheJudgeFindsWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		bend func(a *answering)
		good bool
	}{
		"a good refusal":          {func(*answering) {}, true},
		"a fault of its own":      {func(a *answering) { a.status = 500 }, false},
		"a status of nobody":      {func(a *answering) { a.status = 418 }, false},
		"a refusal in plain text": {func(a *answering) { a.header.Set("Content-Type", "text/plain") }, false},
		"a large refusal":         {func(a *answering) { a.body = func(string) string { return refusal + strings.Repeat(" ", 5000) } }, false},
		"what was sent": {func(a *answering) {
			a.body = func(s string) string {
				return strings.Replace(refusal, "No", strings.NewReplacer(`"`, "", `\\`, "").Replace(s), 1)
			}
		}, false},
		"a cookie":              {func(a *answering) { a.header.Set("Set-Cookie", "a=b") }, false},
		"an accepted bent body": {func(a *answering) { a.status, a.body = 200, func(string) string { return `{"heard":true}` } }, false},
	} {
		a, found := refusing(), 0
		c.bend(&a)
		b := &contracttest.Bender{Base: a, Every: 1, Fault: func(error) { found++ }}
		for n := range uint64(20) {
			b.Seed(1, n)
			req, err := http.NewRequest(http.MethodPost, "https://vault.example/v1/invitations", strings.NewReader(`{"role":"participant"}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			if _, err := b.RoundTrip(req); err != nil {
				t.Fatal(err)
			}
		}
		if c.good != (found == 0) {
			t.Errorf("%s: %d of 20 found", name, found)
		}
	}
}

// reporter counts what a test would say.
type reporter struct {
	testing.TB
	said int
}

func (r *reporter) Helper()               {}
func (r *reporter) Errorf(string, ...any) { r.said++ }

// A server that repeats what it is sent is found on a line, too.
func TestAnEchoIsFound(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		b := make([]byte, 1<<10)
		n, _ := conn.Read(b)
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"+string(b[:n]))
	}()
	r := &reporter{TB: t}
	contracttest.Say(r, l.Addr().String(), contracttest.Line{Name: "echo", Text: "GET /zq7mark HTTP/1.1\r\n\r\n"})
	if r.said == 0 {
		t.Error("nothing was said")
	}
}
