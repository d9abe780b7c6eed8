package contracttest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A Line is what somebody sends who does not speak HTTP well, or speaks it so that two
// programs read two things in it.
type Line struct{ Name, Text string }

// Lines are such. HOST stands for the vault's address.
func Lines() []Line {
	const get, post = "GET /v1/vault HTTP/1.1\r\nHost: HOST\r\n", "POST /v1/pause HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
	return []Line{
		{"two lengths", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"},
		{"length and chunks", post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
		{"an unknown transfer coding", post + "Transfer-Encoding: " + mark + "\r\n\r\n{}"},
		{"chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
		{"a chunk of no size", post + "Transfer-Encoding: chunked\r\n\r\n" + mark + "\r\n"},
		{"a huge chunk", post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n"},
		{"a negative length", post + "Content-Length: -1\r\n\r\n"},
		{"a length that is none", post + "Content-Length: " + mark + "\r\n\r\n"},
		{"no host", "GET /v1/vault HTTP/1.1\r\n\r\n"},
		{"two hosts", get + "Host: " + mark + "\r\n\r\n"},
		{"another host", "GET /v1/vault HTTP/1.1\r\nHost: " + mark + ".example\r\n\r\n"},
		{"an odd host", "GET /v1/vault HTTP/1.1\r\nHost: <" + mark + ">\r\n\r\n"},
		{"a whole address", "GET http://" + mark + ".example/v1/vault HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"a proxy's method", "CONNECT " + mark + ".example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"no address", "GET  HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"an address that is none", "GET " + mark + " HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"a star", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"an old version", "GET /v1/vault HTTP/0.9\r\nHost: HOST\r\n\r\n"},
		{"an old client", "GET /v1/vault HTTP/1.0\r\n\r\n"},
		{"another version", "GET /v1/vault HTTP/9.9\r\nHost: HOST\r\n\r\n"},
		{"another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
		{"a greeting of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + mark},
		{"a header without colon", get + mark + "\r\n\r\n"},
		{"a header with a space", get + mark + " : x\r\n\r\n"},
		{"a folded header", get + "X-A: a\r\n " + mark + "\r\n\r\n"},
		{"a bare return", get + "X-A: a\rX-B: " + mark + "\r\n\r\n"},
		{"bare lines", "GET /v1/vault HTTP/1.1\nHost: HOST\n\n"},
		{"a zero byte", get + "X-A: \x00" + mark + "\r\n\r\n"},
		{"a huge head", get + "X-A: " + strings.Repeat(mark, 20000) + "\r\n\r\n"},
		{"a huge line", "GET /" + strings.Repeat(mark, 20000) + " HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"many headers", get + strings.Repeat("X-A: "+mark+"\r\n", 500) + "\r\n"},
		{"an upgrade", get + "Connection: Upgrade\r\nUpgrade: " + mark + "\r\n\r\n"},
		{"a trailer", post + "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n2\r\n{}\r\n0\r\nAuthorization: " + mark + "\r\n\r\n"},
		{"a second request in a body", post + "Content-Length: 2\r\n\r\n{}GET /" + mark + " HTTP/1.1\r\nHost: HOST\r\n\r\n"},
		{"nothing", ""},
		{"nonsense", strings.Repeat(mark+"\x00\xff", 100)},
	}
}

// lineLimit is how long an answer may take; what is sent is complete.
const lineLimit = 30 * time.Second

// Say sends a line and wants answers that are HTTP, no fault of the vault's own, not
// large, and without a word of what was sent; or none.
func Say(t testing.TB, address string, l Line) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, lineLimit)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(lineLimit)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, strings.ReplaceAll(l.Text, "HOST", address)) // the vault may hang up before it has all
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	answers := bufio.NewReader(io.LimitReader(conn, maxAnswer))
	for range 4 {
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isReset(err) {
				return
			}
			t.Errorf("%s: the answer is no HTTP: %v", l.Name, err)
			return
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil && !isReset(err) {
			t.Errorf("%s: %v", l.Name, err)
		}
		var head strings.Builder
		_ = resp.Header.Write(&head) // a builder takes everything
		switch {
		case resp.StatusCode == http.StatusInternalServerError:
			t.Errorf("%s: a fault of the vault's own", l.Name)
		case strings.Contains(head.String(), mark) || strings.Contains(string(body), mark):
			t.Errorf("%s: the answer repeats what was sent: %s%s", l.Name, head.String(), short(body))
		case resp.StatusCode >= http.StatusBadRequest && len(body) > maxRefusal:
			t.Errorf("%s: a refusal of %d bytes", l.Name, len(body))
		}
	}
}

// isReset tells whether the other side hung up with something left to read, as it may.
func isReset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout()
}
