package accreditation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accreditation/accreditationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Accredit records the caller's voice for an accreditation.
//
// ErrNotFound (package account): the caller is no steward of the current roster,
// or there is no such application. ErrReapplied, ErrSpoken, ErrSuspended as they
// say. statement.ErrRefused: the body is not what is on file, its term is over,
// or the steward is the applicant.
func (a *Accreditations) Accredit(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Outcome]) (Outcome, error) {
	s, body, err := ledger.Take[*statement.Accredit](a.Ledger, caller.Signer(), compact)
	if err != nil {
		return Outcome{}, err
	}
	name := s.BodyHash()
	return a.speak(ctx, s, name, commit, func(ctx context.Context, tx store.Tx, before standing) error {
		switch {
		case before.suspended:
			return ErrSuspended
		case slices.Contains(before.vouched, caller.ID):
			return ErrSpoken
		case a.Now().Unix() >= body.Until:
			return fmt.Errorf("%w: its term is over", statement.ErrRefused)
		case body.Account == caller.ID:
			return fmt.Errorf("%w: nobody accredits herself", statement.ErrRefused)
		}
		return vouch(ctx, tx, name, body, before.account == "")
	})
}

// vouch makes sure that the accreditation is over what is on file, and gives it a
// row with its first voice.
func vouch(ctx context.Context, tx store.Tx, name ID, body *statement.Accredit, first bool) error {
	apply, err := application(ctx, tx, body.Account)
	if err != nil {
		return err
	}
	key, err := account.Load(ctx, tx, body.Account)
	if err != nil {
		return err
	}
	if err := matches(body, key, apply); err != nil || !first {
		return err
	}
	q := accreditationdb.New(tx)
	n, err := q.Count(ctx, string(body.Account))
	if err != nil {
		return fmt.Errorf("count accreditations: %w", err)
	}
	if n >= MaxAccreditations {
		return &account.Quota{Of: "accreditations", Limit: MaxAccreditations}
	}
	hash := apply.Hash()
	err = q.Add(ctx, accreditationdb.AddParams{ID: name[:], Account: string(body.Account), ApplySha256: hash[:], FromS: body.From, UntilS: body.Until})
	if err != nil {
		return fmt.Errorf("store accreditation: %w", err)
	}
	return nil
}

// Suspend ends an accreditation by the word of any one current steward, for
// good. Later words of other stewards are recorded beside it.
func (a *Accreditations) Suspend(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Outcome]) (Outcome, error) {
	s, body, err := ledger.Take[*statement.Suspend](a.Ledger, caller.Signer(), compact)
	if err != nil {
		return Outcome{}, err
	}
	name, err := statement.Hash32(body.Accreditation)
	if err != nil {
		return Outcome{}, fmt.Errorf("%w: accreditation: %w", statement.ErrRefused, err)
	}
	return a.speak(ctx, s, name, commit, func(ctx context.Context, tx store.Tx, before standing) error {
		if before.account != body.Account {
			return account.ErrNotFound
		}
		q := accreditationdb.New(tx)
		_, err := q.Voice(ctx, accreditationdb.VoiceParams{Accreditation: name[:], Steward: string(caller.ID), Act: string(statement.ActSuspend)})
		if err == nil {
			return ErrSpoken
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("look for suspension: %w", err)
		}
		err = q.Suspend(ctx, accreditationdb.SuspendParams{ID: name[:], SuspendedDay: sql.NullInt64{Int64: statement.DayOf(a.Now()), Valid: true}})
		if err != nil {
			return fmt.Errorf("suspend: %w", err)
		}
		return nil
	})
}

// speak is what both acts share: only a current steward speaks, and what check
// decides and writes, her chain and her voice go together.
func (a *Accreditations) speak(ctx context.Context, s *ledger.Taken, name ID, commit account.Commit[Outcome],
	check func(context.Context, store.Tx, standing) error) (Outcome, error) {
	var out Outcome
	write := a.DB.Update
	if _, suspends := s.Body.(*statement.Suspend); suspends {
		write = a.DB.Insist
	}
	err := write(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := a.steward(ctx, tx, s.Issuer)
		if err != nil {
			return err
		}
		before, _, err := load(ctx, tx, name[:])
		if err != nil {
			return err
		}
		if err := check(ctx, tx, before); err != nil {
			return err
		}
		if err := a.record(ctx, tx, s, name); err != nil {
			return err
		}
		after, _, err := load(ctx, tx, name[:])
		if err != nil {
			return err
		}
		out = after.outcome(s.Accepted(), name, current)
		if after.suspended {
			if err := a.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Suspended, Hash: name[:]}); err != nil {
				return err
			}
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

func (a *Accreditations) record(ctx context.Context, tx store.Tx, s *ledger.Taken, name ID) error {
	if err := a.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	err := accreditationdb.New(tx).AddVoice(ctx, accreditationdb.AddVoiceParams{
		Accreditation: name[:], Steward: string(s.Issuer), Act: string(s.Act()), Statement: s.Compact(),
	})
	if err != nil {
		return fmt.Errorf("store a steward's voice: %w", err)
	}
	return nil
}

// steward gives the current roster if it names the account, ErrNotFound otherwise.
func (a *Accreditations) steward(ctx context.Context, tx store.Tx, who id.Thumbprint) (*roster.Roster, error) {
	current, err := a.Book.Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	if _, ok := current.Steward(who); !ok {
		return nil, account.ErrNotFound
	}
	return current, nil
}
