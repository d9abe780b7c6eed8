// Package trace tells a collector where the time of requests goes, and of nobody's.
//
// Promises: what leaves is shapes, not histories. A span has a route pattern, a verb,
// the hundred of a status, the kind of work, and names that stand in the program: of
// queries and of what is asked of the object store. It has no id of anything, address,
// agent, size or text of an error. Requests of a window are sent together when it is
// over, or the vault stops, shuffled, all of them beginning when the window begins; how long something
// took is rounded up to a power of two; how often it was asked is not told. What fewer
// than [Few] requests of a window had in common is told by its kind only. Nothing of a
// visitor's traceparent, tracestate or baggage is read, and none is sent.
//
// A collector that is slow, away or hostile costs a goroutine and a bounded memory:
// requests never wait for it, and what it does not take is dropped and counted.
//
// Assumes: routes, verbs, kinds and names that are handed over are the program's own.
// Does not: read the environment, trace background work, keep anything on a disk, or
// hide from the collector how many requests there were.
//
// Format: OTLP 1.x over HTTP, binary protobuf. No OpenTelemetry SDK: see ADR 40.
package trace

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// Few is how many requests of a window must have something in common before it is
// told by its name.
const Few = 10

// Most is how many requests of a window are kept: a fair sample, where there are more.
const Most = 1000

// What became of the traces of requests.
const (
	Sent    = "sent"
	Left    = "left"    // there were more than Most in the window
	Dropped = "dropped" // the collector did not take them
)

// Config says where traces go.
type Config struct {
	Endpoint string         // the collector's address, with the path
	Token    secret.Bytes   // goes into Authorization: Bearer; empty: none
	Roots    *x509.CertPool // who may vouch for the collector; nil: whom the system trusts
	Every    time.Duration  // the length of a window
	Version  string         // of the program
	Count    func(of string, requests int)
	Now      func() time.Time
	Rand     io.Reader
	Patience time.Duration // for one try; 0: ten seconds
	Pause    time.Duration // before the second try, doubled before each other; 0: five seconds
}

// Tracer gathers what requests did. A nil one gathers nothing. It is safe for
// concurrent use.
type Tracer struct {
	cfg  Config
	line *http.Client

	mu   sync.Mutex
	kept []told
	seen uint64 // requests of this window
}

// New makes a tracer that has nothing to tell.
func New(cfg Config) *Tracer {
	cfg.Patience, cfg.Pause = cmp.Or(cfg.Patience, 10*time.Second), cmp.Or(cfg.Pause, 5*time.Second)
	return &Tracer{cfg: cfg, line: newLine(cfg.Roots)}
}

// lastTime bounds what a stop waits for a collector.
const lastTime = 5 * time.Second

// Run sends each window when it is over, until ctx ends, and then the one that is
// open. It never fails: what cannot be told is dropped.
func (t *Tracer) Run(ctx context.Context) {
	for {
		begun := t.cfg.Now().Truncate(t.cfg.Every)
		wait := time.NewTimer(begun.Add(t.cfg.Every).Sub(t.cfg.Now()))
		select {
		case <-wait.C:
			t.Send(ctx, begun)
		case <-ctx.Done():
			wait.Stop()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTime)
			defer cancel()
			t.Send(last, begun)
			return
		}
	}
}

// keep takes a request into the window. Of more than Most each has the same chance to
// stay, so that the sample says nothing about when they came.
func (t *Tracer) keep(r told) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen++
	if len(t.kept) < Most {
		t.kept = append(t.kept, r)
		return
	}
	t.cfg.Count(Left, 1)
	if n := t.below(t.seen); n < Most {
		t.kept[n] = r
	}
}

// take ends the window.
func (t *Tracer) take() []told {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.kept
	t.kept, t.seen = nil, 0
	for i := len(out) - 1; i > 0; i-- {
		j := t.below(uint64(i) + 1)
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// below draws a number below n; that it leans by n in 2^64 is nothing here.
func (t *Tracer) below(n uint64) uint64 {
	var b [8]byte
	if _, err := io.ReadFull(t.cfg.Rand, b[:]); err != nil {
		return n - 1 // the last place, which every caller has
	}
	return binary.BigEndian.Uint64(b[:]) % n
}
