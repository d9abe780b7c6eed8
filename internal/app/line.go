package app

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/tlsserve"
)

// lines are what requests come over.
type lines struct {
	people   net.Listener
	programs net.Listener // with certificates of theirs; nil: there is none
}

// listen opens the lines. TLS is spoken from the first byte on, or by what stands
// before the vault.
func (a *App) listen(ctx context.Context) (lines, error) {
	people, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Listen)
	if err != nil {
		return lines{}, err
	}
	out := lines{people: people}
	certified, err := a.certified()
	if err != nil || certified == nil {
		return out, errors.Join(err, out.closeIf(err))
	}
	out.people = tls.NewListener(people, certified)
	m := a.Config.Programs.MutualTLS
	if m.Listen == "" {
		return out, nil
	}
	mutual, err := tlsserve.Mutual(certified, m.CAFile, a.Now, a.Log)
	if err != nil {
		return out, errors.Join(err, out.closeIf(err))
	}
	programs, err := (&net.ListenConfig{}).Listen(ctx, "tcp", m.Listen)
	if err != nil {
		return out, errors.Join(err, out.closeIf(err))
	}
	out.programs = tls.NewListener(programs, mutual)
	return out, nil
}

// certified is how the vault speaks TLS; nil where it does not.
func (a *App) certified() (*tls.Config, error) {
	t := a.Config.TLS
	switch t.Mode {
	case config.TLSFiles:
		return tlsserve.FromFiles(t.Certificate, t.Key, a.Now, a.Log)
	case config.TLSACME:
		return tlsserve.FromACME(tlsserve.ACME{
			Directory: t.ACME.Directory, Names: a.Config.Hosts(), Contact: t.ACME.Contact, Cache: t.ACME.Cache, CAFile: t.ACME.CAFile,
		})
	}
	return nil, nil
}

func (l lines) closeIf(err error) error {
	if err == nil {
		return nil
	}
	return l.close()
}

func (l lines) close() error {
	err := l.people.Close()
	if l.programs != nil {
		err = errors.Join(err, l.programs.Close())
	}
	return err
}

// serve answers on both; the first that ends says why.
func (l lines) serve(v *vault) <-chan error {
	served := make(chan error, 2)
	go func() { served <- v.server.Serve(l.people) }()
	if l.programs != nil {
		go func() { served <- v.server.Serve(l.programs) }()
	}
	return served
}
