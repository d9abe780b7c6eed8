package client

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// noteByVault checks a note of what the vault itself sealed.
func (c *Client) noteByVault(ctx context.Context, note string) error {
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return err
	}
	for _, public := range v.ReceiptKeys {
		key, err := clientkey.Of(edKey(public))
		if err != nil {
			continue
		}
		if _, err := delivery.Read(note, key); err == nil {
			return nil
		}
	}
	return ErrNote
}

// noteByProgram checks a note of a program: its key, two officers of the partner who
// registered it, the agreement that names them, and the stewards who signed that. It
// gives the partner's name. An agreement or key that is over by now was good then: an
// item that came stays what it was.
func (c *Client) noteByProgram(ctx context.Context, n *delivery.Note, kid api.Account, note string) (name string, err error) {
	agreements, err := c.agreements(ctx, n.Partner)
	if err != nil {
		return "", err
	}
	var record api.ClientRecord
	if err := c.get(ctx, fmt.Sprintf("/v1/partners/%s/clients/%s", n.Partner, n.Client), &record); err != nil {
		return "", notThere(err)
	}
	for _, a := range agreements {
		for _, key := range c.registered(a, n, record, kid) {
			if _, err := delivery.Read(note, key); err == nil {
				return a.Name, nil
			}
		}
	}
	return "", ErrNote
}

// notThere makes a 404 of a partner that a note names a note that nobody vouches for.
func notThere(err error) error {
	if isProblem(err, api.ProblemNotFound) {
		return ErrNote
	}
	return err
}

// agreements are those of a partner that enough stewards signed and none has halted.
func (c *Client) agreements(ctx context.Context, partner api.ID) ([]*statement.Agree, error) {
	var record api.PartnerRecord
	if err := c.get(ctx, "/v1/partners/"+string(partner), &record); err != nil {
		return nil, notThere(err)
	}
	s, err := c.stewards(ctx)
	if err != nil {
		return nil, err
	}
	voices, bodies := map[api.Hash][]api.Account{}, map[api.Hash]*statement.Agree{}
	for _, text := range record.Agrees {
		said, err := c.foreign(text)
		if err != nil {
			continue
		}
		if body, ok := said.Body.(*statement.Agree); ok && body.Partner == partner {
			h := api.Hash(said.BodyHash())
			voices[h], bodies[h] = append(voices[h], said.Issuer), body
		}
	}
	c.dropHalted(s, record.Halts, bodies)
	var out []*statement.Agree
	for h, body := range bodies {
		if s.now.Approved(voices[h]) {
			out = append(out, body)
		}
	}
	return out, nil
}

func (c *Client) dropHalted(s *stewards, halts []string, bodies map[api.Hash]*statement.Agree) {
	for _, text := range halts {
		said, err := c.foreign(text)
		if err != nil || !s.ever[said.Issuer] {
			continue
		}
		if body, ok := said.Body.(*statement.Halt); ok {
			if h, err := api.ParseHash(body.Agreement); err == nil {
				delete(bodies, h)
			}
		}
	}
}

// registered are the keys of a thumbprint that two officers of an agreement signed
// for, for the day of a note, and none retired.
func (c *Client) registered(a *statement.Agree, n *delivery.Note, record api.ClientRecord, kid api.Account) (out []*clientkey.Key) {
	officers := map[api.Account]bool{}
	for _, o := range a.Officers {
		officers[o] = true
	}
	voices, keys := map[api.Hash]map[api.Account]bool{}, map[api.Hash]*clientkey.Key{}
	for _, text := range record.Clients {
		said, err := c.foreign(text)
		if err != nil || !officers[said.Issuer] {
			continue
		}
		body, ok := said.Body.(*statement.Client)
		if !ok || body.Partner != n.Partner || body.Client != n.Client || n.Day+statement.Day <= body.From || n.Day >= body.Until {
			continue
		}
		key, err := body.JWK.Parse()
		if err != nil || key.Thumbprint() != kid {
			continue
		}
		h := api.Hash(said.BodyHash())
		if voices[h] == nil {
			voices[h] = map[api.Account]bool{}
		}
		voices[h][said.Issuer], keys[h] = true, key
	}
	for h, who := range voices {
		if len(who) >= 2 {
			out = append(out, keys[h])
		}
	}
	return out
}
