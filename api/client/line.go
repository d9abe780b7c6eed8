package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"time"
)

// Line is what the way to a vault needs beyond the ordinary: a certificate where the
// vault asks programs for one (RFC 8446 section 4.3.2), and an authority of its own
// where the vault's certificate is of no public one. Each is a file, in PEM. A proxy that
// the environment names, and that is itself spoken to over TLS, is met in the same way: it
// can ask for the certificate, too, and so learn whose it is.
type Line struct {
	Certificate string // with its chain; and
	Key         string // the key of it, which nobody else on the machine can read
	CA          string // who vouches for the vault, in the place of the system's authorities
}

// HTTP gives a Config's HTTP for the line, or says what is wrong with the files; for the
// zero Line it is nil, the default. The certificate is read again for each connection: it is
// renewed by putting other files there.
func (l Line) HTTP(now func() time.Time) (*http.Client, error) {
	if l == (Line{}) {
		return nil, nil
	}
	if (l.Certificate == "") != (l.Key == "") {
		return nil, errors.New("line: a certificate and its key are two files: name both")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if l.CA != "" {
		pool, err := authorities(l.CA)
		if err != nil {
			return nil, fmt.Errorf("line: %w", err)
		}
		c.RootCAs = pool
	}
	if l.Certificate != "" {
		if _, err := l.pair(now()); err != nil {
			return nil, fmt.Errorf("line: %w", err)
		}
		// TLS 1.2 would show everybody on the line whose certificate it is.
		c.MinVersion = tls.VersionTLS13
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return l.pair(now()) }
	}
	t := quietTransport()
	t.TLSClientConfig = c
	return &http.Client{Transport: t}, nil
}

func authorities(file string) (*x509.CertPool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificates of an authority: it should be PEM", file)
	}
	return pool, nil
}

// pair reads a certificate that is good now, and its key.
func (l Line) pair(now time.Time) (*tls.Certificate, error) {
	info, err := os.Stat(l.Key)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // Windows has no such mode
		return nil, fmt.Errorf("others on this machine can read the key %s: chmod 600 it, and think about whether it was seen", l.Key)
	}
	pair, err := tls.LoadX509KeyPair(l.Certificate, l.Key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s are no certificate with its key, in PEM: %w", l.Certificate, l.Key, err)
	}
	if now.After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("the certificate %s ended on %s: ask whoever gave it for a new one", l.Certificate, pair.Leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	if now.Before(pair.Leaf.NotBefore) {
		return nil, fmt.Errorf("the certificate %s begins on %s: wait, or set the clock of this machine", l.Certificate, pair.Leaf.NotBefore.UTC().Format(time.DateOnly))
	}
	return &pair, nil
}
