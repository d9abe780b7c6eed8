package suite

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/bench/crowd"
	"github.com/relatingfield/vault/internal/bench/report"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/store"
)

// tus measures resumable uploads beside a bare tusd, which keeps files, flushes
// nothing and knows nobody: in one PATCH, and in one for every few MiB, as clients
// on bad lines do.
func (b *bench) tus(ctx context.Context) (rows []report.Row, err error) {
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
	peer, err := yard.StartTusd(ctx, filepath.Join(b.dir, b.fresh("tusd")))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, peer.Stop()) }()
	p, err := l.parcel(plain, filepath.Join(b.dir, "parcel"), n)
	if err != nil {
		return nil, err
	}
	inChunks := func(t *crowd.Testimony, p parcel) (effort, error) {
		return l.putBy(t, p, func(up *crowd.Upload) (func() error, error) { return l.patches(up, p, b.size.chunk) })
	}
	got, err := report.Contest(ctx, b.size.rounds,
		func(ctx context.Context) (effort, error) { return l.putAndErase(ctx, p, l.put) },
		func(context.Context) (effort, error) { return b.tusd(peer, p, p.length) },
		func(ctx context.Context) (effort, error) { return l.putAndErase(ctx, p, inChunks) },
		func(context.Context) (effort, error) { return b.tusd(peer, p, b.size.chunk) })
	if err != nil {
		return nil, err
	}
	name := "resumable upload, " + sizeName(n)
	note := "payload and her add statement; tusd does not flush, the vault does"
	row := func(how string, ours, theirs []effort) report.Row {
		return report.Row{Name: name + how, Unit: "MB/s", Ours: speeds(ours), Yardstick: "tusd" + how, Theirs: speeds(theirs), Aim: report.Aim{AtLeast: 0.9}, Note: note}
	}
	chunks := fmt.Sprintf(", PATCHes of %d KiB", b.size.chunk>>10)
	return []report.Row{
		row(", one PATCH", got[0], got[1]),
		row(chunks, got[2], got[3]),
		costRow("a resumable upload, one PATCH", got[0], "tusd", got[1]),
		costRow("a resumable upload"+chunks, got[2], "tusd", got[3]),
	}, nil
}

// patches makes what sends a parcel in stretches of so many bytes, each with a
// request of its own, which is made beforehand.
func (l *large) patches(up *crowd.Upload, p parcel, stretch int64) (func() error, error) {
	var heads [][]byte
	for at := int64(0); at < p.length; at += stretch {
		head, err := up.Patch(at, min(stretch, p.length-at))
		if err != nil {
			return nil, err
		}
		heads = append(heads, head)
	}
	return func() error {
		return sendStretches(l.conn, p, stretch, func(i int, _, _ int64) []byte { return heads[i] })
	}, nil
}

// sendStretches sends the file of a parcel, so many bytes with each head.
func sendStretches(c *wire.Conn, p parcel, stretch int64, head func(i int, at, n int64) []byte) (err error) {
	f, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for i, at := 0, int64(0); at < p.length; i, at = i+1, at+stretch {
		n := min(stretch, p.length-at)
		a, err := c.Upload(head(i, at, n), f, n)
		if err = errors.Join(err, a.OK()); err != nil {
			return err
		}
	}
	return nil
}

// tusd uploads a parcel to tusd and removes it there.
func (b *bench) tusd(peer *yard.Tusd, p parcel, stretch int64) (effort, error) {
	c, err := wire.Dial(peer.Addr)
	if err != nil {
		return effort{}, err
	}
	defer c.Close()
	version := []string{api.HeaderTusResumable, api.TusVersion}
	a, err := send(c, plainRequest(wire.Head(http.MethodPost, peer.Addr, "/files/", 0, append(version, api.HeaderUploadLength, strconv.FormatInt(p.length, 10))...)))
	if err != nil {
		return effort{}, fmt.Errorf("tusd: %w", err)
	}
	at, err := url.Parse(a.Header.Get("Location"))
	if err != nil {
		return effort{}, fmt.Errorf("tusd: %w", err)
	}
	b.settle()
	e, err := spend(peer.PID(), p.length, func() error {
		return sendStretches(c, p, stretch, func(_ int, offset, n int64) []byte {
			return wire.Head(http.MethodPatch, peer.Addr, at.Path, n, append(version, "Content-Type", api.MediaTus, api.HeaderUploadOffset, strconv.FormatInt(offset, 10))...)
		})
	})
	if err != nil {
		return effort{}, fmt.Errorf("tusd: %w", err)
	}
	_, err = send(c, plainRequest(wire.Head(http.MethodDelete, peer.Addr, at.Path, -1, version...)))
	return e, err
}
