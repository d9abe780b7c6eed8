package testimony

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/warning"
)

// SetMode records that she keeps a testimony as evidence, or only listens again.
//
// The vault keeps the act and its event, and nothing else follows from it here:
// what evidence mode allows is sealed inside parts, where the vault cannot look,
// so her client is what holds to it. No column says which testimonies are
// evidence, because a list of them is what somebody would come for. All that can
// be checked is checked: evidence needs the digest of a warning that exists, and
// back to listening is always taken.
func (v *Vault) SetMode(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Mode](v.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Testimony != testimony {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	if err := checkWarning(body); err != nil {
		return ledger.Accepted{}, err
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		if err := v.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
			return err
		}
		err = custody.Record(ctx, tx, testimony, key, custody.Event{Kind: custody.Mode, At: v.today(), Actor: caller.ID, Detail: body.Mode})
		if err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func checkWarning(m *statement.Mode) error {
	if m.Mode != statement.Evidence {
		return nil
	}
	sum, err := statement.Hash32(m.WarningSHA256)
	if err != nil {
		return err
	}
	if _, ok := warning.Shown(sum); !ok {
		return ErrWarning
	}
	return nil
}
