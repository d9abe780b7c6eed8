package daemontest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Ready returns once a running daemon says that it can do its work, or fails
// after a minute.
func (d *Daemon) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := d.wait(ctx, "/readyz"); err != nil {
		return fmt.Errorf("%w\n%s", err, d.tail())
	}
	return nil
}

func (d *Daemon) wait(ctx context.Context, path string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	asker := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		err := d.ask(ctx, asker, path)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-d.ended:
			return fmt.Errorf("it ended at once: %w", errors.Join(d.err, errEnded))
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w", errors.Join(err, ctx.Err()))
		}
	}
}

var errEnded = errors.New("see its log")

func (d *Daemon) ask(ctx context.Context, asker *http.Client, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Origin()+path, nil)
	if err != nil {
		return err
	}
	resp, err := asker.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return errors.Join(fmt.Errorf("it answered %d", resp.StatusCode), err)
	}
	return nil
}

// Launch starts the daemon and returns once it answers, ready or not: with a full
// disk, say, it serves what it can.
func (d *Daemon) Launch(ctx context.Context) error {
	if err := d.launch(); err != nil {
		return fmt.Errorf("start testimonyd: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := d.wait(ctx, "/livez"); err != nil {
		return fmt.Errorf("%w\n%s", err, d.tail())
	}
	return nil
}
