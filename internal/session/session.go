// Package session tells who is asking: sign-in by a key, access tokens bound to
// a second key, and a proof of that second key on every request.
//
// Promises: only the holder of an account's Ed25519 key can open a session, and
// only the holder of the session's ES256 key can use it, whoever saw its token.
// A challenge opens one session, on whichever node. No account is looked up
// anywhere here, so known and unknown keys get the same answers in the same
// time. Times are the server's: a client's clock is never believed.
//
// Assumes: nodes share their keys (package serverkeys) and, within a minute,
// their time; a request reached the node under one of the configured origins.
// Does not: know who has enrolled or what they may do; end a session before its
// ten minutes; notice a whole request that is repeated at another node (docs/adr
// 0010 says what that could do).
//
// Specification: docs/protocol.md sections 4 and 16; RFC 9449 (DPoP), RFC 7515 (JWS),
// RFC 7638 and RFC 8037 (thumbprints, Ed25519), RFC 9068 (the typ of tokens).
package session

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/recent"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/serverkeys"
	"github.com/relatingfield/vault/internal/store"
)

// What a caller can be told. The text behind ErrRefused is for tests and never
// for the wire: all refusals look the same there.
var (
	ErrRefused = errors.New("the sign-in or proof is refused")
	ErrNonce   = errors.New("the proof does not carry a current nonce of the server")
	ErrBusy    = errors.New("the server has seen too many proofs in this minute")
)

// How long things live.
const (
	TokenLife     = 10 * time.Minute
	ChallengeLife = 2 * time.Minute
	nonceLife     = time.Minute // of which the current and the previous one count
)

// Config is what a Service needs.
type Config struct {
	Vault   string           // the vault id: issuer and audience of access tokens
	Origins []string         // scheme://host[:port], every one under which clients may come
	Keys    *serverkeys.Keys // tokens and nonces
	DB      *store.DB        // remembers the challenges that were used
	Now     func() time.Time // the server's clock
	Rand    io.Reader        // cryptographically secure

	// TTL is how long a token lives, at most TokenLife. 0 means TokenLife.
	TTL time.Duration
	// MaxProofs bounds the proofs remembered per minute and node, about 40 bytes
	// each; beyond it requests are refused with ErrBusy. 0 means 1,048,576.
	MaxProofs int
	// MaxTokens is how many verified tokens are remembered at least, about 500
	// bytes each. 0 means 8,192.
	MaxTokens int
}

// Service opens and checks sessions. It is safe for concurrent use.
type Service struct {
	cfg        Config
	challenges []secret.Bytes
	clock      *bucketClock
	seen       *replays
	verified   *recent.Memory[[sha256.Size]byte, session] // tokens by their hash
}

// New makes a Service.
func New(cfg Config) (*Service, error) {
	if len(cfg.Origins) == 0 {
		return nil, errors.New("sessions: no origin is configured: name the addresses under which clients reach the vault")
	}
	if cfg.TTL = cmp.Or(cfg.TTL, TokenLife); cfg.TTL < 0 || cfg.TTL > TokenLife {
		return nil, fmt.Errorf("sessions: a token cannot live %s; %s is the most", cfg.TTL, TokenLife)
	}
	cfg.MaxProofs, cfg.MaxTokens = cmp.Or(cfg.MaxProofs, 1<<20), cmp.Or(cfg.MaxTokens, 1<<13)
	challenges, err := cfg.Keys.MAC("challenge")
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	nonces, err := cfg.Keys.MAC("dpop-nonce")
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return &Service{
		cfg: cfg, challenges: challenges, clock: newBucketClock(nonces, cfg.Now),
		seen: newReplays(cfg.MaxProofs), verified: recent.New[[sha256.Size]byte, session](cfg.MaxTokens),
	}, nil
}

// Request is what of an HTTP request a proof speaks about.
type Request struct {
	Method string
	Path   string // as sent, without the query
	Proof  string // the DPoP header
	Token  string // of Authorization: DPoP; empty at sign-in
}

// Token is an open session.
type Token struct {
	Access  string
	Expires time.Duration
}

// SignIn opens a session for the key that signed login. The request's own proof
// shows the session's key, which login names; the challenge in login is the
// proof's nonce. Errors wrap ErrRefused, or come from the database.
//
// The cheap checks come first: without a challenge of ours no signature is
// computed.
func (s *Service) SignIn(ctx context.Context, login string, r Request) (Token, error) {
	l, err := parseLogin(login)
	if err != nil {
		return Token{}, refused("login", err)
	}
	until, err := s.checkChallenge(l.Nonce)
	if err != nil {
		return Token{}, refused("login", err)
	}
	p, err := s.proofOf(r)
	if err != nil {
		return Token{}, refused("proof", err)
	}
	if p.thumbprint != l.Cnf.JKT || p.HTU != l.Aud+r.Path {
		return Token{}, refused("login", errors.New("it is for another session key or origin"))
	}
	if err := errors.Join(l.verify(), p.verify()); err != nil {
		return Token{}, refused("signature", err)
	}
	if err := s.spend(ctx, l.Nonce, until); err != nil {
		return Token{}, err
	}
	return s.issue(tokenClaims{Sub: string(l.account), Cnf: cnf{p.thumbprint}})
}

// Authenticate tells who sends a request. Errors are ErrNonce, ErrBusy or wrap
// ErrRefused.
func (s *Service) Authenticate(r Request) (id.Thumbprint, error) {
	t, err := s.check(r, func(t session) bool { return t.account != "" })
	return t.account, err
}

// check verifies token and proof of a request; of says whether the token is for
// such as may send it.
func (s *Service) check(r Request, of func(session) bool) (session, error) {
	p, err := s.proofOf(r)
	if err != nil {
		return session{}, refused("proof", err)
	}
	bucket, current := s.clock.bucketOf(p.Nonce)
	if !current {
		return session{}, ErrNonce
	}
	t, err := s.open(r.Token, p.ATH)
	if err != nil {
		return session{}, refused("token", err)
	}
	if !of(t) {
		return session{}, refused("token", errors.New("it is for others than this route"))
	}
	if t.jkt != p.thumbprint {
		return session{}, refused("proof", errors.New("it is by another key than the token's"))
	}
	if err := p.verify(); err != nil {
		return session{}, refused("proof", err)
	}
	// Only proofs that are good in every other way are remembered, so nobody
	// without a session can fill the memory.
	if err := s.seen.take(bucket, p.JTI); err != nil {
		return session{}, err
	}
	return t, nil
}

// Nonce is the value for DPoP-Nonce: with every answer, so that a client always
// has a current one.
func (s *Service) Nonce() string { return s.clock.nonce() }

// at tells whether htu names this path under one of the origins.
func (s *Service) at(htu, path string) bool {
	return slices.ContainsFunc(s.cfg.Origins, func(o string) bool {
		return len(htu) == len(o)+len(path) && htu[:len(o)] == o && htu[len(o):] == path
	})
}

func refused(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrRefused, what, err)
}
