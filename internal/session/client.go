package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/session/sessiondb"
	"github.com/relatingfield/vault/internal/store"
)

// Client is a partner's program as its token names it. What it may do now is for
// whoever knows partners to say, at every request: package partner.
type Client struct {
	ID    id.ID
	Key   id.Thumbprint // that asked for the token
	Scope string        // words with a space between; at most what was asked for
}

// Bound is the proof of a request for a client's token: the key that the token is
// to be bound to.
type Bound struct {
	Origin string // under which the client came

	proof  *proof
	minute int64
}

// Prove checks the proof of a request for a token. It carries the server's nonce, as
// proofs of all other requests do. Errors are ErrNonce or wrap ErrRefused. The proof
// is used up by Issue only, so that nobody who is no client fills the memory.
func (s *Service) Prove(r Request) (Bound, error) {
	p, err := s.proofOf(r)
	if err != nil {
		return Bound{}, refused("proof", err)
	}
	minute, current := s.clock.bucketOf(p.Nonce)
	if !current {
		return Bound{}, ErrNonce
	}
	if err := p.verify(); err != nil {
		return Bound{}, refused("proof", err)
	}
	return Bound{Origin: p.HTU[:len(p.HTU)-len(r.Path)], proof: p, minute: minute}, nil
}

// Issue makes a token for a client that has shown who it is, once for each proof.
func (s *Service) Issue(c Client, b Bound) (Token, error) {
	if err := s.seen.take(b.minute, b.proof.JTI); err != nil {
		return Token{}, err
	}
	return s.issue(tokenClaims{Sub: string(c.ID), Cnf: cnf{b.proof.thumbprint}, Client: c.ID, Key: c.Key, Scope: c.Scope})
}

// Client tells which client sends a request. Errors are ErrNonce, ErrBusy or wrap
// ErrRefused.
func (s *Service) Client(r Request) (Client, error) {
	t, err := s.check(r, func(t session) bool { return t.client.ID != "" })
	return t.client, err
}

// Once uses a name up that may be used once, on whichever node: the jti of an
// assertion. It reports false when it was used before. until is when it can no
// longer be used anyway.
func (s *Service) Once(ctx context.Context, name string, until time.Time) (bool, error) {
	sum := sha256.Sum256([]byte("testimony-vault/v1/once\n" + name))
	var fresh int64
	err := s.cfg.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		fresh, err = sessiondb.New(tx).Spend(ctx, sessiondb.SpendParams{Sha256: sum[:], UntilS: until.Unix()})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("use up a name: %w", err)
	}
	return fresh == 1, nil
}

// of reads whom a verified token is for: an account or a client, never both.
func (c tokenClaims) of() (session, error) {
	t := session{jkt: c.Cnf.JKT, expires: c.Exp}
	if c.Client == "" {
		account, err := id.ParseThumbprint(c.Sub)
		t.account = account
		return t, err
	}
	if c.Sub != string(c.Client) {
		return session{}, errors.New("it is for an account and a client")
	}
	name, err := id.Parse(c.Sub)
	t.client = Client{name, c.Key, c.Scope}
	return t, err
}
