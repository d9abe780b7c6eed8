package suite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/store"
)

// slow measures what the server's process takes while very many upload over slow
// lines at the same time.
func (b *bench) slow(ctx context.Context) (rows []report.Row, err error) {
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		return []report.Row{{Name: "memory, slow uploads", Absent: "this system has no /proc/PID/clear_refs"}}, nil
	}
	lines := b.size.slow
	if b.Slow > 0 {
		lines = b.Slow
	}
	l, err := b.large(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.end(ctx)) }()
	idle, err := resident(l.PID(), "VmRSS")
	if err != nil {
		return nil, err
	}
	peaks, err := l.trickle(ctx, lines, b.size.slowBig, b.size.slowTime)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("memory, %d slow uploads", lines)
	note := fmt.Sprintf("%s each within %v, all at once; resident set of the server's process, its peak in each half", sizeName(b.size.slowBig), b.size.slowTime)
	more := max(peaks[0]-idle, peaks[1]-idle, pageMiB)
	return []report.Row{
		{Name: name, Unit: "MiB", Ours: []float64{idle + more}, Yardstick: "idle", Theirs: []float64{idle}, Note: note},
		{Name: name + ", a line", Unit: "KiB", Ours: []float64{1024 * more / float64(lines)}, Yardstick: "allowed", Theirs: []float64{lineMost}, Aim: report.Aim{AtMost: 1}, Note: note},
		{Name: name + ", second half", Unit: "MiB", Ours: peaks[1:], Yardstick: "first half", Theirs: peaks[:1], Aim: report.Aim{AtMost: 1.1}, Note: note},
	}, nil
}

// pageMiB is the least that can be seen from outside: a page. A process that gave
// memory back meanwhile, and stands lower than when idle, took no more than that.
var pageMiB = float64(os.Getpagesize()) / (1 << 20)

// lineMost is how many KiB of memory a slow upload may take, of two hundred: they
// share 64 MiB.
const lineMost = 328

// trickle uploads so many payloads at the same speed and gives the process's peak in
// the first and in the second half of the time.
func (l *large) trickle(ctx context.Context, lines int, plain int64, over time.Duration) ([]float64, error) {
	t, err := l.testimony(ctx)
	if err != nil {
		return nil, err
	}
	length := envelope.PayloadSize(plain)
	heads, nonces, err := l.beginMany(t, lines, length)
	if err != nil {
		return nil, err
	}
	conns, err := dial(l.Addr(), lines)
	if err != nil {
		return nil, err
	}
	defer hangUp(conns)
	g, ctx := errgroup.WithContext(ctx)
	for i := range conns {
		g.Go(func() error {
			body := io.MultiReader(bytes.NewReader(nonces[i][:]), noise(length-envelope.NonceSize))
			a, err := conns[i].Upload(heads[i], &dripping{ctx: ctx, r: body, began: time.Now(), length: length, over: over}, length)
			return errors.Join(err, a.OK())
		})
	}
	peaks := make([]float64, 2)
	for half := range peaks {
		if peaks[half], err = l.peakWithin(ctx, over/2); err != nil {
			return nil, errors.Join(err, g.Wait())
		}
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("a slow upload: %w", err)
	}
	return peaks, errors.Join(l.person.Renew(context.WithoutCancel(ctx)), l.dial(), l.erase(t))
}

// beginMany opens so many slots and makes the heads of the requests that fill them.
func (l *large) beginMany(t *crowd.Testimony, lines int, length int64) (heads [][]byte, nonces [][envelope.NonceSize]byte, err error) {
	for i := range lines {
		key, err := l.person.NewKey()
		if err != nil {
			return nil, nil, err
		}
		up, r, err := t.Begin(int64(i+1), key, length)
		if err != nil {
			return nil, nil, err
		}
		if _, err := send(l.conn, r); err != nil {
			return nil, nil, fmt.Errorf("begin: %w", err)
		}
		head, err := up.Fill(length)
		if err != nil {
			return nil, nil, err
		}
		heads, nonces = append(heads, head), append(nonces, key.Nonce)
	}
	return heads, nonces, nil
}

// peakWithin is the most that the process takes within a time.
func (l *large) peakWithin(ctx context.Context, d time.Duration) (float64, error) {
	if err := l.forgetPeak(); err != nil {
		return 0, err
	}
	if err := until(ctx, time.Now().Add(d)); err != nil {
		return 0, err
	}
	return resident(l.PID(), "VmHWM")
}

// drip is how much goes over a slow line at a time.
const drip = 8 << 10

// dripping gives length bytes evenly over a time.
type dripping struct {
	ctx    context.Context
	r      io.Reader
	began  time.Time
	length int64
	given  int64
	over   time.Duration
}

// Read implements io.Reader.
func (d *dripping) Read(p []byte) (int, error) {
	due := d.began.Add(time.Duration(float64(d.over) * float64(d.given) / float64(d.length)))
	if err := until(d.ctx, due); err != nil {
		return 0, err
	}
	n, err := d.r.Read(p[:min(len(p), drip)])
	d.given += int64(n)
	return n, err
}
