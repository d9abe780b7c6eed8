// Package gateway is the program that a partner runs on a machine of its own, so
// that the field tools it already has can bring what they hold into the vault:
// reports of Tella, hooks of KoboToolbox, plaintext forms of ODK Collect, and posts
// of pages and scripts.
//
// Promises: what comes in is sealed on this machine, to the recipient that the
// configuration has for it, while it comes in, and no plaintext reaches its disk; a
// tool is told that something is safe only when it lies sealed and flushed in the
// queue; from there it is brought to the vault in the partner's name, under a note
// that says for ever that the partner's gateway saw it (assurance "gateway");
// what the vault has received is gone from here but for a mark that only the tool
// could name; what the vault refuses stays and is reported.
//
// Assumes: a machine that is the partner's own. It sees plaintext in memory: whoever
// controls it while something comes in can read that. Does not: speak to the vault
// in anybody's name but the program's, open anything, or keep who sent what.
package gateway

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/relatingfield/vault/internal/gateway/form"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/kobo"
	"github.com/relatingfield/vault/internal/gateway/queue"
	"github.com/relatingfield/vault/internal/gateway/rosa"
	"github.com/relatingfield/vault/internal/gateway/tella"
)

const (
	headTime  = 20 * time.Second
	idleTime  = 2 * time.Minute
	maxHead   = 32 << 10
	sweepTime = time.Minute
	// graceTime is how long requests may still take after the signal to stop.
	graceTime = 10 * time.Second
)

// Gateway is one process.
type Gateway struct {
	Settings Settings
	Log      *slog.Logger
	Now      func() time.Time
	Rand     io.Reader // cryptographically secure

	// pause waits between attempts to reach the vault.
	pause func(context.Context, time.Duration) error
}

// New is a Gateway on the machine's clock and randomness. The settings have been
// loaded.
func New(s Settings, log *slog.Logger) *Gateway {
	return &Gateway{Settings: s, Log: log, Now: time.Now, Rand: rand.Reader, pause: pause}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Run takes in and delivers until ctx ends, and tells ready the address once the
// first request will be answered.
func (g *Gateway) Run(ctx context.Context, ready func(addr string)) error {
	if err := g.run(ctx, ready); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}

func (g *Gateway) run(ctx context.Context, ready func(addr string)) (err error) {
	v, err := g.vault()
	if err != nil {
		return err
	}
	q, err := queue.Open(g.queue())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, q.Close()) }()
	h, err := g.handler(q)
	if err != nil {
		return err
	}
	defer h.close()
	l, err := g.listen(ctx)
	if err != nil {
		return err
	}
	delivering, stop := context.WithCancel(context.WithoutCancel(ctx))
	delivered := make(chan error, 1)
	go func() { delivered <- q.Run(delivering, v.line(g)) }()
	defer func() { stop(); err = errors.Join(err, <-delivered) }()
	ready(l.Addr().String())
	return g.serve(ctx, l, h)
}

func (g *Gateway) queue() queue.Config {
	s := g.Settings
	return queue.Config{Dir: s.Folder, Room: int64(s.Limits.Room), Keep: s.Limits.Remember.Duration(), Rand: g.Rand, Now: g.Now}
}

func (g *Gateway) listen(ctx context.Context) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", g.Settings.Listen)
	if err != nil || g.Settings.certificate == nil {
		return l, err
	}
	// Phones of ten years ago are field tools too.
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{*g.Settings.certificate}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}), nil
}

// serve answers on l until ctx ends.
func (g *Gateway) serve(ctx context.Context, l net.Listener, h *handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHead,
		// What the standard library says of a broken request may quote it.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	tick := time.NewTicker(sweepTime)
	defer tick.Stop()
	for {
		select {
		case err := <-served:
			return err
		case <-tick.C:
			h.sweep()
		case <-ctx.Done():
			grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
			defer cancel()
			if server.Shutdown(grace) != nil {
				// What was on its way was not acknowledged: its tool will send it again.
				_ = server.Close()
			}
			if err := <-served; !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		}
	}
}

// handler is what answers field tools.
type handler struct {
	g       *Gateway
	mux     *http.ServeMux
	turns   chan struct{}
	reports *tella.Reports
}

func (g *Gateway) handler(q *queue.Queue) (*handler, error) {
	s := g.Settings
	in := &intake.Intake{Queue: q, Now: g.Now, Largest: int64(s.Limits.Item), Text: int64(s.Limits.Text), Window: s.Limits.Stall,
		Least: max(1, int64(s.Limits.MinBytesPerSecond)*int64(s.Limits.Stall/time.Second)), Tell: func(err error) {
			g.Log.Warn("something that was brought could not be taken now; its tool was told to come again", "cause", err)
		}}
	h := &handler{g: g, mux: http.NewServeMux(), turns: make(chan struct{}, s.Limits.Requests)}
	var err error
	if h.reports, err = tella.New(in, s.tella(g.Rand)); err != nil {
		return nil, err
	}
	h.reports.Routes(h.add)
	kobo.New(in, s.forms(s.Kobo)).Routes(h.add)
	form.New(in, s.forms(s.Forms)).Routes(h.add)
	phones, err := rosa.New(in, s.rosa())
	if err != nil {
		return nil, err
	}
	phones.Routes(h.add)
	h.add("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return h, nil
}

func (h *handler) add(pattern string, handle http.HandlerFunc) { h.mux.HandleFunc(pattern, handle) }

func (h *handler) sweep() { h.reports.Sweep() }

func (h *handler) close() { h.reports.Close() }

// ServeHTTP answers a request, if not too many are under way, and records its route
// and how it ended.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := h.g.Now()
	answered := &recorded{ResponseWriter: w}
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
		h.mux.ServeHTTP(answered, r)
	default:
		intake.Wait(answered, time.Second)
	}
	route := r.Pattern
	if route == "" {
		route = "none"
	}
	h.g.Log.Debug("request", "route", route, "status", answered.status, "took", h.g.Now().Sub(begun))
}

// recorded remembers the status of an answer.
type recorded struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorded) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorded) Unwrap() http.ResponseWriter { return r.ResponseWriter }
