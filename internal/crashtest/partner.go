package crashtest

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

// partner is an organisation whose program brings things to the women.
type partner struct {
	id      api.ID
	program *client.Program
}

// partnered brings a partner in.
func (w *World) partnered(ctx context.Context) error {
	p := &partner{}
	var name api.ID
	var err error
	if p.id, err = id.New(rand.Reader); err != nil {
		return err
	}
	if name, err = id.New(rand.Reader); err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	if p.program, err = client.NewProgram(name, key); err != nil {
		return err
	}
	var officers [2]*client.Client
	for i := range officers {
		if officers[i], err = w.newOfficer(ctx); err != nil {
			return err
		}
	}
	from, until := time.Now().Unix(), time.Now().Add(200*24*time.Hour).Unix()
	_, err = w.people.Steward.AgreeWith(ctx, client.Agreement{Partner: p.id, Name: "Women for Memory", Scopes: statement.Scopes(), From: from, Until: until,
		Officers: []api.Account{officers[0].Account(), officers[1].Account()}})
	if err != nil {
		return err
	}
	for _, o := range officers {
		if _, err := o.Register(ctx, client.Registration{Partner: p.id, Client: name, JWK: p.program.JWK(), Scopes: statement.Scopes(), From: from, Until: until}); err != nil {
			return err
		}
	}
	w.partner = p
	return nil
}

func (w *World) newOfficer(ctx context.Context) (*client.Client, error) {
	inv, err := w.people.Steward.Invite(ctx, statement.Partner)
	if err != nil {
		return nil, err
	}
	keys, err := w.people.Keys()
	if err != nil {
		return nil, err
	}
	c, err := w.people.Client(keys, api.Head{})
	if err != nil {
		return nil, err
	}
	return c, c.Enrol(ctx, statement.Partner, inv.Invitation)
}

// bringing is a woman's tray, and a line of the partner's to it.
type bringing struct {
	program *client.Client
	place   client.Place
	waits   map[api.ID]part // what was acknowledged and nobody has decided on
	known   map[api.ID]bool // what was ever acknowledged
}

// meets gives a woman a tray for the partner.
func (p *partner) meets(ctx context.Context, w *World, her *client.Client) (*bringing, error) {
	tray, err := her.OpenTray(ctx, p.id)
	if err != nil {
		return nil, err
	}
	b := &bringing{place: client.Place{Recipient: her.Recipient(), Code: tray.Code}, waits: map[api.ID]part{}, known: map[api.ID]bool{}}
	b.program, err = client.New(client.Config{Server: w.origin, Vault: w.people.Vault(), Program: p.program})
	return b, err
}
