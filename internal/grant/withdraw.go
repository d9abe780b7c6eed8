package grant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Withdrawn is the answer to a withdrawal.
type Withdrawn struct {
	ledger.Accepted
	Grants int64 // that ended, or lost a part
}

// Withdraw ends every grant of hers that the statement means, in one transaction,
// and returns when no node sends another byte under any of them. That nothing was
// left to end is no error. A grant that races with it either has an earlier place
// in her chain, and ends, or is refused: both move the chain's head.
func (g *Grants) Withdraw(ctx context.Context, caller account.Caller, compact string, commit account.Commit[Withdrawn]) (Withdrawn, error) {
	s, body, err := ledger.Take[*statement.Withdraw](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return Withdrawn{}, err
	}
	out := Withdrawn{Accepted: s.Accepted()}
	err = g.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		ended, err := g.withdraw(ctx, tx, caller, s, body)
		if err != nil {
			return err
		}
		out.Grants = int64(len(ended))
		if err := g.Journal.Write(ctx, tx, restrictions(s.Compact(), ended, body.N)...); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	if err != nil {
		return Withdrawn{}, err
	}
	return out, g.SettleAll(ctx, caller.ID)
}

func (g *Grants) withdraw(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Withdraw) ([]closure.Ended, error) {
	var key *shred.Key
	var err error
	if body.Testimony != "" {
		if key, err = g.own(ctx, tx, caller.ID, body.Testimony); err != nil {
			return nil, err
		}
	}
	if err := g.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
		return nil, err
	}
	e := g.ending(caller.ID, s.Seq)
	if body.N != 0 {
		err = g.withdrawPart(ctx, tx, e, body)
	} else {
		err = g.withdrawGrants(ctx, tx, e, body)
	}
	if err != nil {
		return nil, err
	}
	if g.Withdrawn != nil {
		if err := g.Withdrawn(ctx, tx, caller.ID, body); err != nil {
			return nil, err
		}
	}
	return g.told(ctx, tx, e, body.N)
}

// ending is what a statement of hers ends today.
func (g *Grants) ending(owner id.Thumbprint, seq int64) closure.Ending {
	day := g.today()
	return closure.Ending{Owner: owner, Seq: seq, Day: day, Due: closure.DueAt(day, g.AnswerWithin)}
}

func (g *Grants) withdrawGrants(ctx context.Context, tx store.Tx, e closure.Ending, body *statement.Withdraw) error {
	err := grantdb.New(tx).Withdraw(ctx, grantdb.WithdrawParams{Seq: e.Seq, Owner: string(e.Owner),
		Testimony: optional(string(body.Testimony)), Grantee: optional(string(body.Grantee))})
	if err != nil {
		return fmt.Errorf("withdraw grants: %w", err)
	}
	return g.conclude(ctx, tx, e)
}

// withdrawPart takes one part out of the grants on it, and ends those that have
// no other. Touching every one of them makes this and an opening that runs at the
// same time write one row: see toOpen.
func (g *Grants) withdrawPart(ctx context.Context, tx store.Tx, e closure.Ending, body *statement.Withdraw) error {
	q, t := grantdb.New(tx), string(body.Testimony)
	err := q.WithdrawPart(ctx, grantdb.WithdrawPartParams{Seq: e.Seq, Testimony: t, N: body.N, Owner: string(e.Owner), Grantee: optional(string(body.Grantee))})
	if err != nil {
		return fmt.Errorf("withdraw part: %w", err)
	}
	if err := q.TouchWithout(ctx, grantdb.TouchWithoutParams{Testimony: t, N: body.N, Seq: e.Seq}); err != nil {
		return fmt.Errorf("withdraw part: %w", err)
	}
	if err := q.RevokeEmptied(ctx, grantdb.RevokeEmptiedParams{Seq: e.Seq, Testimony: t, N: body.N}); err != nil {
		return fmt.Errorf("end grants without parts: %w", err)
	}
	if err := g.strike(ctx, tx, e); err != nil {
		return err
	}
	return e.BeginPart(ctx, tx, body.Testimony, body.N)
}

// conclude destroys the headers of the grants that were just marked as ended,
// counts them out and begins to wait for their readers' answers. Its statements
// are as many for a thousand grants as for one.
func (g *Grants) conclude(ctx context.Context, tx store.Tx, e closure.Ending) error {
	if err := grantdb.New(tx).EndParts(ctx, grantdb.EndPartsParams{Seq: e.Seq, Owner: string(e.Owner)}); err != nil {
		return fmt.Errorf("destroy headers: %w", err)
	}
	if err := g.strike(ctx, tx, e); err != nil {
		return err
	}
	return e.Begin(ctx, tx)
}

// strike ends the grants that a statement was marked to end, and counts them out.
// The mark, not the day, says that a statement of hers ended a grant: what a
// restore has ended again without one is still there for her to end, with a
// receipt and an answer, and is not counted out twice.
func (g *Grants) strike(ctx context.Context, tx store.Tx, e closure.Ending) error {
	q := grantdb.New(tx)
	if err := q.CountEnded(ctx, grantdb.CountEndedParams{Owner: string(e.Owner), Seq: e.Seq}); err != nil {
		return fmt.Errorf("count grants: %w", err)
	}
	err := q.EndGrants(ctx, grantdb.EndGrantsParams{Day: sql.NullInt64{Int64: e.Day, Valid: true}, Owner: string(e.Owner), Seq: e.Seq})
	if err != nil {
		return fmt.Errorf("end grants: %w", err)
	}
	return nil
}

// told writes the end of grants into the feeds of their testimonies, and gives
// them.
func (g *Grants) told(ctx context.Context, tx store.Tx, e closure.Ending, n int64) ([]closure.Ended, error) {
	ended, err := e.List(ctx, tx)
	if err != nil {
		return nil, err
	}
	for from := 0; from < len(ended); {
		t, events := ended[from].Testimony, []custody.Event(nil)
		for ; from < len(ended) && ended[from].Testimony == t; from++ {
			events = append(events, custody.Event{Kind: custody.Revoked, At: e.Day, Actor: e.Owner, N: n, Grant: ended[from].Grant})
		}
		if err := g.tell(ctx, tx, t, events); err != nil {
			return nil, err
		}
	}
	return ended, nil
}

// tell writes into the feed of a testimony, which is gone with it once it is erased:
// where no statement of hers says that its grants ended, because a restore lost the
// word or an earlier version kept no note of it, they are still hers to end.
func (g *Grants) tell(ctx context.Context, tx store.Tx, testimony id.ID, events []custody.Event) error {
	key, err := g.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil
	}
	if err != nil {
		return err
	}
	return custody.Record(ctx, tx, testimony, key, events...)
}

// restrictions is what the journal remembers of ended grants. The first carries her
// statement, so that all of it can be done again where only the commit is missing.
func restrictions(said string, ended []closure.Ended, n int64) []journal.Entry {
	out := make([]journal.Entry, len(ended))
	for i, e := range ended {
		out[i] = journal.Entry{Kind: journal.Revoked, ID: e.Grant}
		if !e.Whole {
			out[i] = journal.Entry{Kind: journal.PartEnded, ID: e.Grant, N: n}
		}
		if i == 0 {
			out[i].Data = []byte(said)
		}
	}
	return out
}

func optional(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
