package s3test_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/relatingfield/vault/internal/daemontest"
)

const marked = "canary-1d8e"

// talkative is a server that does what a vault needs to be ready, and says more
// after each answer than anybody asked.
type talkative struct {
	net.Listener
	wait sync.WaitGroup
	mu   sync.Mutex
	has  map[string]bool
}

func listen(t *testing.T) *talkative {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	s := &talkative{Listener: l, has: map[string]bool{}}
	s.wait.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			s.wait.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { must(t, l.Close()); s.wait.Wait() })
	return s
}

func (s *talkative) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return // the other side has closed
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		answer := "HTTP/1.1 " + s.status(req) + "\r\nContent-Length: 0\r\n\r\n"
		if _, err := io.WriteString(conn, answer+"HTTP/1.1 400 Bad Request\r\nServer: "+marked+"\r\n\r\n"); err != nil {
			return
		}
	}
}

func (s *talkative) status(req *http.Request) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name := req.URL.Path; req.Method {
	case http.MethodPut:
		if s.has[name] {
			return "412 Precondition Failed"
		}
		s.has[name] = true
		return "200 OK"
	case http.MethodDelete:
		delete(s.has, name)
		return "204 No Content"
	}
	return "501 Not Implemented"
}

// doesNotRepeat: whatever a bucket's server says, asked or not, the program's log
// does not repeat it, and does not say where the server is.
func doesNotRepeat(t *testing.T, program string) {
	ctx := t.Context()
	server := listen(t)
	dir := filepath.Join(t.TempDir(), "vault")
	daemon, err := daemontest.New(daemontest.Config{Program: program, Dir: dir, Set: []string{
		"log.level=debug", "blobs.engine=s3", "blobs.s3.endpoint=http://" + server.Addr().String(), "blobs.s3.bucket=vault-payloads",
		"blobs.s3.access_key=" + marked, "blobs.s3.secret_key=" + marked,
	}})
	must(t, err)
	must(t, daemon.Start(ctx)) // which asks the server, until the vault is ready
	must(t, daemon.Stop(ctx))
	log, err := os.ReadFile(dir + ".log")
	must(t, err)
	if len(log) == 0 {
		t.Errorf("the log is %q", log)
	}
	for _, told := range []string{marked, server.Addr().String(), "vault-payloads", "Unsolicited"} {
		if strings.Contains(string(log), told) {
			t.Errorf("the log tells %q:\n%s", told, log)
		}
	}
}
