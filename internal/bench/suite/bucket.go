package suite

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/s3test"
)

// bucket measures a vault whose payloads lie in a bucket, beside what the same S3
// server does for whoever comes to it directly: with a link signed beforehand, so
// that nobody hashes anything.
func (b *bench) bucket(ctx context.Context) (rows []report.Row, err error) {
	n := b.size.bucket
	plain, err := b.file("plain-bucket", n)
	if err != nil {
		return nil, err
	}
	server, err := s3test.Start(ctx, filepath.Join(b.dir, b.fresh("s3")))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Kill()) }()
	var p parcel
	d, err := b.lender(ctx, func(l *large, t *crowd.Testimony) (crowd.Sealed, error) {
		var err error
		if p, err = l.parcel(plain, filepath.Join(b.dir, "parcel-bucket"), n); err == nil {
			_, err = l.put(t, p)
		}
		return p.Sealed, err
	}, server.Settings("blobs", "vault/")...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.end(ctx)) }()
	direct, err := b.direct(ctx, server)
	if err != nil {
		return nil, err
	}
	up, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (effort, error) { return d.putAndErase(ctx, p, d.put) },
		func(context.Context) (effort, error) { return direct.upload(p) },
		func(ctx context.Context) (effort, error) { return d.arrive(ctx, plain, n) })
	if err != nil {
		return nil, err
	}
	down, err := b.bucketDown(ctx, d, direct, p.length)
	if err != nil {
		return nil, err
	}
	name := ", " + sizeName(n) + ", to a bucket"
	return []report.Row{
		{Name: "sealed by the client" + name, Unit: "MB/s", Ours: speeds(up[0]), Yardstick: "the S3 server's own PUT", Theirs: speeds(up[1]), Aim: report.Aim{AtLeast: 0.8},
			Note: "the server's own PUT and GET come with a link signed beforehand and are hashed by nobody"},
		{Name: "sealed on arrival" + name, Unit: "MB/s", Ours: speeds(up[2]), Yardstick: "the S3 server's own PUT", Theirs: speeds(up[1])},
		{Name: "download, " + sizeName(n) + ", from a bucket", Unit: "MB/s", Ours: down[0], Yardstick: "the S3 server's own GET", Theirs: down[1]},
		costRow("storing in a bucket", up[0], "sealing on arrival to a bucket", up[2]),
	}, nil
}

func (b *bench) bucketDown(ctx context.Context, d *lender, direct *direct, length int64) ([][]float64, error) {
	grant, err := d.grant(ctx)
	if err != nil {
		return nil, err
	}
	return report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (float64, error) { return whole(d.opening(ctx, grant, 0))(length) },
		func(context.Context) (float64, error) {
			return whole(fetch(direct.addr, wire.Head("GET", direct.addr, direct.get, -1), 0, d.buffer))(length)
		})
}

// direct is somebody who has links to one object of an S3 server.
type direct struct {
	addr     string
	put, get string // paths with signatures
	settle   func()
}

func (b *bench) direct(ctx context.Context, server *s3test.Server) (*direct, error) {
	c, err := server.Client()
	if err != nil {
		return nil, err
	}
	put, err := c.PresignedPutObject(ctx, s3test.Bucket, "direct", time.Hour)
	if err != nil {
		return nil, fmt.Errorf("sign a link: %w", err)
	}
	get, err := c.PresignedGetObject(ctx, s3test.Bucket, "direct", time.Hour, url.Values{})
	if err != nil {
		return nil, fmt.Errorf("sign a link: %w", err)
	}
	return &direct{addr: server.Addr(), put: put.RequestURI(), get: get.RequestURI(), settle: b.settle}, nil
}

// upload stores a parcel under its one name, again and again.
func (d *direct) upload(p parcel) (effort, error) {
	c, err := wire.Dial(d.addr)
	if err != nil {
		return effort{}, err
	}
	defer c.Close()
	d.settle()
	began := time.Now()
	if _, err := sendFile(c, wire.Head("PUT", d.addr, d.put, p.length, "Content-Type", api.MediaBytes), p.path, p.length); err != nil {
		return effort{}, fmt.Errorf("the S3 server's own PUT: %w", err)
	}
	return effort{speed: mbs(p.length, time.Since(began).Seconds())}, nil
}
