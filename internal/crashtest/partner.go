package crashtest

import (
	"context"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// partner is an organisation whose program brings things to the women.
type partner struct {
	id      api.ID
	program *client.Program
}

// partnered brings a partner in.
func (w *World) partnered(ctx context.Context) error {
	p, err := w.people.Partner(ctx)
	if err != nil {
		return err
	}
	program, err := p.Program(ctx)
	w.partner = &partner{p.ID, program}
	return err
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
