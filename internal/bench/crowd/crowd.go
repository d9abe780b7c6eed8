// Package crowd is people who know beforehand what they will say.
//
// A Person signs statements and proofs ahead of the clock, each statement after
// the one before, so that during a measurement requests only have to be sent.
// That holds for a minute at least: a proof carries the vault's nonce, which is
// good for the minute it was handed out in and the next. Renew begins another.
//
// It assumes that every request is accepted and in order: after a refusal the
// chain is not where the rest of the requests think it is, and Refresh fails or
// finds out. Payloads are sealed once and sent again and again under new names,
// which no person would do and the vault cannot tell.
package crowd

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/bench/wire"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Person is one enrolled account.
type Person struct {
	Client *client.Client
	Keys   *client.Keys

	addr   string
	signer *statement.Signer
	head   statement.Head
	token  *client.Token
	nonce  string
	about  map[api.ID][][sha256.Size]byte // hashes of the statements about each testimony
}

// Enrol brings so many participants into a running vault, ready to ask.
func Enrol(ctx context.Context, people *daemontest.People, addr string, n int) ([]*Person, error) {
	out := make([]*Person, n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range out {
		g.Go(func() error {
			c, keys, err := people.Participant(ctx)
			if err != nil {
				return err
			}
			out[i] = Of(people.Vault(), addr, c, keys)
			return out[i].Refresh(ctx)
		})
	}
	return out, g.Wait()
}

// Of is a person whose client exists; Refresh comes next.
func Of(vault api.Hash, addr string, c *client.Client, keys *client.Keys) *Person {
	return &Person{Client: c, Keys: keys, addr: addr, about: map[api.ID][][sha256.Size]byte{},
		signer: &statement.Signer{Key: keys, Vault: vault.String(), Rand: rand.Reader, Now: time.Now}}
}

// Refresh reads the chain and is Renew.
func (p *Person) Refresh(ctx context.Context) error {
	head, err := p.Client.Head(ctx)
	if err != nil {
		return err
	}
	p.head = head.Of()
	return p.Renew(ctx)
}

// Renew signs in if need be and learns the newest nonce.
func (p *Person) Renew(ctx context.Context) (err error) {
	if p.token, err = p.Client.Token(ctx); err != nil {
		return err
	}
	return p.askNonce()
}

func (p *Person) askNonce() error {
	c, err := wire.Dial(p.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	a, err := c.Do(wire.Head("GET", p.addr, "/livez", -1))
	if err != nil {
		return err
	}
	p.nonce = a.Header.Get(api.HeaderDPoPNonce)
	return a.OK()
}

// Sign makes the next statement of the person's chain.
func (p *Person) Sign(body statement.Body) (*statement.Statement, error) {
	s, head, err := p.signer.Sign(p.head, body)
	if err != nil {
		return nil, err
	}
	p.head = head
	if t, ok := statement.SubjectOf(s.Body); ok {
		p.about[t] = append(p.about[t], s.Hash())
	}
	return s, nil
}

// Ask writes the head of a signed-in request; n is the body's length, -1 for none.
// Fields are name, value, name, value.
func (p *Person) Ask(method, path string, n int64, fields ...string) ([]byte, error) {
	proof, err := p.token.Proof(rand.Reader, time.Now().Unix(), method, "http://"+p.addr+path, p.nonce)
	if err != nil {
		return nil, err
	}
	signed := []string{"Authorization", api.SchemeDPoP + " " + p.token.Access(), api.HeaderDPoP, proof}
	return wire.Head(method, p.addr, path, n, append(signed, fields...)...), nil
}

// Get makes a signed-in request without a body.
func (p *Person) Get(path string) (Request, error) {
	return p.request(func() ([]byte, error) { return p.Ask("GET", path, -1) })
}

// create makes a request that creates something by a JSON body in pieces.
func (p *Person) create(path string, body ...[]byte) (Request, error) {
	key, err := uuid()
	if err != nil {
		return Request{}, err
	}
	n := 0
	for _, piece := range body {
		n += len(piece)
	}
	return p.request(func() ([]byte, error) {
		return p.Ask("POST", path, int64(n), "Content-Type", api.MediaJSON, api.HeaderIdempotencyKey, `"`+key+`"`)
	}, body...)
}

func uuid() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:]), nil
}

func newID() (id.ID, error) { return id.New(rand.Reader) }
