package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// fetchBuffer is how much of a download is read at a time.
const fetchBuffer = 1 << 20

// lender is a person with one large part, and a researcher who may read it.
type lender struct {
	*large
	t      *crowd.Testimony
	gift   *crowd.Gift
	reader *crowd.Person
	buffer []byte
}

// lender uploads the parcel and brings a researcher.
func (b *bench) lender(ctx context.Context, put func(*large, *crowd.Testimony) (crowd.Sealed, error), set ...string) (*lender, error) {
	l, err := b.large(ctx, store.SQLite, set...)
	if err != nil {
		return nil, err
	}
	d := &lender{large: l, buffer: make([]byte, fetchBuffer)}
	if err := d.lend(ctx, put); err != nil {
		return nil, errors.Join(err, l.end(ctx))
	}
	return d, nil
}

func (d *lender) lend(ctx context.Context, put func(*large, *crowd.Testimony) (crowd.Sealed, error)) (err error) {
	if d.t, err = d.testimony(ctx); err != nil {
		return err
	}
	part, err := put(d.large, d.t)
	if err != nil {
		return err
	}
	to, reader, err := d.researcher(ctx)
	if err != nil {
		return err
	}
	d.reader = reader
	d.gift, err = d.person.NewGift(to, statement.Part{Testimony: d.t.ID, N: 1}, part)
	return err
}

// grant gives the reader the part once more.
func (d *lender) grant(ctx context.Context) (api.ID, error) {
	if err := errors.Join(d.person.Renew(ctx), d.dial()); err != nil {
		return "", err
	}
	r, id, err := d.gift.Grant()
	if err != nil {
		return "", err
	}
	_, err = send(d.conn, r)
	return id, err
}

// opening reads at most most bytes of the part under a grant, on a connection of
// its own.
func (d *lender) opening(ctx context.Context, grant api.ID, most int64) (wire.Fetched, error) {
	if err := d.reader.Renew(ctx); err != nil {
		return wire.Fetched{}, err
	}
	r, err := d.reader.Opening(grant, 1)
	if err != nil {
		return wire.Fetched{}, err
	}
	return fetch(d.Addr(), r.Pieces[0], most, d.buffer)
}

// fetch downloads on a connection that is open when the clock starts.
func fetch(addr string, request []byte, most int64, buffer []byte) (wire.Fetched, error) {
	c, err := wire.Dial(addr)
	if err != nil {
		return wire.Fetched{}, err
	}
	defer c.Close()
	f, err := c.Fetch(request, most, buffer)
	if err == nil {
		err = f.OK()
	}
	return f, err
}

// download measures what a reader gets, beside nginx.
func (b *bench) download(ctx context.Context) (rows []report.Row, err error) {
	n := b.size.big
	names := []string{"download, " + sizeName(n), "her own part, " + sizeName(n), "first byte of an opening"}
	program, err := yard.FindNginx(ctx, b.Install)
	if errors.Is(err, yard.ErrAbsent) {
		for _, name := range names {
			rows = append(rows, report.Row{Name: name, Absent: err.Error()})
		}
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	root := filepath.Join(b.dir, "nginx-root")
	plain, err := b.file("plain", n)
	if err = errors.Join(err, os.MkdirAll(root, 0o700)); err != nil {
		return nil, err
	}
	var p parcel
	d, err := b.lender(ctx, func(l *large, t *crowd.Testimony) (crowd.Sealed, error) {
		var err error
		if p, err = l.parcel(plain, filepath.Join(root, "payload"), n); err == nil {
			_, err = l.put(t, p)
		}
		return p.Sealed, err
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	peer, err := yard.StartNginx(ctx, program, filepath.Join(b.dir, "nginx"), root)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, peer.Stop(), os.RemoveAll(root)) }()
	return b.downloadRows(ctx, names, d, peer, p.length)
}

func (b *bench) downloadRows(ctx context.Context, names []string, d *lender, peer *yard.Nginx, length int64) ([]report.Row, error) {
	grant, err := d.grant(ctx)
	if err != nil {
		return nil, err
	}
	request := wire.Head("GET", peer.Addr, "/payload", -1)
	theirs := func(context.Context) (float64, error) { return whole(fetch(peer.Addr, request, 0, d.buffer))(length) }
	reads, err := report.Contest(ctx, 2*b.size.rounds, theirs,
		func(ctx context.Context) (float64, error) { return whole(d.opening(ctx, grant, 0))(length) },
		func(ctx context.Context) (float64, error) { return d.own(ctx, length) })
	if err != nil {
		return nil, err
	}
	first, err := report.Contest(ctx, b.size.openings,
		func(context.Context) (float64, error) { return firstByte(fetch(peer.Addr, request, 1, d.buffer)) },
		func(ctx context.Context) (float64, error) {
			grant, err := d.grant(ctx)
			if err != nil {
				return 0, err
			}
			return firstByte(d.opening(ctx, grant, 1))
		})
	if err != nil {
		return nil, err
	}
	return []report.Row{
		{Name: names[0], Unit: "MB/s", Ours: reads[1], Yardstick: "nginx, sendfile", Theirs: reads[0], Aim: report.Aim{AtLeast: 0.95}},
		{Name: names[1], Unit: "MB/s", Ours: reads[2], Yardstick: "nginx, sendfile", Theirs: reads[0]},
		{Name: names[2], Unit: "ms", Ours: first[1], Yardstick: "nginx", Theirs: first[0], Aim: report.Aim{Of: report.More, AtMost: 3},
			Note: "each opening is a new grant's first, so that its event is written before the first byte leaves"},
	}, nil
}

// own reads her own part.
func (d *lender) own(ctx context.Context, length int64) (float64, error) {
	if err := d.person.Renew(ctx); err != nil {
		return 0, err
	}
	r, err := d.t.Content(1)
	if err != nil {
		return 0, err
	}
	return whole(fetch(d.Addr(), r.Pieces[0], 0, d.buffer))(length)
}

// whole is the speed of a download that brought all of a payload.
func whole(f wire.Fetched, err error) func(length int64) (float64, error) {
	return func(length int64) (float64, error) {
		if err == nil && f.Bytes < length {
			err = fmt.Errorf("%d of %d bytes came", f.Bytes, length)
		}
		return mbs(f.Bytes, f.Elapsed.Seconds()), err
	}
}

func firstByte(f wire.Fetched, err error) (float64, error) {
	return float64(f.First.Microseconds()) / 1000, err
}
