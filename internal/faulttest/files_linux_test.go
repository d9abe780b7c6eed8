package faulttest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/faulttest"
)

// withFiles makes the daemon run with that many file descriptors at most.
func withFiles(t *testing.T, most int) func(*daemontest.Config) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "testimonyd")
	text := fmt.Sprintf("#!/bin/sh\nulimit -n %d\nexec %s \"$@\"\n", most, os.Getenv(program))
	must(t, os.WriteFile(script, []byte(text), 0o700))
	return func(c *daemontest.Config) { c.Program = script }
}

// dial opens a connection and says something that is not all of it.
func (w *world) dial(text string) net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", w.Addr())
	must(w.t, err)
	w.t.Cleanup(func() { _ = c.Close() })
	_, err = io.WriteString(c, text)
	must(w.t, err)
	return c
}

// A hundred connections that say nothing, half a head, or read no answer take
// neither the files nor the places of those who are served, with or without a kill
// in the middle, and the process holds no more files than it may.
func TestThoseWhoSayNothingTakeNothing(t *testing.T) {
	t.Parallel()
	w := begin(t, withFiles(t, 256))
	o := w.told(large)
	for round := range 2 {
		for range 50 {
			w.dial("")
			w.dial("GET /v1/vault HTTP/1.1\r\nHost: x\r\nX-Never: ")
		}
		w.works(o)
		if n := w.files(); n > 256 {
			t.Errorf("it holds %d files", n)
		}
		if round == 0 {
			must(t, w.Kill())
			must(t, w.Start(t.Context()))
			o = w.told(large)
		}
	}
}

func (w *world) files() int {
	w.t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", w.PID()))
	must(w.t, err)
	return len(list)
}

// Where the process has hardly more files than it needs for itself, it serves one
// after the other, and nothing is lost.
func TestWithHardlyAnyFilesItServesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	w := begin(t, withFiles(t, 40))
	o := w.told(large)
	kept := make(chan error, 60)
	for i := range cap(kept) {
		go func() {
			c, err := w.Client(o.Keys, &http.Transport{})
			if err == nil {
				err = c.OpenOwn(t.Context(), o.testimony, 1+int64(i%2), client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil }))
			}
			kept <- err
		}()
	}
	for range cap(kept) {
		if err := <-kept; err != nil {
			t.Error(err)
		}
	}
	w.works(o)
}

// Many slow lines at a time, in both directions, take memory by the line and not
// by what they carry.
func TestManySlowLinesTakeLittleMemory(t *testing.T) {
	t.Parallel()
	w := begin(t)
	used, err := faulttest.SlowLines(t.Context(), w.World, 50, 4<<20, 8*time.Second)
	must(t, err)
	t.Log(used)
	if per := used.PerLine(); per > 1<<20 {
		t.Errorf("%d kB a line", per>>10)
	}
	if used.After > used.Before+64<<20 {
		t.Errorf("%d MiB stay", (used.After-used.Before)>>20)
	}
}
