package tlsserve

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// ACME is who gives certificates, and for what.
type ACME struct {
	Directory string   // of the authority
	Names     []string // that certificates are asked for, and no others
	Contact   string   // an e-mail address, or none
	Cache     string   // a folder, for this user alone: keys and certificates
	CAFile    string   // who vouches for the authority itself; empty: the system's
}

// acmePatience bounds one request to the authority.
const acmePatience = 30 * time.Second

// FromACME serves with a certificate that an authority gives, and renews it a month
// before its end.
func FromACME(a ACME) (*tls.Config, error) {
	if err := folder(a.Cache); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: acmePatience, IdleConnTimeout: acmePatience, ForceAttemptHTTP2: true}
	if a.CAFile != "" {
		pool, err := Authorities(a.CAFile)
		if err != nil {
			return nil, fmt.Errorf("tls: %w", err)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(a.Cache), HostPolicy: autocert.HostWhitelist(a.Names...), Email: a.Contact,
		Client: &acme.Client{DirectoryURL: a.Directory, HTTPClient: &http.Client{Transport: transport, Timeout: acmePatience}},
	}
	c := base()
	c.GetCertificate = m.GetCertificate
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c, nil
}

// folder makes the cache, or refuses one that others on the machine can read.
func folder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s holds keys and can be read by others on this machine: chmod 0700 it", path)
	}
	return nil
}
