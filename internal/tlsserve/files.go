package tlsserve

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"sync"
	"time"
)

// look is how often it is looked whether files have changed, at most.
const look = time.Second

// state tells whether a file is another than before.
type state struct {
	size int64
	at   time.Time
}

func stateOf(paths ...string) (out [2]state) {
	for i, p := range paths {
		if info, err := os.Stat(p); err == nil {
			out[i] = state{info.Size(), info.ModTime()}
		}
	}
	return out
}

// files are a certificate that somebody else renews.
type files struct {
	certificate, key string
	now              func() time.Time
	log              *slog.Logger

	mu     sync.Mutex
	good   *tls.Certificate
	read   [2]state
	looked time.Time
}

func (f *files) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); now.Sub(f.looked) >= look || now.Before(f.looked) {
		f.looked = now
		if stateOf(f.certificate, f.key) != f.read {
			if err := f.reload(); err != nil {
				f.log.Error("the certificate has changed and cannot be read; the one before is served on", "cause", err)
			}
		}
	}
	return f.good, nil
}

func (f *files) load() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reload()
}

// reload takes the state from before it reads: what changes meanwhile is read again.
func (f *files) reload() error {
	before := stateOf(f.certificate, f.key)
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return err // and it is tried again: the other file may not be there yet
	}
	f.good, f.read = &pair, before
	return nil
}

// pool is who may vouch for partners.
type pool struct {
	file string
	now  func() time.Time
	log  *slog.Logger

	mu     sync.Mutex
	good   *x509.CertPool
	read   [2]state
	looked time.Time
}

func (p *pool) get() *x509.CertPool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); now.Sub(p.looked) >= look || now.Before(p.looked) {
		p.looked = now
		if stateOf(p.file) != p.read {
			if err := p.reload(); err != nil {
				// Whoever is to be kept out may be in the old one: nobody comes in.
				p.good = x509.NewCertPool()
				p.log.Error("who vouches for partners cannot be read; none of them comes in", "cause", err)
			}
		}
	}
	return p.good
}

func (p *pool) load() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reload()
}

func (p *pool) reload() error {
	before := stateOf(p.file)
	good, err := Authorities(p.file)
	if err == nil {
		p.good, p.read = good, before
	}
	return err
}
