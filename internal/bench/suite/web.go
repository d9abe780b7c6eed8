package suite

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webtest"
)

// seen is what internal/web/app/test/bench/web.ts measures in Chromium.
type seen struct {
	Sealing  struct{ Ours, Age []pace }
	Sending  struct{ Bytes, Seconds, Before, Most float64 }
	Weighing struct{ Start, Sent, Read, Team float64 }
	Crawling crawl
}

// pace is a speed in MB/s, by the clock and by the processor's time.
type pace struct{ Clock, Computed float64 }

// crawl is when things happened on a slow line, in seconds: the first page from its
// own beginning, the others since the participant's page was asked for. In the second
// of the two she writes for half a minute, as people do.
type crawl struct{ Start, Usable, Hurried, Pressed, Stored float64 }

// The aims of the web app. What is loaded is also checked where it is built, and by
// the browser tests; times are measured here only.
const (
	sealSpeed = 40 // MB/s

	startWeight = 25 // kB
	sentWeight  = 90
	readWeight  = 180
	teamWeight  = 120

	usableTime = 5 // seconds
	storedTime = 9

	flat = 128 // MiB more that the renderers may take, whatever the length of a file
)

// browserTime bounds all of it.
const browserTime = 15 * time.Minute

// web measures the site in headless Chromium. What is missing for that is said and is
// no failure: the other chapters need neither a browser nor a built site.
func (b *bench) web(ctx context.Context) (rows []report.Row, err error) {
	app, err := webApp()
	if err != nil {
		return nil, err
	}
	if err := webtest.MissingIn(app); err != nil {
		return []report.Row{{Name: "web", Absent: strings.ReplaceAll(err.Error(), "\n", "; ")}}, nil
	}
	s, err := b.stage(ctx, store.SQLite, "enrolment.pow_bits=18")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	got, err := b.look(ctx, s, app)
	if err != nil {
		return nil, err
	}
	return b.webRows(got), nil
}

// webApp is the app's folder, from wherever in this module this runs.
func webApp() (string, error) {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "internal", "web", "app"), nil
		}
		dir = filepath.Dir(dir)
	}
	return "", errors.Join(errors.New("the measurements of the web app run inside its repository"), err)
}

// look runs the measurements, which are written in the browser's language.
func (b *bench) look(ctx context.Context, s *stage, app string) (got seen, err error) {
	ctx, cancel := context.WithTimeout(ctx, browserTime)
	defer cancel()
	if err := webtest.CompileIn(ctx, app); err != nil {
		return got, err
	}
	file, err := b.file("large", b.size.webFile)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	order, err := json.Marshal(map[string]any{"url": s.Origin(), "vault": s.people.Vault().String(),
		"rounds": b.size.webRounds, "seal": b.size.webSeal, "file": file, "short": b.Short})
	if err != nil {
		return got, err
	}
	var said, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, "node", ".built/test/bench/web.js", string(order))
	cmd.Dir, cmd.Stdout, cmd.Stderr = app, &said, &complaints
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // it closes its browser
	cmd.WaitDelay = 20 * time.Second
	if err := cmd.Run(); err != nil {
		return got, fmt.Errorf("%w: %s", err, complaints.String())
	}
	return got, json.Unmarshal(said.Bytes(), &got)
}

func (b *bench) webRows(got seen) []report.Row {
	rows := b.sealRows(got)
	most := func(name, unit string, ours, aim float64, note string) {
		rows = append(rows, report.Row{Name: name, Unit: unit, Ours: []float64{ours}, Yardstick: "the aim", Theirs: []float64{aim}, Aim: report.Aim{AtMost: 1}, Note: note})
	}
	const counted = "bytes of bodies on the wire, compressed, as Chromium counts them, Arabic; headers are another kilobyte and a half for each answer without HTTP/2"
	most("first page", "kB", got.Weighing.Start/1000, startWeight, counted)
	most("first page to a sent text", "kB", got.Weighing.Sent/1000, sentWeight, counted)
	most("researcher's page", "kB", got.Weighing.Read/1000, readWeight, counted)
	most("steward's page", "kB", got.Weighing.Team/1000, teamWeight, counted)
	const slow = "400 kbit/s, 2 s latency, processor ×4, HTTP/1.1 with six connections"
	most("slow line: first page usable", "s", got.Crawling.Start, usableTime, slow)
	most("slow line: participant's page usable", "s", got.Crawling.Usable, usableTime, slow)
	most("slow line: from lock and send to stored", "s", got.Crawling.Stored-got.Crawling.Pressed, storedTime, slow+"; a first text, written for half a minute")
	most("slow line: all of it by hands that never rest", "s", got.Crawling.Hurried, usableTime+storedTime, slow+"; from the participant's page to stored, words made and checked on the way")
	return rows
}

// sealRows are what the worker does, beside the aim and beside the package that age's
// authors made.
func (b *bench) sealRows(got seen) []report.Row {
	clock, computed, age, ageComputed := paces(got.Sealing.Ours), costsOf(got.Sealing.Ours), paces(got.Sealing.Age), costsOf(got.Sealing.Age)
	size := sizeName(int64(b.size.webSeal) * mib)
	const both = "two readings of the content, the tree of hashes, the digests and the sealing; the package reads once and hashes nothing"
	file := sizeName(b.size.webFile)
	return []report.Row{
		{Name: "sealing in Chromium, " + size, Unit: "MB/s", Ours: clock, Yardstick: "the aim", Theirs: same(sealSpeed, len(clock)), Aim: report.Aim{AtLeast: 1}, Note: both},
		{Name: "sealing in Chromium, " + size, Unit: "MB/s", Ours: clock, Yardstick: "age-encryption", Theirs: age, Note: both},
		{Name: "the same for a second of the processor", Unit: "MB/s", Ours: computed, Yardstick: "age-encryption", Theirs: ageComputed, Note: both},
		{Name: "sealed and sent from Chromium, " + file, Unit: "MB/s", Ours: []float64{got.Sending.Bytes / 1e6 / got.Sending.Seconds}, Yardstick: "sealing alone", Theirs: []float64{report.Median(clock)},
			Note: fmt.Sprintf("%.1f s in all, with the first reading; each slice is sealed while the one before is on its way", got.Sending.Seconds)},
		{Name: "memory of Chromium's renderers, " + file, Unit: "MiB", Ours: []float64{got.Sending.Most}, Yardstick: "before", Theirs: []float64{got.Sending.Before}, Aim: report.Aim{Of: report.More, AtMost: flat},
			Note: "the most that was resident, all renderers together"},
	}
}

func paces(list []pace) (out []float64) {
	for _, p := range list {
		out = append(out, p.Clock)
	}
	return out
}

func costsOf(list []pace) (out []float64) {
	for _, p := range list {
		out = append(out, p.Computed)
	}
	return out
}

func same(value float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = value
	}
	return out
}
