// Package faulttest puts the real server and real clients through what goes wrong
// around them: lines, disks, databases, stores, clocks, files, memory.
//
// docs/operate/faults.md says what each fault looks like from outside, and names
// the test here that shows it. The rule for all of them: what was acknowledged is
// there, an act is done or not done, never half and never twice, whoever asked is
// told which or how to find out, and when the fault is over everything goes on
// without anybody's help.
//
// This file is what the tests and the soak target share. Assumes: Linux, and what
// packages daemontest, pgtest and linetest assume.
package faulttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/daemontest"
)

// World is a running vault and its people.
type World struct {
	*daemontest.Daemon
	People *daemontest.People
}

// Begin starts a vault. before, if not nil, is called once its address is known.
func Begin(ctx context.Context, cfg daemontest.Config, before func(*daemontest.Daemon) error) (*World, error) {
	d, err := daemontest.New(cfg)
	if err == nil && before != nil {
		err = before(d)
	}
	if err != nil {
		return nil, err
	}
	w := &World{Daemon: d}
	if err := d.Start(ctx); err != nil {
		return nil, err
	}
	if w.People, err = d.Meet(ctx); err != nil {
		return nil, errors.Join(err, d.Kill())
	}
	return w, nil
}

// Woman is a participant whose client comes over a line of its own.
type Woman struct {
	*client.Client
	Keys *client.Keys
	Kept api.Head
	w    *World
}

// Woman enrols somebody over a sound line; from then on she comes by transport.
func (w *World) Woman(ctx context.Context, transport http.RoundTripper) (*Woman, error) {
	_, keys, err := w.People.Participant(ctx)
	if err != nil {
		return nil, err
	}
	c, err := w.Client(keys, transport)
	return &Woman{Client: c, Keys: keys, w: w}, err
}

// Client is a new client of somebody who has enrolled; a nil transport is the
// client's own.
func (w *World) Client(keys *client.Keys, transport http.RoundTripper) (*client.Client, error) {
	cfg := client.Config{Server: w.Origin(), Vault: w.People.Vault(), Keys: keys}
	if transport != nil {
		cfg.HTTP = &http.Client{Transport: transport}
	}
	return client.New(cfg)
}

// Check looks with a new client over a sound line whether everything of hers is
// whole, and gives the testimonies that she has.
func (o *Woman) Check(ctx context.Context) ([]client.Listed, error) {
	c, err := o.w.Client(o.Keys, nil)
	if err != nil {
		return nil, err
	}
	report, err := c.Verify(ctx, true)
	if err == nil {
		err = errors.Join(report.Findings...)
	}
	if err != nil {
		return nil, fmt.Errorf("look whether all is whole: %w", err)
	}
	return c.List(ctx)
}

// Content is n bytes that look like nothing.
func Content(n int, seed byte) client.Content {
	b := make([]byte, n)
	block := [32]byte{seed}
	for i := 0; i < n; i += len(block) {
		block = sha256.Sum256(block[:])
		copy(b[i:], block[:])
	}
	return client.Bytes("recording.bin", "application/octet-stream", b)
}

// Into collects what is opened.
func Into(b *bytes.Buffer) client.Sink {
	return client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return b, nil })
}

// Resident is how much memory the server's process holds, in bytes: now, and at
// most since it began.
func (w *World) Resident() (now, most int64, err error) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(w.PID()), "status"))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(b)) {
		name, rest, _ := strings.Cut(line, ":")
		kB, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kB << 10
		case "VmHWM":
			most = kB << 10
		}
	}
	return now, most, nil
}
