// Package partnertest is a partner organisation that has an agreement with a vault:
// two officers, and a program with a registered key.
//
// Promises: what a function returns is in force when it returns, or the test has
// failed; everything was done over HTTP with the product's own client, by the
// statements that stewards and officers sign. Assumes: a practice vault whose
// steward has enrolled, or can. Does not: start the vault; package vaulttest does.
package partnertest

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/apitest"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// year is how long agreements last here.
const year = 365 * 24 * time.Hour

// World is a vault and its steward, who has enrolled.
type World struct {
	T       testing.TB
	Vault   *vaulttest.Vault
	Steward *client.Client
}

// New enrols the vault's steward.
func New(v *vaulttest.Vault) *World {
	v.T.Helper()
	w := &World{T: v.T, Vault: v, Steward: v.StewardClient()}
	w.must(w.Steward.Enrol(v.T.Context(), statement.Steward, ""))
	return w
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Partner is an organisation whose agreement is in force.
type Partner struct {
	ID        api.ID
	Agreement client.Agreement // as it was signed
	Name      api.Hash         // of the agreement
	Officers  [2]*client.Client
	Keys      [2]*client.Keys // of the officers

	world *World
}

// ID draws one.
func (w *World) ID() api.ID {
	w.T.Helper()
	v, err := id.New(rand.Reader)
	w.must(err)
	return v
}

// Officer is an account that enrolled as a partner, and its keys.
func (w *World) Officer() (*client.Client, *client.Keys) {
	w.T.Helper()
	inv, err := w.Steward.Invite(w.T.Context(), statement.Partner)
	w.must(err)
	keys := w.Vault.Keys()
	c := w.Vault.Client(keys)
	w.must(c.Enrol(w.T.Context(), statement.Partner, inv.Invitation))
	return c, keys
}

// Partner is one with these scopes, or all there are, for a year from now.
func (w *World) Partner(scopes ...api.Scope) *Partner {
	w.T.Helper()
	if len(scopes) == 0 {
		scopes = statement.Scopes()
	}
	p := &Partner{ID: w.ID(), world: w}
	for i := range p.Officers {
		p.Officers[i], p.Keys[i] = w.Officer()
	}
	now := w.Vault.Clock.Now()
	p.Agree(client.Agreement{
		Partner: p.ID, Name: "Women for Memory", Scopes: scopes, From: now.Unix(), Until: now.Add(year).Unix(),
		Officers: []api.Account{p.Officers[0].Account(), p.Officers[1].Account()},
	})
	return p
}

// Agree has the steward sign an agreement, which is then the partner's.
func (p *Partner) Agree(a client.Agreement) {
	p.world.T.Helper()
	out, err := p.world.Steward.AgreeWith(p.world.T.Context(), a)
	p.world.must(err)
	if !out.Effective {
		p.world.T.Fatalf("the agreement is not in force: %+v", out)
	}
	p.Agreement, p.Name = a, out.Agreement
}

// Halt has the steward stop the partner.
func (p *Partner) Halt() {
	p.world.T.Helper()
	_, err := p.world.Steward.Halt(p.world.T.Context(), p.ID, p.Name)
	p.world.must(err)
}

// Program is a program of the partner whose key is registered.
type Program struct {
	*client.Client // of the vault that the partner's world has
	ID             api.ID
	Key            crypto.Signer
	Public         api.JWK

	partner *Partner
}

// Program registers a new program with these scopes, or all that the partner has,
// and an Ed25519 key.
func (p *Partner) Program(scopes ...api.Scope) *Program {
	p.world.T.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	p.world.must(err)
	return p.Keyed(p.world.ID(), key, scopes...)
}

// Keyed registers a key for a program, which may have others.
func (p *Partner) Keyed(client api.ID, key crypto.Signer, scopes ...api.Scope) *Program {
	p.world.T.Helper()
	g := &Program{ID: client, Key: key, partner: p}
	g.Client = g.At(p.world.Vault)
	g.Public = g.credentials().JWK()
	p.Register(p.registration(g, scopes))
	return g
}

func (p *Partner) registration(g *Program, scopes []api.Scope) client.Registration {
	if len(scopes) == 0 {
		scopes = slices.Clone(p.Agreement.Scopes)
	}
	now := p.world.Vault.Clock.Now()
	return client.Registration{Partner: p.ID, Client: g.ID, JWK: g.Public, Scopes: scopes, From: now.Unix(), Until: now.Add(year).Unix()}
}

// Register has both officers sign.
func (p *Partner) Register(r client.Registration) {
	p.world.T.Helper()
	for i, o := range p.Officers {
		out, err := o.Register(p.world.T.Context(), r)
		p.world.must(err)
		if out.Effective != (i == 1) {
			p.world.T.Fatalf("after %d officers: %+v", i+1, out)
		}
	}
}

// Retire has the first officer end the key of a program.
func (p *Partner) Retire(g *Program) {
	p.world.T.Helper()
	p.world.must(p.Officers[0].Retire(p.world.T.Context(), p.ID, g.ID, g.credentials().Key()))
}

func (g *Program) credentials(scopes ...api.Scope) *client.Program {
	g.partner.world.T.Helper()
	made, err := client.NewProgram(g.ID, g.Key, scopes...)
	g.partner.world.must(err)
	return made
}

// At is the program at a node of the vault, with tokens of some scopes or all.
// Whatever goes between the two is held against the contract.
func (g *Program) At(v *vaulttest.Vault, scopes ...api.Scope) *client.Client {
	w := g.partner.world
	w.T.Helper()
	base := http.DefaultTransport.(*http.Transport).Clone()
	w.T.Cleanup(base.CloseIdleConnections)
	held := apitest.Transport(base, func(err error) { w.T.Error(err) })
	c, err := client.New(client.Config{Server: v.URL, Vault: v.ID, Program: g.credentials(scopes...), Now: v.Clock.Now, HTTP: &http.Client{Transport: held}})
	w.must(err)
	return c
}

// Renew makes the officers' clients anew, after the vault was started again.
func (p *Partner) Renew() {
	p.world.T.Helper()
	for i, keys := range p.Keys {
		p.Officers[i] = p.world.Vault.Client(keys)
	}
}
