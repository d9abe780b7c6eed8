package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/store"
)

// arrival measures sealing on arrival.
func (b *bench) arrival(ctx context.Context) (rows []report.Row, err error) {
	n := b.size.big
	plain, err := b.file("plain", n)
	if err != nil {
		return nil, err
	}
	l, err := b.large(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.end(ctx)) }()
	y, err := b.yardstick()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.Stop()) }()
	program := func(ctx context.Context) (float64, error) {
		b.settle()
		out := filepath.Join(b.dir, "sealed-by-age")
		took, err := b.age.Seal(ctx, plain, out)
		return mbs(n, took.Seconds()), errors.Join(err, os.Remove(out))
	}
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (float64, error) { return l.arrive(ctx, plain, n) },
		program,
		func(context.Context) (float64, error) { return b.plainly(y, "plain", plain, n) },
		func(context.Context) (float64, error) { return b.plainly(y, "naive", plain, n) })
	if err != nil {
		return nil, err
	}
	name := "sealed on arrival, " + sizeName(n)
	return []report.Row{
		{Name: name, Unit: "MB/s", Ours: got[0], Yardstick: "age program, flushed", Theirs: got[1], Aim: report.Aim{AtLeast: 1.7},
			Note: "1.4 is what one sealing goroutine beside the writing one should reach, 1.7 is with both cores; the load shares them"},
		{Name: name, Unit: "MB/s", Ours: got[0], Yardstick: "net/http to file, flushed", Theirs: got[2]},
		{Name: name, Unit: "MB/s", Ours: got[0], Yardstick: "seal and write in one goroutine", Theirs: got[3]},
	}, nil
}

// upload measures what comes sealed.
func (b *bench) upload(ctx context.Context) (rows []report.Row, err error) {
	n := b.size.big
	plain, err := b.file("plain", n)
	if err != nil {
		return nil, err
	}
	l, err := b.large(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.end(ctx)) }()
	y, err := b.yardstick()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, y.Stop()) }()
	p, err := l.parcel(plain, filepath.Join(b.dir, "parcel"), n)
	if err != nil {
		return nil, err
	}
	ours := func(ctx context.Context) (float64, error) {
		t, err := l.testimony(ctx)
		if err != nil {
			return 0, err
		}
		took, err := l.put(t, p)
		if err != nil {
			return 0, err
		}
		return mbs(p.length, took.Seconds()), l.erase(t)
	}
	got, err := report.Contest(ctx, b.size.rounds, ours,
		func(context.Context) (float64, error) { return b.plainly(y, "plain", p.path, p.length) })
	if err != nil {
		return nil, err
	}
	return []report.Row{{Name: "sealed by the client, " + sizeName(n), Unit: "MB/s", Ours: got[0], Yardstick: "net/http to file, flushed", Theirs: got[1],
		Aim: report.Aim{AtLeast: 1}, Note: "payload and her add statement: from the first byte sent to the last answer"}}, nil
}

func sizeName(n int64) string {
	if n >= gib {
		return fmt.Sprintf("%d GiB", n/gib)
	}
	return fmt.Sprintf("%d MiB", n/mib)
}
