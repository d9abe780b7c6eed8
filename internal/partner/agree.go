package partner

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Agree records the caller's voice for an agreement.
//
// account.ErrNotFound: the caller is no steward of the current roster. ErrSpoken,
// ErrHalted, ErrTaken as they say. statement.ErrRefused: its term is over, or an
// officer is no account that enrolled as a partner.
func (r *Registry) Agree(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Outcome]) (Outcome, error) {
	s, body, err := ledger.Take[*statement.Agree](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return Outcome{}, err
	}
	name := s.BodyHash()
	var out Outcome
	return out, r.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := r.steward(ctx, tx, s.Issuer)
		if err != nil {
			return err
		}
		if err := r.agreeable(ctx, tx, body, name); err != nil {
			return err
		}
		if err := r.hear(ctx, tx, s, name); err != nil {
			return err
		}
		after, err := r.reach(ctx, tx, body, name, current)
		if err != nil {
			return err
		}
		out = after.outcome(s.Accepted(), current)
		return commit.Do(ctx, tx, out)
	})
}

// agreeable refuses what could not count, and gives an agreement its row with its
// first voice.
func (r *Registry) agreeable(ctx context.Context, tx store.Tx, body *statement.Agree, name Hash) error {
	if r.Now().Unix() >= body.Until {
		return fmt.Errorf("%w: its term is over", statement.ErrRefused)
	}
	all, _, err := r.agreements(ctx, tx, body.Partner)
	if err != nil {
		return err
	}
	before := named(all, name)
	switch {
	case before != nil && before.halted:
		return ErrHalted
	case before == nil && len(all) >= MaxAgreements:
		return &account.Quota{Of: "agreements", Limit: MaxAgreements}
	}
	for _, o := range body.Officers {
		if err := r.appointable(ctx, tx, o, body.Partner); err != nil {
			return err
		}
	}
	return write(ctx, tx, body, name)
}

// appointable makes sure that an officer is an account of role partner, and no
// other partner's.
func (r *Registry) appointable(ctx context.Context, tx store.Tx, who id.Thumbprint, partner id.ID) error {
	found, err := account.Load(ctx, tx, who)
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return err
	}
	if found.Role != statement.Partner {
		return fmt.Errorf("%w: it names an officer who has not enrolled as a partner", statement.ErrRefused)
	}
	other, err := r.Officer(ctx, tx, who)
	if err == nil && other.ID != partner {
		return ErrTaken
	}
	if errors.Is(err, account.ErrNotFound) {
		return nil
	}
	return err
}

// write is for a first voice; after another it changes nothing. A row that holds a
// place only, after a restore, becomes whole.
func write(ctx context.Context, tx store.Tx, body *statement.Agree, name Hash) error {
	q := partnerdb.New(tx)
	err := q.AddAgreement(ctx, partnerdb.AddAgreementParams{
		ID: name[:], Partner: string(body.Partner), Scopes: spell(body.Scopes), FromS: body.From, UntilS: body.Until,
	})
	for _, o := range body.Officers {
		if err == nil {
			err = q.AddOfficer(ctx, partnerdb.AddOfficerParams{Agreement: name[:], Officer: string(o)})
		}
	}
	if err != nil {
		return fmt.Errorf("store agreement: %w", err)
	}
	return nil
}

// reach marks an agreement that has voices enough. From then on older ones are out
// of force for good, which a restored backup must not undo: the journal knows.
func (r *Registry) reach(ctx context.Context, tx store.Tx, body *statement.Agree, name Hash, current *roster.Roster) (*agreement, error) {
	all, _, err := r.agreements(ctx, tx, body.Partner)
	if err != nil {
		return nil, err
	}
	a := named(all, name)
	if a.reached || !a.effective(current) {
		return a, nil
	}
	today := sql.NullInt64{Int64: statement.DayOf(r.Now()), Valid: true}
	if err := partnerdb.New(tx).Reach(ctx, partnerdb.ReachParams{ID: name[:], ReachedDay: today}); err != nil {
		return nil, fmt.Errorf("mark agreement: %w", err)
	}
	return a, r.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Agreed, Hash: name[:], ID: body.Partner, N: body.From})
}

// Halt ends an agreement by the word of any one current steward, for good. Later
// words of other stewards are recorded beside it.
func (r *Registry) Halt(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Outcome]) (Outcome, error) {
	s, body, err := ledger.Take[*statement.Halt](r.Ledger, caller.Signer(), compact)
	if err != nil {
		return Outcome{}, err
	}
	name, err := statement.Hash32(body.Agreement)
	if err != nil {
		return Outcome{}, fmt.Errorf("%w: agreement: %w", statement.ErrRefused, err)
	}
	var out Outcome
	return out, r.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := r.steward(ctx, tx, s.Issuer)
		if err != nil {
			return err
		}
		all, _, err := r.agreements(ctx, tx, body.Partner)
		if err != nil {
			return err
		}
		a := named(all, name)
		if a == nil {
			return account.ErrNotFound
		}
		if err := r.hear(ctx, tx, s, name); err != nil {
			return err
		}
		err = partnerdb.New(tx).Halt(ctx, partnerdb.HaltParams{Agreement: name[:], Day: statement.DayOf(r.Now())})
		if err != nil {
			return fmt.Errorf("halt: %w", err)
		}
		a.halted = true
		if r.Halted != nil {
			if err := r.Halted(ctx, tx, body.Partner); err != nil {
				return err
			}
		}
		out = a.outcome(s.Accepted(), current)
		if err := r.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Halted, Hash: name[:]}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
}

// hear takes a steward's voice into her chain and onto the agreement, once.
func (r *Registry) hear(ctx context.Context, tx store.Tx, s *ledger.Taken, name Hash) error {
	q := partnerdb.New(tx)
	n, err := q.HasSpoken(ctx, partnerdb.HasSpokenParams{Agreement: name[:], Steward: string(s.Issuer), Act: string(s.Act())})
	if err != nil {
		return fmt.Errorf("look for a steward's voice: %w", err)
	}
	if n > 0 {
		return ErrSpoken
	}
	if err := r.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	err = q.AddVoice(ctx, partnerdb.AddVoiceParams{Agreement: name[:], Steward: string(s.Issuer), Act: string(s.Act()), Statement: s.Compact()})
	if err != nil {
		return fmt.Errorf("store a steward's voice: %w", err)
	}
	return nil
}

// steward gives the current roster if it names the account, account.ErrNotFound
// otherwise.
func (r *Registry) steward(ctx context.Context, tx store.Tx, who id.Thumbprint) (*roster.Roster, error) {
	current, err := r.Book.Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	if _, ok := current.Steward(who); !ok {
		return nil, account.ErrNotFound
	}
	return current, nil
}
