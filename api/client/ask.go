package client

import (
	"context"
	"fmt"
	"net/http"

	"github.com/relatingfield/vault/api"
)

// Ask lets a server say which vault it is, without keys and without anything to
// hold the answer against: cfg.Vault is not used. Whoever acts on the id trusts
// the server, which is what the id on a card is there to spare; show it, and have
// it compared.
func Ask(ctx context.Context, cfg Config) (*api.Vault, error) {
	cfg.Keys, cfg.Vault = nil, api.HashOf(nil) // any but the zero one
	c, err := New(cfg)
	if err != nil {
		return nil, err
	}
	v := new(api.Vault)
	if err := c.json(ctx, call{method: http.MethodGet, path: "/v1/vault", repeat: true}, v); err != nil {
		return nil, fmt.Errorf("ask the server which vault it is: %w", err)
	}
	return v, nil
}
