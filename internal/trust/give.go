package trust

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/release"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/trust/trustdb"
)

// Given is what a reader gets to make the shared key with.
type Given struct {
	Statement string // her policy
	Shares    []GivenShare
}

// GivenShare is one trustee's vote and the share that came with it.
type GivenShare struct {
	Account id.Thumbprint
	Release string // the trustee's statement
	Rekeys  []string
	Share   []byte // an age file to the reader
}

// Shares gives the reader of a live grant the shares that were released for it. It
// is ErrNotFound while the policy is not fulfilled or anything else forbids the
// grant. The first time, she is told.
func (p *Policies) Shares(ctx context.Context, caller account.Caller, grant id.ID) (Given, error) {
	var out Given
	err := p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = p.shares(ctx, tx, caller.ID, grant)
		return err
	})
	return out, err
}

func (p *Policies) shares(ctx context.Context, tx store.Tx, reader id.Thumbprint, grant id.ID) (out Given, err error) {
	q := trustdb.New(tx)
	g, err := q.Granted(ctx, trustdb.GrantedParams{ID: string(grant), Grantee: string(reader)})
	if errors.Is(err, sql.ErrNoRows) {
		return out, ErrNotFound
	}
	if err != nil {
		return out, fmt.Errorf("find grant: %w", err)
	}
	// Without a header a share opens nothing, so a grant that was opened as often as
	// she allowed may still give them: a session that goes on may need them again.
	state, err := p.Reading.State(ctx, tx, grant)
	if err != nil {
		return out, err
	}
	if state != release.Live && state != release.UsedUp {
		return out, ErrNotFound
	}
	row, err := q.Find(ctx, g.Policy.String)
	if err != nil {
		return out, fmt.Errorf("find policy: %w", err)
	}
	of := policy{id.ID(row.ID), id.ID(row.Testimony), id.Thumbprint(row.Owner), row.Seq, row.Threshold, row.Silence, row.Wait}
	standing, err := p.standing(ctx, tx, of)
	if err != nil {
		return out, err
	}
	if !standing.Fulfilled(p.Now().Unix()) {
		return out, ErrNotFound
	}
	if out, err = p.give(ctx, tx, of, standing); err != nil {
		return out, err
	}
	return out, p.noteGiven(ctx, tx, of, reader, grant, row.ReleasedS < max(since(standing), 1))
}

func (p *Policies) give(ctx context.Context, tx store.Tx, of policy, standing *release.Policy) (Given, error) {
	s, err := p.Ledger.Statement(ctx, tx, of.owner, of.seq)
	if err != nil {
		return Given{}, err
	}
	key, err := p.key(ctx, tx, of.testimony)
	if err != nil {
		return Given{}, err
	}
	rows, err := trustdb.New(tx).Trustees(ctx, string(of.id))
	if err != nil {
		return Given{}, fmt.Errorf("list trustees: %w", err)
	}
	out := Given{Statement: s.Compact()}
	for _, r := range rows {
		if n := (naming{policy: of, releasedS: r.ReleasedS}); len(r.Released) == 0 || !n.released(standing) {
			continue
		}
		who := id.Thumbprint(r.Account)
		vote, err := p.Ledger.Statement(ctx, tx, who, r.ReleaseSeq)
		if err != nil {
			return out, err
		}
		share, err := key.Open(releasedLabel(of.id, who), r.Released)
		if err != nil {
			return out, err
		}
		rekeys, err := p.rekeys(ctx, tx, who)
		if err != nil {
			return out, err
		}
		out.Shares = append(out.Shares, GivenShare{who, vote.Compact(), rekeys, share})
	}
	return out, nil
}

// noteGiven puts the transaction in an order with hers and the trustees', and tells
// her, once for each silence, that shares have left for the reader.
func (p *Policies) noteGiven(ctx context.Context, tx store.Tx, of policy, reader id.Thumbprint, grant id.ID, first bool) error {
	if err := p.Rely(ctx, tx, of.id); err != nil || !first || of.threshold == 0 {
		return err
	}
	now := p.Now().Unix()
	if err := trustdb.New(tx).NoteReleased(ctx, trustdb.NoteReleasedParams{ReleasedS: now, ID: string(of.id)}); err != nil {
		return fmt.Errorf("note release: %w", err)
	}
	return p.record(ctx, tx, of, custody.Event{Kind: custody.Released, At: now, Actor: reader, Grant: grant, Policy: of.id})
}
