package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/internal/bench/crowd"
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
	program := func(ctx context.Context) (effort, error) {
		b.settle()
		out := filepath.Join(b.dir, "sealed-by-age")
		took, computed, err := b.age.Seal(ctx, plain, out)
		return effort{mbs(n, took.Seconds()), perGB(n, computed.Seconds())}, errors.Join(err, os.Remove(out))
	}
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (effort, error) { return l.arrive(ctx, plain, n) },
		program,
		func(context.Context) (effort, error) { return b.plainly(y, "plain", plain, n) },
		func(context.Context) (effort, error) { return b.plainly(y, "naive", plain, n) })
	if err != nil {
		return nil, err
	}
	name := "sealed on arrival, " + sizeName(n)
	return []report.Row{
		{Name: name, Unit: "MB/s", Ours: speeds(got[0]), Yardstick: "age program, flushed", Theirs: speeds(got[1]), Aim: report.Aim{AtLeast: 1.4},
			Note: "1.7 if both cores can be had; here the load shares them, and the vault makes two digests that the age program does not"},
		{Name: name, Unit: "MB/s", Ours: speeds(got[0]), Yardstick: "net/http to file, flushed", Theirs: speeds(got[2])},
		{Name: name, Unit: "MB/s", Ours: speeds(got[0]), Yardstick: "seal and write in one goroutine", Theirs: speeds(got[3])},
		costRow("sealing on arrival", got[0], "age program", got[1]),
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
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (effort, error) { return l.putAndErase(ctx, p, l.put) },
		func(context.Context) (effort, error) { return b.plainly(y, "plain", p.path, p.length) })
	if err != nil {
		return nil, err
	}
	return []report.Row{
		{Name: "sealed by the client, " + sizeName(n), Unit: "MB/s", Ours: speeds(got[0]), Yardstick: "net/http to file, flushed", Theirs: speeds(got[1]),
			Aim: report.Aim{AtLeast: 1}, Note: "payload and her add statement: from the first byte sent to the last answer"},
		costRow("storing what was sealed before", got[0], "net/http to file", got[1]),
	}, nil
}

// putAndErase lets put upload a parcel into a testimony of its own.
func (l *large) putAndErase(ctx context.Context, p parcel, put func(*crowd.Testimony, parcel) (effort, error)) (effort, error) {
	t, err := l.testimony(ctx)
	if err != nil {
		return effort{}, err
	}
	e, err := put(t, p)
	if err != nil {
		return effort{}, err
	}
	return e, l.erase(t)
}

func sizeName(n int64) string {
	if n >= gib {
		return fmt.Sprintf("%d GiB", n/gib)
	}
	return fmt.Sprintf("%d MiB", n/mib)
}
