package suite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
)

// memoryAim is what the server may take beyond what it takes when idle, in MiB.
const memoryAim = 64

// memory measures what the server's process takes while something huge goes
// through it, as the kernel counts it.
func (b *bench) memory(ctx context.Context) (rows []report.Row, err error) {
	if _, err := os.Stat("/proc/self/clear_refs"); err != nil {
		return []report.Row{{Name: "memory", Absent: "this system has no /proc/PID/clear_refs"}}, nil
	}
	n := b.size.huge
	d, err := b.lender(ctx, func(l *large, t *crowd.Testimony) (s crowd.Sealed, err error) {
		if rows, err = b.memoryUp(ctx, l, n); err != nil {
			return s, err
		}
		row, err := l.peak("memory, sealed by the client, "+sizeName(n), func() (err error) { s, err = l.putNoise(t, n); return err })
		rows = append(rows, row)
		return s, err
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	grant, err := d.grant(ctx)
	if err != nil {
		return nil, err
	}
	row, err := d.peak("memory, opened, "+sizeName(n), func() error {
		_, err := whole(d.opening(ctx, grant, 0))(n)
		return err
	})
	return append(rows, row), err
}

// memoryUp measures sealing on arrival and clears it away.
func (b *bench) memoryUp(ctx context.Context, l *large, n int64) ([]report.Row, error) {
	t, err := l.testimony(ctx)
	if err != nil {
		return nil, err
	}
	row, err := l.peak("memory, sealed on arrival, "+sizeName(n), func() error {
		head, err := t.Arrive(1, n)
		if err != nil {
			return err
		}
		a, err := l.conn.Upload(head, noise(n), n)
		if err != nil {
			return err
		}
		return a.OK()
	})
	if err != nil {
		return nil, err
	}
	return []report.Row{row}, l.erase(t)
}

// peak compares the most that the process takes during do with what it took
// before.
func (l *large) peak(name string, do func() error) (report.Row, error) {
	idle, err := resident(l.PID(), "VmRSS")
	if err != nil {
		return report.Row{}, err
	}
	if err := l.forgetPeak(); err != nil {
		return report.Row{}, err
	}
	if err := do(); err != nil {
		return report.Row{}, fmt.Errorf("%s: %w", name, err)
	}
	most, err := resident(l.PID(), "VmHWM")
	return report.Row{Name: name, Unit: "MiB", Ours: []float64{most}, Yardstick: "idle", Theirs: []float64{idle},
		Aim: report.Aim{Of: report.More, AtMost: memoryAim}, Note: "resident set of the server's process, from outside; idle is before the request"}, err
}

// forgetPeak lets the peak begin again with what is in use now (proc(5)).
func (l *large) forgetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", l.PID()), []byte("5"), 0)
}

// resident reads a line of /proc/PID/status, in MiB.
func resident(pid int, name string) (float64, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+":"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kib / 1024, err
		}
	}
	return 0, errors.Join(fmt.Errorf("/proc/%d/status has no %s", pid, name), lines.Err())
}
