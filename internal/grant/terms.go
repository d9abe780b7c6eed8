package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Why the terms that count can live in a row and in a statement at once.
//
// The decision reads the row; whoever shows or narrows terms reads the statement
// that terms_seq names. Both are written in one transaction, and nothing else
// writes either, so they cannot say different things. That row is also the one
// that an opening enters (see toOpen): a reader who came first is counted, one who
// comes after is judged by the new terms.

// Renew gives a grant new terms, wider or narrower, under an accreditation that
// counts now. Its policy, headers and reads so far stay; whatever was asked about
// it is answered, and what a restore had held back is free again. A grant whose
// term is over cannot be renewed: ErrOver. Settle afterwards.
func (g *Grants) Renew(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	if err := g.mayGrant(ctx, caller, testimony); err != nil {
		return ledger.Accepted{}, err
	}
	s, body, err := ledger.Take[*statement.Renew](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Until <= g.Now().Unix() {
		return ledger.Accepted{}, fmt.Errorf("%w: its term is over already", statement.ErrRefused)
	}
	c := change{s, testimony, body.Testimony, body.Grant, body.Terms, custody.Renewed}
	return g.change(ctx, caller, c, commit, func(ctx context.Context, tx store.Tx, row grantdb.InForceRow, _ statement.Terms) error {
		return g.renewed(ctx, tx, row, body)
	})
}

// Narrow takes back part of what a grant allows: ErrWider unless the terms lie
// within those in force. It needs nothing else, also where the grant is paused,
// waiting, suspended or over. Settle afterwards.
func (g *Grants) Narrow(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Narrow](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	c := change{s, testimony, body.Testimony, body.Grant, body.Terms, custody.Narrowed}
	return g.change(ctx, caller, c, commit, func(_ context.Context, _ store.Tx, _ grantdb.InForceRow, old statement.Terms) error {
		if !body.Terms.Within(old) {
			return fmt.Errorf("%w: %w", statement.ErrRefused, statement.ErrWider)
		}
		return nil
	})
}

// change is a statement that replaces the terms of a grant.
type change struct {
	*ledger.Taken
	asked     id.ID // the testimony of the request
	testimony id.ID // and of the statement
	grant     id.ID
	terms     statement.Terms
	kind      custody.Kind
}

// mayChange says no, given the row and the terms as they were.
type mayChange func(ctx context.Context, tx store.Tx, row grantdb.InForceRow, old statement.Terms) error

// change puts new terms in force once may has agreed.
func (g *Grants) change(ctx context.Context, caller account.Caller, c change, commit ledger.Commit, may mayChange) (ledger.Accepted, error) {
	if c.testimony != c.asked {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	// Whether it takes anything back shows within; what does must be possible.
	err := g.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		key, row, err := g.standing(ctx, tx, caller.ID, c.testimony, c.grant)
		if err != nil {
			return err
		}
		old, err := g.inForce(ctx, tx, caller.ID, row)
		if err != nil {
			return err
		}
		// Before the terms are looked at: whoever missed a statement of hers is told
		// that, and not that the terms it changed are too narrow.
		if err := g.Ledger.Append(ctx, tx, key, c.Statement); err != nil {
			return err
		}
		if err := may(ctx, tx, row, old); err != nil {
			return err
		}
		if err := g.put(ctx, tx, caller, key, c); err != nil {
			return err
		}
		if err := g.Journal.Write(ctx, tx, restricting(old, c)...); err != nil {
			return err
		}
		return commit.Do(ctx, tx, c.Taken)
	})
	return c.Accepted(), err
}

// restricting is what a restore must not forget: terms that took anything back,
// whatever else they gave.
func restricting(old statement.Terms, c change) []journal.Entry {
	if old.Within(c.terms) {
		return nil
	}
	return []journal.Entry{{Kind: journal.Narrowed, ID: c.grant, N: c.Seq}}
}

// put writes the terms and the event.
func (g *Grants) put(ctx context.Context, tx store.Tx, caller account.Caller, key *shred.Key, c change) error {
	err := grantdb.New(tx).Retermed(ctx, grantdb.RetermedParams{FromS: c.terms.From, UntilS: c.terms.Until, MaxReads: c.terms.MaxReads, TermsSeq: c.Seq, ID: string(c.grant)})
	if err != nil {
		return fmt.Errorf("change terms: %w", err)
	}
	return custody.Record(ctx, tx, c.testimony, key, custody.Event{Kind: c.kind, At: g.today(), Actor: caller.ID, Grant: c.grant})
}

// renewed refuses a renewal that has no ground, and clears what it answers.
func (g *Grants) renewed(ctx context.Context, tx store.Tx, row grantdb.InForceRow, body *statement.Renew) error {
	now := g.Now().Unix()
	if row.UntilS <= now {
		return ErrOver
	}
	accreditation, err := statement.Hash32(body.Accreditation)
	if err != nil {
		return err
	}
	live, err := g.Reader.Live(ctx, tx, accreditation[:], id.Thumbprint(row.Grantee), now)
	if err != nil {
		return err
	}
	if !live {
		return ErrUnaccredited
	}
	if err := g.checkAnswered(ctx, tx, id.Thumbprint(row.Grantee)); err != nil {
		return err
	}
	q := grantdb.New(tx)
	if err := q.Renewed(ctx, grantdb.RenewedParams{Accreditation: accreditation[:], ID: string(body.Grant)}); err != nil {
		return fmt.Errorf("renew grant: %w", err)
	}
	if err := q.CloseAsks(ctx, string(body.Grant)); err != nil {
		return fmt.Errorf("answer requests: %w", err)
	}
	return nil
}

// standing finds a grant of hers that she has not ended, with the testimony's key.
func (g *Grants) standing(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony, grant id.ID) (*shred.Key, grantdb.InForceRow, error) {
	key, err := g.own(ctx, tx, owner, testimony)
	if err != nil {
		return nil, grantdb.InForceRow{}, err
	}
	row, err := grantdb.New(tx).InForce(ctx, grantdb.InForceParams{ID: string(grant), Testimony: string(testimony), Owner: string(owner)})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, row, g.whyNot(ctx, tx, &statement.Revoke{Testimony: testimony, Grant: grant})
	}
	if err != nil {
		return nil, row, fmt.Errorf("find grant: %w", err)
	}
	return key, row, nil
}

// inForce reads the terms that count, as she signed them.
func (g *Grants) inForce(ctx context.Context, tx store.Tx, owner id.Thumbprint, row grantdb.InForceRow) (statement.Terms, error) {
	s, err := g.Ledger.Statement(ctx, tx, owner, max(row.Seq, row.TermsSeq))
	if err != nil {
		return statement.Terms{}, err
	}
	switch body := s.Body.(type) {
	case *statement.Grant:
		return body.Terms, nil
	case *statement.Renew:
		return body.Terms, nil
	case *statement.Narrow:
		return body.Terms, nil
	}
	return statement.Terms{}, fmt.Errorf("read terms: statement %d has none", s.Seq)
}
