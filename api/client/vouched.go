package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
)

// noteByVault checks a note of what the vault itself sealed.
func (c *Client) noteByVault(ctx context.Context, note string) error {
	return c.underReceiptKey(ctx, ErrNote, func(public api.Bytes) error {
		key, err := clientkey.Of(ed25519.PublicKey(public))
		if err == nil {
			_, err = delivery.Read(note, key)
		}
		if err != nil {
			return ErrNote
		}
		return nil
	})
}

// noteByProgram checks a note of a program: its key, two officers of the partner who
// registered it for the day of the note, the agreement that names them, and the
// stewards who signed that. It gives all of it.
func (c *Client) noteByProgram(ctx context.Context, n *delivery.Note, kid api.Account, note string) (*Vouched, error) {
	v, err := c.VouchedKey(ctx, n.Partner, n.Client, kid)
	if errors.Is(err, ErrNoPartner) || isProblem(err, api.ProblemNotFound) {
		return nil, fmt.Errorf("%w: %w", ErrNote, err)
	}
	if err != nil {
		return nil, err
	}
	key, err := v.Key.JWK.Parse()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNote, err)
	}
	if _, err := delivery.Read(note, key); err != nil || n.Day+statement.Day <= v.Key.From || n.Day >= v.Key.Until {
		return nil, ErrNote
	}
	return v, nil
}
