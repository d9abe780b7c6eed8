// Package tlsserve lets the vault speak TLS itself, where nothing in front of it does.
//
// There are two ways to a certificate: files that somebody else renews, read again
// when they change, and ACME (RFC 8555) with the challenge TLS-ALPN-01 (RFC 8737),
// which needs no second port. A second listener, for programs of partners, also wants
// to see a certificate of theirs (RFC 8446 section 4.3.2).
//
// Promises: TLS 1.3 and nothing older; HTTP/1.1 and no other protocol, but for the
// challenge; a certificate is asked for by ACME for configured names only; a
// certificate that cannot be read keeps nobody out while the one before is good; keys
// lie in files that nobody else on the machine can read, or the vault does not start.
// Assumes: whoever replaces the files replaces both before long. Does not: staple,
// keep sessions across a restart, or log who came.
package tlsserve

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// proto is the one protocol that is spoken: see package httpapi for why not HTTP/2.
const proto = "http/1.1"

// base is what all listeners have in common.
func base() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{proto}}
}

// FromFiles serves with a certificate chain and key in PEM files.
func FromFiles(certificate, key string, now func() time.Time, log *slog.Logger) (*tls.Config, error) {
	f := &files{certificate: certificate, key: key, now: now, log: log}
	if err := private(key); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	if err := f.load(); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	c := base()
	c.GetCertificate = f.get
	return c, nil
}

// private refuses a key that others on the machine can read.
func private(key string) error {
	info, err := os.Stat(key)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return fmt.Errorf("%s can be read by everybody on this machine: chmod 0600 it, and consider the key known", key)
	}
	return nil
}

// Mutual makes of a listener's configuration one that wants a certificate of clients
// too, vouched for by an authority in a PEM file, which is read again when it changes.
func Mutual(server *tls.Config, authorities string, now func() time.Time, log *slog.Logger) (*tls.Config, error) {
	p := &pool{file: authorities, now: now, log: log}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("tls: who vouches for partners: %w", err)
	}
	c := server.Clone()
	c.NextProtos = []string{proto} // no challenge is answered here
	c.ClientAuth = tls.RequireAndVerifyClientCert
	// A resumed session would outlive an authority that was taken out of the file.
	c.SessionTicketsDisabled = true
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		one := c.Clone()
		one.GetConfigForClient = nil
		one.ClientCAs = p.get()
		return one, nil
	}
	return c, nil
}

var errNoCertificates = errors.New("the file holds no certificates: it should be PEM")

// Authorities reads who vouches for a server, or for clients, from a PEM file.
func Authorities(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return authoritiesIn(pem)
}

func authoritiesIn(pem []byte) (*x509.CertPool, error) {
	out := x509.NewCertPool()
	if !out.AppendCertsFromPEM(pem) {
		return nil, errNoCertificates
	}
	return out, nil
}
