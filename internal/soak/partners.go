package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/daemontest"
)

// What a program does between two breaths, and how much of it.
const (
	breath   = 400 * time.Millisecond
	carries  = 4 << 10
	drained  = 2 * time.Minute // for what waits when the load has ended
	growMost = 96              // MiB, from the end of the first tenth to the end
)

// tally counts what programs were answered.
type tally struct {
	invited int64
	mu      sync.Mutex
	took    []time.Duration
	put     int // events that an endpoint is to hear
	busy    int // 429 and 503 that were not gone after the client's own attempts
	failed  []error
}

// partners has many programs of partners work at a time, mixed, and looks that none is
// answered with anything but what was asked for, 429 or 503; that the queue of
// webhooks is empty soon after; and that the server's memory stays flat.
func partners(ctx context.Context, program, dir string, programs int, lasting time.Duration, out io.Writer) (err error) {
	if programs == 0 {
		return nil
	}
	d, err := daemontest.New(daemontest.Config{Program: program, Dir: dir,
		Set: []string{"webhooks.i_know_receivers_are_here=true", "trays.items=10000", "trays.partner_bytes=8GiB", "programs.requests=6000"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Kill()) }()
	if err := d.Start(ctx); err != nil {
		return err
	}
	w, err := meet(ctx, d, programs)
	if err != nil {
		return err
	}
	defer w.heard.close()
	before, t := 0.0, &tally{}
	load, end := context.WithTimeout(ctx, lasting)
	defer end()
	g := new(errgroup.Group)
	for i := range w.programs {
		g.Go(func() error { w.work(load, i, t); return nil })
	}
	g.Go(func() error { w.clear(load, t); return nil })
	select {
	case <-time.After(lasting / 10):
		if before, err = resident(d.PID()); err != nil {
			end()
		}
	case <-load.Done():
	}
	if err := errors.Join(err, g.Wait()); err != nil {
		return err
	}
	return w.judge(ctx, d, t, before, lasting, out)
}

// work is one program at work.
func (w *world) work(ctx context.Context, i int, t *tally) {
	rnd := mrand.New(mrand.NewPCG(uint64(i), 7))
	for ctx.Err() == nil {
		began := time.Now()
		err := w.one(ctx, &w.programs[i], rnd, t)
		t.note(ctx, err, time.Since(began))
		pause := time.NewTimer(time.Duration(rnd.Int64N(int64(2 * breath))))
		select {
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
	}
}

// one does one thing. What became of deliveries is asked for from the place on where
// the answer before ended, as an integration does: all of them each time would grow
// without end.
func (w *world) one(ctx context.Context, p *integration, rnd *mrand.Rand, t *tally) (err error) {
	switch n := rnd.IntN(10); {
	case n < 4:
		her := w.women[rnd.IntN(len(w.women))]
		_, err = p.Deliver(ctx, client.Delivery{To: her.place, Content: client.Bytes("a.txt", "text/plain", []byte(strings.Repeat("x", carries)))})
	case n < 6:
		var next string
		if _, next, err = p.Deliveries(ctx, p.place); err == nil {
			p.place = next
		}
	case n < 7 && t.mayInvite():
		_, err = p.InvitePresent(ctx)
	case n < 8:
		_, err = p.Webhooks(ctx)
	case n < 9:
		_, err = p.Partner(ctx)
	default:
		if _, err = p.TestWebhook(ctx, w.endpoint); err == nil {
			t.mu.Lock()
			t.put++
			t.mu.Unlock()
		}
	}
	return err
}

// mayInvite counts invitations: nobody uses them here, and a partner has at most so
// many that are unused, which ten minutes of this load would come to.
func (t *tally) mayInvite() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.invited++
	return t.invited <= account.MaxInvitations/2
}

// clear has the women refuse what came, so that their trays are never full.
func (w *world) clear(ctx context.Context, t *tally) {
	for ctx.Err() == nil {
		for _, her := range w.women {
			items, err := her.client.Items(ctx)
			t.note(ctx, err, 0)
			for _, item := range items {
				t.note(ctx, her.client.RefuseItem(ctx, item.ID), 0)
			}
		}
	}
}

// note counts an answer; what the end of the load cut off is none.
func (t *tally) note(ctx context.Context, err error, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var p *api.Problem
	switch {
	case ctx.Err() != nil:
	case err == nil && took > 0:
		t.took = append(t.took, took)
	case err == nil:
	case errors.As(err, &p) && (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable):
		t.busy++
	default:
		t.failed = append(t.failed, err)
	}
}

// judge waits for the queue and says how it went.
func (w *world) judge(ctx context.Context, d *daemontest.Daemon, t *tally, before float64, lasting time.Duration, out io.Writer) error {
	if len(t.failed) > 0 {
		return fmt.Errorf("%d answers were neither what was asked for nor 429 nor 503; the first: %w", len(t.failed), t.failed[0])
	}
	ended := time.Now()
	for w.heard.count() < t.put && time.Since(ended) < drained && ctx.Err() == nil {
		<-time.After(100 * time.Millisecond)
	}
	if got := w.heard.count(); got < t.put {
		return fmt.Errorf("%d of %d events were heard %s after the load had ended", got, t.put, drained)
	}
	after, err := resident(d.PID())
	if err != nil {
		return err
	}
	slices.Sort(t.took)
	at := func(part float64) time.Duration {
		return t.took[int(part*float64(len(t.took)-1))].Round(time.Millisecond)
	}
	_, err = fmt.Fprintf(out, "partners: %d programs for %s: %d answers (%.0f/s), half within %s, 99 of 100 within %s; %d put off; %d events heard, the last %s after the end; memory %.0f MiB, then %.0f\n",
		len(w.programs), lasting, len(t.took), float64(len(t.took))/lasting.Seconds(), at(.5), at(.99), t.busy, t.put, time.Since(ended).Round(100*time.Millisecond), before, after)
	if after-before > growMost {
		err = errors.Join(err, fmt.Errorf("the server's memory grew by %.0f MiB", after-before))
	}
	return err
}

// resident is the memory of a process, in MiB.
func resident(pid int) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	var kib float64
	if _, err := fmt.Sscanf(rest, "%f kB", &kib); err != nil {
		return 0, fmt.Errorf("read the memory of the server: %w", err)
	}
	return kib / 1024, nil
}
