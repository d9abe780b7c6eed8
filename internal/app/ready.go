package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/relatingfield/vault/internal/config"
)

// readyTime bounds how long the server may take to say whether it is ready.
const readyTime = 10 * time.Second

// ErrNotReady says that the server answers and cannot do its work now.
var ErrNotReady = errors.New("the server is not ready: its log says why")

// AskReady asks the server that runs on this machine under this configuration whether
// it is ready, for a supervisor that has no HTTP client at hand.
func (a *App) AskReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	addr, err := here(a.Config.Listen)
	if err != nil {
		return fmt.Errorf("ask whether the server is ready: %w", err)
	}
	// Who answers at the vault's own address on this machine is not asked for a name:
	// nothing is told to it.
	scheme, line := "http", &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
	if a.Config.TLS.Mode != config.NoTLS {
		scheme = "https"
		if hosts := a.Config.Hosts(); len(hosts) > 0 {
			line.ServerName = hosts[0]
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask whether the server is ready: %w", err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: line}}).Do(req)
	if err != nil {
		return fmt.Errorf("ask whether the server is ready: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		return errors.Join(ErrNotReady, err)
	}
	return nil
}

// here is how this machine reaches what listens on an address: one that means all
// addresses is none.
func here(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	a, err := netip.ParseAddr(host)
	switch {
	case host == "", err == nil && a.IsUnspecified() && a.Is4():
		host = "127.0.0.1"
	case err == nil && a.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
