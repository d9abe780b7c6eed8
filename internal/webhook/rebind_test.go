package webhook_test

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/webhook"
)

// names is a server of the DNS that answers every question for an IPv4 address with what
// answer gives, and every other one with nothing.
type names struct {
	answer func(n int64) []netip.Addr
	asked  atomic.Int64
	conn   net.PacketConn
}

func newNames(t *testing.T, answer func(n int64) []netip.Addr) (*net.Resolver, *names) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &names{answer: answer, conn: conn}
	ended := make(chan struct{})
	go func() { s.serve(); close(ended) }()
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}
	return &net.Resolver{PreferGo: true, Dial: dial}, s
}

func (s *names) serve() {
	buf := make([]byte, 1500)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return // closed
		}
		if reply := s.reply(buf[:n]); reply != nil {
			if _, err := s.conn.WriteTo(reply, from); err != nil {
				return
			}
		}
	}
}

// reply is RFC 1035, as little of it as a resolver needs.
func (s *names) reply(query []byte) []byte {
	if len(query) < 12 {
		return nil
	}
	end := 12
	for end < len(query) && query[end] != 0 {
		end += int(query[end]) + 1
	}
	end += 5
	if end > len(query) {
		return nil
	}
	out := append([]byte(nil), query[:end]...)
	out[2], out[3] = 0x84|query[2]&1, 0x80
	clear(out[6:12])
	if binary.BigEndian.Uint16(query[end-4:]) != 1 { // A
		return out
	}
	for _, a := range s.answer(s.asked.Add(1)) {
		out[7]++
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		out = append(out, a.AsSlice()...)
	}
	return out
}

// inside is a server of this machine that nobody outside may reach.
func inside(t *testing.T) (port string, reached *atomic.Int64) {
	reached = &atomic.Int64{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			if c.Close() != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, reached
}

// A name that leads inside is not followed there: not at once, not when it led to a
// public address before, not as one address of several, and not through a receiver under
// test either.
func TestANameThatLeadsInsideLeadsNowhere(t *testing.T) {
	loop, public := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("198.41.0.4") // refused by the rules below, so that nothing leaves this machine
	for name, answer := range map[string]func(n int64) []netip.Addr{
		"at once": func(int64) []netip.Addr { return []netip.Addr{loop} },
		"rebound": func(n int64) []netip.Addr { return []netip.Addr{[]netip.Addr{public, loop}[min(n-1, 1)]} },
		"among":   func(int64) []netip.Addr { return []netip.Addr{public, loop, netip.MustParseAddr("127.0.0.2")} },
	} {
		t.Run(name, func(t *testing.T) {
			port, reached := inside(t)
			for _, local := range []bool{false, true} {
				rules := strict()
				rules.Local = local
				resolver, names := newNames(t, answer)
				line := webhook.NewLine(rules, nil, resolver, 5*time.Second)
				for range 3 {
					to := &url.URL{Scheme: "https", Host: "hooks.example.org:" + port}
					if outcome, status := line.Post(t.Context(), to, http.Header{}, nil); outcome != "unreachable" || status != 0 {
						t.Errorf("%s, %d", outcome, status)
					}
				}
				if n := names.asked.Load(); n < 3 {
					t.Errorf("the name was looked up %d times", n)
				}
			}
			if n := reached.Load(); n != 0 {
				t.Errorf("the inside was reached %d times", n)
			}
		})
	}
}

// A receiver is asked for a certificate for its own name, by an authority that is
// trusted; and a proxy of the environment gets to see nothing.
func TestReceiversAreAuthenticatedAndNoProxyIsUsed(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a proxy was asked") }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	good := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer good.Close()
	good.Config.ErrorLog = nil
	to, err := url.Parse(good.URL)
	if err != nil {
		t.Fatal(err)
	}
	rules := webhook.Rules{Local: true}
	roots := good.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if outcome, status := webhook.NewLine(rules, roots, nil, 5*time.Second).Post(t.Context(), to, http.Header{}, nil); outcome != "answered" || status != 200 {
		t.Errorf("a good receiver: %s, %d", outcome, status)
	}
	if outcome, _ := webhook.NewLine(rules, nil, nil, 5*time.Second).Post(t.Context(), to, http.Header{}, nil); outcome != "unreachable" {
		t.Errorf("a receiver nobody vouches for: %s", outcome)
	}
}
