package linetest_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/linetest"
)

// echo is a server that sends back what it is sent.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	must(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	return c
}

// said sends text and gives what comes back of it.
func said(t *testing.T, c net.Conn, text string) (string, error) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	b := make([]byte, len(text))
	n, err := io.ReadFull(c, b)
	return string(b[:n]), err
}

// A line does what was asked for, and is sound before and after.
func TestALineDoesWhatWasAsked(t *testing.T) {
	ctx := t.Context()
	line, err := linetest.New(t).Line(ctx, echo(t))
	must(t, err)
	sound := func() {
		t.Helper()
		if got, err := said(t, dial(t, line.Addr), "heard"); got != "heard" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	sound()
	must(t, line.Spoil(ctx, linetest.CutAfter(linetest.Up, 3)))
	if got, err := said(t, dial(t, line.Addr), "heard"); !strings.HasPrefix("hea", got) || err == nil {
		t.Errorf("cut on the way up: %q, %v", got, err)
	}
	must(t, line.Mend(ctx))
	must(t, line.Spoil(ctx, linetest.CutAfter(linetest.Down, 2)))
	if got, err := said(t, dial(t, line.Addr), "heard"); got != "he" || err == nil {
		t.Errorf("cut on the way down: %q, %v", got, err)
	}
	must(t, line.Mend(ctx))
	sound()
	must(t, line.Spoil(ctx, linetest.Swallow(linetest.Down, 0)))
	c := dial(t, line.Addr)
	must(t, c.SetDeadline(time.Now().Add(300*time.Millisecond)))
	if got, err := said(t, c, "heard"); got != "" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("swallowed: %q, %v", got, err)
	}
	must(t, line.Mend(ctx))
	must(t, line.Spoil(ctx, linetest.Crumble(linetest.Up, 10, time.Millisecond), linetest.Latency(linetest.Down, 20*time.Millisecond, 0), linetest.Slow(linetest.Down, 100)))
	long := string(bytes.Repeat([]byte("heard "), 1000))
	if got, err := said(t, dial(t, line.Addr), long); got != long || err != nil {
		t.Errorf("crumbled, late and slow: %d bytes, %v", len(got), err)
	}
	must(t, line.Mend(ctx))
	must(t, line.Spoil(ctx, linetest.Reset(linetest.Down, 0)))
	if got, err := said(t, dial(t, line.Addr), "heard"); err == nil {
		t.Errorf("reset: %q", got)
	}
	must(t, line.Cut(ctx))
	if c, err := net.Dial("tcp", line.Addr); err == nil {
		_ = c.Close()
		t.Error("a cut line takes connections")
	}
	must(t, line.Mend(ctx))
	sound()
}

// A mobile network delivers everything in order and counts what it carried; what
// it does is decided by its seed.
func TestAMobileNetworkDeliversEverything(t *testing.T) {
	line, err := linetest.StartMobile(echo(t), linetest.SecondGeneration(5).Faster(200))
	must(t, err)
	long := string(bytes.Repeat([]byte("I am heard. "), 2000))
	c := dial(t, line.Addr)
	for range 2 {
		if got, err := said(t, c, long); got != long || err != nil {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	turns, conns, up, down := line.Used()
	if turns < 3 || conns != 1 || up != int64(2*len(long)) || down != up {
		t.Errorf("%d turns, %d connections, %d up, %d down", turns, conns, up, down)
	}
	must(t, c.Close())
	must(t, line.Stop())
	if c, err := net.Dial("tcp", line.Addr); err == nil {
		_ = c.Close()
		t.Error("it is still there")
	}
}
