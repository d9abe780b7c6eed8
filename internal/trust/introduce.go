package trust

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// Introduce says whether whoever knows the caller's account may ask for its key,
// to name it a trustee. Accounts are seen by readers and by other trustees; until
// its holder says so, none of them learns from the vault that it is there, as what
// and since when.
func (p *Policies) Introduce(ctx context.Context, caller account.Caller, open bool) error {
	if caller.Role == "" {
		return ledger.ErrNotEnrolled
	}
	return p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		change := trustdb.New(tx).Withdraw
		if open {
			change = trustdb.New(tx).Introduce
		}
		if err := change(ctx, string(caller.ID)); err != nil {
			return fmt.Errorf("introduce an account: %w", err)
		}
		return nil
	})
}

// Key is the key statement of an account that was introduced, and what changed it since, for an enrolled
// caller who was told the account; ErrNotFound for every other. Its reader holds it
// against the account: the vault could answer with any.
func (p *Policies) Key(ctx context.Context, caller account.Caller, who id.Thumbprint) (key string, rekeys []string, err error) {
	if caller.Role == "" {
		return "", nil, ErrNotFound
	}
	err = p.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := trustdb.New(tx).Introduced(ctx, string(who))
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("look for an introduction: %w", err)
		}
		s, err := p.Ledger.Statement(ctx, tx, who, 1)
		if err != nil {
			return err
		}
		key = s.Compact()
		rekeys, err = p.rekeys(ctx, tx, who)
		return err
	})
	return key, rekeys, err
}
