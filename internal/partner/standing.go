package partner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/partner/partnerdb"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/store"
)

// InForce gives a partner whose agreement is in force, account.ErrNotFound otherwise.
func (r *Registry) InForce(ctx context.Context, tx store.Tx, partner id.ID) (Partner, error) {
	a, err := r.inForce(ctx, tx, partner)
	if err != nil {
		return Partner{}, err
	}
	return a.Partner, nil
}

// Live is InForce for whoever only asks whether: account.ErrNotFound says no.
func (r *Registry) Live(ctx context.Context, tx store.Tx, partner id.ID) error {
	_, err := r.inForce(ctx, tx, partner)
	return err
}

// Brings says whether a partner's programs may invite participants now.
func (r *Registry) Brings(ctx context.Context, tx store.Tx, partner id.ID) (bool, error) {
	a, err := r.inForce(ctx, tx, partner)
	if errors.Is(err, account.ErrNotFound) {
		return false, nil
	}
	return err == nil && slices.Contains(a.Scopes, Register), err
}

// InvitesFor gives the partner in whose name an officer may invite participants now,
// or none.
func (r *Registry) InvitesFor(ctx context.Context, tx store.Tx, who id.Thumbprint) (id.ID, error) {
	of, err := r.Officer(ctx, tx, who)
	if errors.Is(err, account.ErrNotFound) || err == nil && !slices.Contains(of.Scopes, Register) {
		return "", nil
	}
	return of.ID, err
}

// Officer gives the partner whose agreement in force names the account,
// account.ErrNotFound when there is none.
func (r *Registry) Officer(ctx context.Context, tx store.Tx, who id.Thumbprint) (Partner, error) {
	partners, err := partnerdb.New(tx).OfficerOf(ctx, string(who))
	if err != nil {
		return Partner{}, fmt.Errorf("read officers: %w", err)
	}
	for _, p := range partners {
		a, err := r.inForce(ctx, tx, id.ID(p))
		if err == nil && slices.Contains(a.Officers, who) {
			return a.Partner, nil
		}
		if err != nil && !errors.Is(err, account.ErrNotFound) {
			return Partner{}, err
		}
	}
	return Partner{}, account.ErrNotFound
}

// inForce costs two queries: the roster comes from memory while it stays the same.
func (r *Registry) inForce(ctx context.Context, tx store.Tx, partner id.ID) (*agreement, error) {
	all, current, err := r.agreements(ctx, tx, partner)
	if err != nil {
		return nil, err
	}
	a := newest(all, current, r.Now().Unix())
	if a == nil {
		return nil, account.ErrNotFound
	}
	officers, err := partnerdb.New(tx).Officers(ctx, a.Agreement[:])
	if err != nil {
		return nil, fmt.Errorf("read officers: %w", err)
	}
	for _, o := range officers {
		a.Officers = append(a.Officers, id.Thumbprint(o))
	}
	return a, nil
}

// agreements reads all of a partner's, the one that begins last first, and the
// roster that decides over them; nil where there are none.
func (r *Registry) agreements(ctx context.Context, tx store.Tx, partner id.ID) ([]*agreement, *roster.Roster, error) {
	rows, err := partnerdb.New(tx).Standing(ctx, string(partner))
	if err != nil {
		return nil, nil, fmt.Errorf("read agreements: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil, nil
	}
	var all []*agreement
	for _, row := range rows {
		if len(all) == 0 || !bytes.Equal(all[len(all)-1].Agreement[:], row.ID) {
			a := &agreement{reached: row.ReachedDay.Valid, halted: row.HaltedDay.Valid}
			a.Partner = Partner{ID: partner, Agreement: Hash(row.ID), Scopes: read(row.Scopes), From: row.FromS, Until: row.UntilS}
			all = append(all, a)
		}
		if row.Steward.Valid {
			last := all[len(all)-1]
			last.vouched = append(last.vouched, id.Thumbprint(row.Steward.String))
		}
	}
	current, err := r.Book.At(ctx, tx, rows[0].RosterSha256)
	return all, current, err
}

// named finds one of them.
func named(all []*agreement, name Hash) *agreement {
	for _, a := range all {
		if a.Agreement == name {
			return a
		}
	}
	return nil
}
