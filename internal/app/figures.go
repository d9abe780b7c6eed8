package app

import (
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"time"

	"golang.org/x/sys/unix"

	"github.com/relatingfield/vault/internal/watch"
)

// figuresEvery is how often figures are read that cost a question to the database.
const figuresEvery = 30 * time.Second

// show serves the counters where the operator wants them.
func (v *vault) show(ctx context.Context) (end func() error, err error) {
	v.counters.Ask(v.figures, figuresEvery, v.app.Now)
	_, end, err = v.counters.Serve(ctx, watch.Place{Socket: v.cfg.Watch.Socket, Listen: v.cfg.Watch.Listen})
	return end, err
}

// figures are about the vault as a whole. Bytes are counted in whole GiB and disks in
// hundredths: finer, two looks would show the size of what came between them.
func (v *vault) figures(ctx context.Context) ([]watch.Figure, error) {
	out := []watch.Figure{
		{Name: "testimonyd_ready", Help: "1 when the vault can do its work, as /readyz says.", Value: truth(v.ready(ctx) == nil)},
		{Name: "testimonyd_data_disk_free_ratio", Help: "Free part of the disk of data_dir, in hundredths.", Value: free(v.cfg.DataDir)},
		{Name: "testimonyd_journal_disk_free_ratio", Help: "Free part of the disk of the journal, in hundredths.", Value: free(v.cfg.Journal.Dir)},
	}
	r, err := v.fixity.Report(ctx)
	if err != nil {
		return out, err
	}
	oldest := float64(r.Oldest)
	return append(out,
		watch.Figure{Name: "testimonyd_stored_gibibytes", Help: "Payloads in the object store, in whole GiB, rounded up.", Value: math.Ceil(float64(r.Bytes) / (1 << 30))},
		watch.Figure{Name: "testimonyd_damaged_objects", Help: "Objects and rows that are not what was stored.", Value: float64(r.Damaged() + r.BadRows)},
		watch.Figure{Name: "testimonyd_objects_to_delete", Help: "Objects that were let go and are still there.", Value: float64(r.Doomed + r.DoomedSecond)},
		watch.Figure{Name: "testimonyd_fixity_oldest_check_timestamp_seconds", Help: "The day of the oldest check of an object; 0: one was never checked.", Value: oldest},
	), nil
}

func truth(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}

// free is 1 where it cannot be told: a folder that is not there shows elsewhere.
func free(dir string) float64 {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil || s.Blocks == 0 {
		return 1
	}
	return math.Floor(100*float64(s.Bavail)/float64(s.Blocks)) / 100
}

// ErrNoSocket says that the configuration names no socket to ask.
var ErrNoSocket = errors.New("watch.socket is not set, so there is nothing to ask: name a path, and restart the server")

// Status copies what the server on this machine says of itself to out.
func (a *App) Status(ctx context.Context, out io.Writer) error {
	if a.Config.Watch.Socket == "" {
		return ErrNoSocket
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", a.Config.Watch.Socket)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://watch/status", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return errors.Join(ErrNotReady, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return ErrNotReady
	}
	_, err = io.Copy(out, io.LimitReader(resp.Body, 1<<20))
	return err
}
