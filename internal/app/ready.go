package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
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
	scheme, line, err := a.ownLine()
	if err != nil {
		return fmt.Errorf("ask whether the server is ready: %w", err)
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

// ownLine is how this process speaks to the server: where that has a certificate in
// files, it is the very one that is trusted; where a private ACME authority gives it,
// what vouches for that authority.
func (a *App) ownLine() (scheme string, line *tls.Config, err error) {
	line = &tls.Config{MinVersion: tls.VersionTLS13}
	if hosts := a.Config.Hosts(); len(hosts) > 0 {
		line.ServerName = hosts[0]
	}
	switch a.Config.TLS.Mode {
	case config.TLSFiles:
		pair, err := tls.LoadX509KeyPair(a.Config.TLS.Certificate, a.Config.TLS.Key)
		if err != nil {
			return "", nil, err
		}
		line.RootCAs = x509.NewCertPool()
		line.RootCAs.AddCert(pair.Leaf)
		if names := pair.Leaf.DNSNames; len(names) > 0 {
			line.ServerName = strings.Replace(names[0], "*", "any", 1)
		}
		return "https", line, nil
	case config.TLSACME:
		if line.RootCAs, err = authorities(a.Config.TLS.ACME.CAFile); err != nil {
			return "", nil, err
		}
		return "https", line, nil
	}
	return "http", line, nil
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
