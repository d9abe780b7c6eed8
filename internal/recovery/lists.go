package recovery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/recovery/recoverydb"
	"github.com/relatingfield/vault/internal/store"
)

// maxListed is how many claims on one account are listed: who claims in earnest
// tells a trustee which claim is theirs.
const maxListed = 20

// Named is a recovery as one of its trustees meets it.
type Named struct {
	ID        id.ID
	Account   id.Thumbprint // whose
	Statement string
	Rekeys    []string
	Share     []byte // the age file to the trustee
	Answer    string // agreed, declined, or empty
	Claims    []Claimed
}

// Claimed is a claim that stands.
type Claimed struct {
	ID       id.ID
	Claimant id.Thumbprint
	Opened   int64  // Unix seconds
	GivesAt  int64  // Unix seconds: the first at which shares leave
	Claim    string // the claimant's statement
	Key      string // the claimant's key statement
}

// Naming lists the recoveries that name the caller, with the claims on them.
func (r *Recoveries) Naming(ctx context.Context, caller account.Caller) ([]Named, error) {
	var out []Named
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := recoverydb.New(tx).Naming(ctx, string(caller.ID))
		if err != nil {
			return fmt.Errorf("list recoveries: %w", err)
		}
		for _, row := range rows {
			n := Named{ID: id.ID(row.ID), Account: id.Thumbprint(row.Account), Share: row.Share, Answer: row.Answer}
			if n.Statement, n.Rekeys, err = r.said(ctx, tx, n.Account, row.Seq); err != nil {
				return err
			}
			if n.Claims, err = r.claims(ctx, tx, n.Account, n.ID, row.Wait); err != nil {
				return err
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

func (r *Recoveries) claims(ctx context.Context, tx store.Tx, who id.Thumbprint, recovery id.ID, wait int64) ([]Claimed, error) {
	rows, err := recoverydb.New(tx).ClaimsOn(ctx, recoverydb.ClaimsOnParams{Account: string(who), Recovery: string(recovery), Page: maxListed})
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	var out []Claimed
	for _, row := range rows {
		c := Claimed{ID: id.ID(row.ID), Claimant: id.Thumbprint(row.Claimant), Opened: row.OpenedS, GivesAt: row.OpenedS + wait}
		for seq, text := range map[int64]*string{row.Seq: &c.Claim, 1: &c.Key} {
			s, err := r.Ledger.Statement(ctx, tx, c.Claimant, seq)
			if err != nil {
				return nil, err
			}
			*text = s.Compact()
		}
		out = append(out, c)
	}
	return out, nil
}

// Hers is her own recovery, and who claims her account.
type Hers struct {
	ID       id.ID // empty where there is none
	Trustees []Trustee
	Claims   []Claimed
}

// Trustee is one of those she named.
type Trustee struct {
	Account id.Thumbprint
	Answer  string // agreed, declined, or empty
}

// Show gives the caller's own.
func (r *Recoveries) Show(ctx context.Context, caller account.Caller) (Hers, error) {
	var out Hers
	err := r.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = r.show(ctx, tx, caller.ID)
		return err
	})
	return out, err
}

func (r *Recoveries) show(ctx context.Context, tx store.Tx, who id.Thumbprint) (out Hers, err error) {
	q := recoverydb.New(tx)
	name, err := q.OfAccount(ctx, string(who))
	if errors.Is(err, sql.ErrNoRows) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("find recovery: %w", err)
	}
	out.ID = id.ID(name)
	trustees, err := q.Trustees(ctx, name)
	if err != nil {
		return out, fmt.Errorf("list trustees: %w", err)
	}
	for _, t := range trustees {
		out.Trustees = append(out.Trustees, Trustee{id.Thumbprint(t.Account), t.Answer})
	}
	force, err := q.InForce(ctx, name)
	if err != nil {
		return out, fmt.Errorf("find recovery: %w", err)
	}
	out.Claims, err = r.claims(ctx, tx, who, out.ID, force.Wait)
	return out, err
}
