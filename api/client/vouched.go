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
	v, err := c.vaultInfo(ctx)
	if err != nil {
		return err
	}
	for _, public := range v.ReceiptKeys {
		key, err := clientkey.Of(ed25519.PublicKey(public))
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
