package partner

import (
	"context"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// SigningKey gives the key of a partner's client that has this thumbprint and counts
// now, account.ErrNotFound otherwise: for what a client signs beside its requests.
func (r *Registry) SigningKey(ctx context.Context, tx store.Tx, partner, client id.ID, of id.Thumbprint) (*clientkey.Key, error) {
	keys, err := r.keys(ctx, tx, client)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.Partner == partner && k.Key == of {
			return k.public, nil
		}
	}
	return nil, account.ErrNotFound
}
