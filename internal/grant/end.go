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
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Fetched is what left for the reader under one opening, at most: each byte of
// header and payload counted once.
type Fetched struct {
	N        int64
	Opened   int64 // Unix seconds
	Bytes    int64
	Complete bool
	Export   bool // taken out of the vault's world: see Grants.Export
}

// Ending is the answer to a revocation. What it led to is known once nothing is
// sent any more, and not while the answer is kept in its transaction.
type Ending struct {
	ledger.Accepted
	Grant id.ID
	Outcome
}

// Revoke ends a grant: the headers are destroyed, the statement is kept. It
// returns when no node sends another byte under it.
func (g *Grants) Revoke(ctx context.Context, caller account.Caller, testimony id.ID, compact string, commit account.Commit[Ending]) (Ending, error) {
	s, body, err := ledger.Take[*statement.Revoke](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return Ending{}, err
	}
	if body.Testimony != testimony {
		return Ending{}, fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	out := Ending{Accepted: s.Accepted(), Grant: body.Grant}
	err = g.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.revoke(ctx, tx, caller, s, body, g.remember); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	if err != nil {
		return Ending{}, err
	}
	out.Outcome, err = g.Outcome(ctx, caller, testimony, body.Grant)
	return out, err
}

// remember writes a revocation into the journal. It is flushed while the rest of the
// transaction goes on.
func (g *Grants) remember(ctx context.Context, tx store.Tx, s *ledger.Taken, grant id.ID) error {
	return g.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Revoked, ID: grant, Data: []byte(s.Compact())})
}

// remembered is remember for what the journal says itself.
func remembered(context.Context, store.Tx, *ledger.Taken, id.ID) error { return nil }

// revoke looks for the grant and for the statement's place together. A grant that
// ended before is asked about first: its statement may have its place already.
func (g *Grants) revoke(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Revoke,
	remember func(context.Context, store.Tx, *ledger.Taken, id.ID) error) error {
	at, e, n := place{}, g.ending(caller.ID, s.Seq), int64(0)
	err := store.Together(ctx, tx,
		func(ctx context.Context, tx store.Tx) (err error) {
			at.key, err = g.own(ctx, tx, caller.ID, body.Testimony)
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			n, err = grantdb.New(tx).Revoke(ctx, grantdb.RevokeParams{Seq: e.Seq, ID: string(body.Grant), Testimony: string(body.Testimony), Owner: string(caller.ID)})
			if err != nil {
				return fmt.Errorf("revoke grant: %w", err)
			}
			if n == 0 {
				return ErrEnded
			}
			return nil
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			at.account, err = g.Ledger.Advance(ctx, tx, s.Statement)
			return err
		})
	if errors.Is(err, ErrEnded) {
		if err = g.doneBefore(ctx, tx, caller.ID, s, body); err == nil {
			err = remember(ctx, tx, s, body.Grant)
		}
		return err
	}
	if err != nil {
		return err
	}
	if err := remember(ctx, tx, s, body.Grant); err != nil {
		return err
	}
	if err := g.conclude(ctx, store.Later(tx), e); err != nil {
		return err
	}
	if err := g.Ledger.Keep(ctx, tx, at.account, at.key, s.Statement); err != nil {
		return err
	}
	return custody.Record(ctx, tx, body.Testimony, at.key, custody.Event{Kind: custody.Revoked, At: e.Day, Actor: e.Owner, Grant: body.Grant})
}

// doneBefore answers a statement that has its place already as the first time: a
// crash kept the answer back.
func (g *Grants) doneBefore(ctx context.Context, tx store.Tx, owner id.Thumbprint, s *ledger.Taken, body *statement.Revoke) error {
	if done, err := g.Ledger.Said(ctx, tx, owner, s.Statement); err != nil || done {
		return err
	}
	return g.whyNot(ctx, tx, body)
}

// whyNot tells an ended grant of hers from one that never was.
func (g *Grants) whyNot(ctx context.Context, tx store.Tx, body *statement.Revoke) error {
	_, err := grantdb.New(tx).Given(ctx, grantdb.GivenParams{ID: string(body.Grant), Testimony: string(body.Testimony)})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("find grant: %w", err)
	}
	return ErrEnded
}

// Fetched lists what had been fetched under a grant of the caller's, the oldest
// opening first.
func (g *Grants) Fetched(ctx context.Context, caller account.Caller, testimony, grant id.ID) ([]Fetched, error) {
	var out []Fetched
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := g.own(ctx, tx, caller.ID, testimony); err != nil {
			return err
		}
		var err error
		out, err = g.fetched(ctx, tx, grant)
		return err
	})
	return out, err
}

func (g *Grants) fetched(ctx context.Context, tx store.Tx, grant id.ID) ([]Fetched, error) {
	rows, err := grantdb.New(tx).Openings(ctx, string(grant))
	if err != nil {
		return nil, fmt.Errorf("list openings: %w", err)
	}
	out := make([]Fetched, 0, len(rows))
	for _, r := range rows {
		spans, err := parseSpans(string(r.Fetched))
		if err != nil {
			return nil, err
		}
		n := spans.total()
		out = append(out, Fetched{N: r.N, Opened: r.OpenedS, Bytes: n, Complete: n == r.Length, Export: isExport(r.Etag)})
	}
	return out, nil
}

// EndAll revokes every grant of a testimony that the statement at seq erases.
func (g *Grants) EndAll(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID, seq int64) error {
	q, e := grantdb.New(tx), g.ending(owner, seq)
	if err := q.RevokeAllOn(ctx, grantdb.RevokeAllOnParams{Seq: seq, Testimony: string(testimony)}); err != nil {
		return fmt.Errorf("revoke grants: %w", err)
	}
	if err := g.conclude(ctx, tx, e); err != nil {
		return err
	}
	return clearOf(ctx, q, testimony)
}

// clearOf destroys what is left of the grants of a testimony when they have ended.
func clearOf(ctx context.Context, q *grantdb.Queries, testimony id.ID) error {
	if err := q.DestroyHeadersOn(ctx, string(testimony)); err != nil {
		return fmt.Errorf("destroy headers: %w", err)
	}
	if err := q.Unpause(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget its pause: %w", err)
	}
	if err := q.DestroyAsksOn(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget requests: %w", err)
	}
	return nil
}
