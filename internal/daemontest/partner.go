package daemontest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// partnerTerm is how long an agreement lasts; its programs end an hour earlier.
const partnerTerm = 200 * 24 * time.Hour

// Partner is an organisation with two officers, which may do everything.
type Partner struct {
	ID       api.ID
	Officers [2]*client.Client

	until time.Time
}

// Partner has the steward agree with a new one.
func (p *People) Partner(ctx context.Context) (*Partner, error) {
	name, err := id.New(rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	out := &Partner{ID: name, until: now.Add(partnerTerm)}
	for i := range out.Officers {
		if out.Officers[i], err = p.officer(ctx); err != nil {
			return nil, err
		}
	}
	_, err = p.Steward.AgreeWith(ctx, client.Agreement{Partner: name, Name: "Women for Memory", Scopes: statement.Scopes(), From: now.Unix(), Until: out.until.Unix(),
		Officers: []api.Account{out.Officers[0].Account(), out.Officers[1].Account()}})
	return out, err
}

// officer accepts an invitation of the steward's.
func (p *People) officer(ctx context.Context) (*client.Client, error) {
	inv, err := p.Steward.Invite(ctx, statement.Partner)
	if err != nil {
		return nil, err
	}
	keys, err := p.Keys()
	if err != nil {
		return nil, err
	}
	c, err := p.Client(keys, api.Head{})
	if err != nil {
		return nil, err
	}
	return c, c.Enrol(ctx, statement.Partner, inv.Invitation)
}

// Program has both officers register a new program.
func (p *Partner) Program(ctx context.Context) (*client.Program, error) {
	name, err := id.New(rand.Reader)
	if err != nil {
		return nil, err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	program, err := client.NewProgram(name, key)
	if err != nil {
		return nil, err
	}
	r := client.Registration{Partner: p.ID, Client: name, JWK: program.JWK(), Scopes: statement.Scopes(), From: time.Now().Unix(), Until: p.until.Add(-time.Hour).Unix()}
	for _, o := range p.Officers {
		if _, err := o.Register(ctx, r); err != nil {
			return nil, err
		}
	}
	return program, nil
}
