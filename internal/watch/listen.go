package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// Place is where the counters are served; either may be empty.
type Place struct {
	Socket string // a path, for this user alone
	Listen string // a loopback address and port
}

// Serve answers at the places until ctx ends. It gives the address that is listened
// on, where there is one, and the function that waits for the end.
func (w *Watch) Serve(ctx context.Context, p Place) (addr net.Addr, wait func() error, err error) {
	var servers []func() error
	stop := func() error {
		var err error
		for _, s := range servers {
			err = errors.Join(err, s())
		}
		return err
	}
	if p.Socket != "" {
		l, err := socket(ctx, p.Socket)
		if err != nil {
			return nil, nil, fmt.Errorf("watch: %w", err)
		}
		servers = append(servers, serve(l, w.Socket()))
	}
	if p.Listen != "" {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.Listen)
		if err != nil {
			return nil, nil, errors.Join(fmt.Errorf("watch: %w", err), stop())
		}
		addr = l.Addr()
		servers = append(servers, serve(l, w.Counters()))
	}
	return addr, stop, nil
}

// socket listens on a path. One that a crash left is taken over; one that answers
// belongs to another process and is not.
func socket(ctx context.Context, path string) (net.Listener, error) {
	if c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path); err == nil {
		return nil, errors.Join(fmt.Errorf("another process answers on %s: give each process a socket of its own", path), c.Close())
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	// The folder is for this user alone as well (mode 0700), so nobody comes in
	// between.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// serve answers until the function it gives is called.
func serve(l net.Listener, h http.Handler) func() error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	return func() error {
		err := s.Close()
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}
}
