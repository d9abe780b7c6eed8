package accreditation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation/accreditationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Apply files a researcher's application in the place of an earlier one.
// Accreditations over the earlier one stop counting, and grants that rest on
// them stop opening: another name, institution or purpose is not what she said
// yes to. Accreditation for a further year needs no new application.
func (a *Accreditations) Apply(ctx context.Context, caller account.Caller, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Apply](a.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	return s.Accepted(), a.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := applicant(ctx, tx, caller.ID, body); err != nil {
			return err
		}
		if err := a.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		hash := s.Hash()
		err := accreditationdb.New(tx).Apply(ctx, accreditationdb.ApplyParams{
			Account: string(caller.ID), ApplySha256: hash[:], Statement: compact,
		})
		if err != nil {
			return fmt.Errorf("store application: %w", err)
		}
		return commit.Do(ctx, tx, s)
	})
}

// applicant checks that the signer is a researcher and speaks of her own key.
func applicant(ctx context.Context, tx store.Tx, who id.Thumbprint, body *statement.Apply) error {
	own, err := account.Load(ctx, tx, who)
	switch {
	case errors.Is(err, account.ErrNotFound):
		return ledger.ErrNotEnrolled
	case err != nil:
		return err
	case own.Role != statement.Researcher:
		return fmt.Errorf("%w: only an account that enrolled as a researcher applies", statement.ErrRefused)
	case body.KeySHA256 != statement.B64(own.KeySHA256[:]):
		return fmt.Errorf("%w: it names another key statement than this account's", statement.ErrRefused)
	}
	return nil
}

// application reads what somebody applied with last, or account.ErrNotFound.
func application(ctx context.Context, tx store.Tx, who id.Thumbprint) (*statement.Statement, error) {
	row, err := stored(ctx, tx, who)
	if err != nil {
		return nil, err
	}
	s, err := statement.Parse(row.Statement)
	if err != nil {
		return nil, fmt.Errorf("read application: %w", err)
	}
	if _, ok := s.Body.(*statement.Apply); !ok {
		return nil, fmt.Errorf("read application: it is a statement of act %s", s.Act())
	}
	return s, nil
}

func stored(ctx context.Context, tx store.Tx, who id.Thumbprint) (accreditationdb.Application, error) {
	row, err := accreditationdb.New(tx).Application(ctx, string(who))
	if errors.Is(err, sql.ErrNoRows) {
		return row, account.ErrNotFound
	}
	if err != nil {
		return row, fmt.Errorf("read application: %w", err)
	}
	return row, nil
}
