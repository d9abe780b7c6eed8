// Package linetest spoils the line between a client and a server on loopback, as
// bad networks do.
//
// A Line is a port in front of a server. Two kinds of programs carry it:
// toxiproxy, a real proxy by other people, for what is wrong with single
// connections (Line, Toxic); and a model of our own for what it cannot do, a
// mobile network that loses packets (Mobile).
//
// Promises: what a Line does is what was asked for, from the moment the call
// returns; New's lines end with the test. Assumes: toxiproxy can be built
// (package realserver). Does not: understand what is said on the line; touch
// packets, for to this program there are none.
package linetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/realserver"
)

// startTime bounds how long the proxy may take to answer.
const startTime = 30 * time.Second

// Proxy is a running toxiproxy.
type Proxy struct {
	api   string // its origin
	http  *http.Client
	cmd   *exec.Cmd
	lines int
}

// New starts a proxy that ends with the test.
func New(t testing.TB) *Proxy {
	t.Helper()
	p, err := Start(t.Context(), realserver.Binary(t, realserver.Toxic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Start starts a proxy program.
func Start(ctx context.Context, program string) (*Proxy, error) {
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(addr, ":")
	p := &Proxy{api: "http://" + addr, http: &http.Client{Transport: &http.Transport{}}}
	p.cmd = exec.Command(program, "-host", "127.0.0.1", "-port", port)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{}
	daemontest.DieWithParent(p.cmd.SysProcAttr)
	p.cmd.Env = append(os.Environ(), "LOG_LEVEL=error")
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start toxiproxy: %w", err)
	}
	if err := p.ready(ctx); err != nil {
		return nil, fmt.Errorf("start toxiproxy: %w", errors.Join(err, p.Stop()))
	}
	return p, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (p *Proxy) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		err := p.ask(ctx, http.MethodGet, "/version", nil)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// Stop ends the proxy and every line through it.
func (p *Proxy) Stop() error {
	p.http.CloseIdleConnections()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop toxiproxy: %w", err)
	}
	_ = p.cmd.Wait() // it was killed
	return nil
}

// ask calls toxiproxy's HTTP API.
func (p *Proxy) ask(ctx context.Context, method, path string, body any) error {
	var b []byte
	if body != nil {
		var err error
		if b, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, p.api+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("toxiproxy answered %d: %s", resp.StatusCode, said)
	}
	return err
}
