package recovery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/recovery/recoverydb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// maxListed is how many claims on one account are listed. Who claims in earnest
// tells a trustee whose claim it is, and the trustee asks for that one's alone:
// claims of others, however many, hide none.
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
	Opened   int64  // Unix seconds, a whole day
	GivesAt  int64  // Unix seconds: the first at which shares leave
	Claim    string // the claimant's statement
	Key      string // the claimant's key statement
}

// givesAt is the first second at which a claim of that day gives shares. Only the
// day of a claim is known, as of anything that she may have done herself: she is
// never given less time to say no than she set.
func givesAt(day, wait int64) int64 { return day + statement.Day + wait }

// Naming lists the recoveries that name the caller, with the claims on them: all,
// or those of one claimant.
func (r *Recoveries) Naming(ctx context.Context, caller account.Caller, claimant id.Thumbprint) ([]Named, error) {
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
			if n.Claims, err = r.claims(ctx, tx, n.Account, n.ID, row.Wait, claimant); err != nil {
				return err
			}
			out = append(out, n)
		}
		return nil
	})
	return out, err
}

func (r *Recoveries) claims(ctx context.Context, tx store.Tx, who id.Thumbprint, recovery id.ID, wait int64, claimant id.Thumbprint) ([]Claimed, error) {
	rows, err := recoverydb.New(tx).ClaimsOn(ctx, recoverydb.ClaimsOnParams{Account: string(who), Recovery: string(recovery), Page: maxListed,
		Claimant: sql.NullString{String: string(claimant), Valid: claimant != ""}})
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	var out []Claimed
	for _, row := range rows {
		c := Claimed{ID: id.ID(row.ID), Claimant: id.Thumbprint(row.Claimant), Opened: row.Day, GivesAt: givesAt(row.Day, wait)}
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
	out.Claims, err = r.claims(ctx, tx, who, out.ID, force.Wait, "")
	return out, err
}
