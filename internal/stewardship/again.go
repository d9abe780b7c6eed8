package stewardship

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship/stewardshipdb"
	"github.com/relatingfield/vault/internal/store"
)

// change is a roster as the journal keeps it.
type change struct {
	Document  []byte   `json:"document"`
	Approvals []string `json:"approvals"` // statements, in the order of the stewards
}

// remember writes a roster that has come into force into the journal: whoever is
// not in it must not be a steward again.
func (b *Book) remember(ctx context.Context, tx store.Tx, p *proposal) error {
	list, err := stewardshipdb.New(tx).Approvals(ctx, p.sum[:])
	if err != nil {
		return fmt.Errorf("read approvals: %w", err)
	}
	data, err := canonical.Encode(change{p.document, list})
	if err != nil {
		return err
	}
	return b.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Roster, N: p.seq, Data: data})
}

// ChangeAgain puts a roster of the journal in force if it is the next one, and as
// many of the stewards before it have signed as were needed: the journal is not
// believed more than a database is.
func (b *Book) ChangeAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	var c change
	if err := canonical.Decode(e.Data, &c); err != nil {
		return fmt.Errorf("read a roster of the journal: %w", err)
	}
	current, err := b.Current(ctx, tx)
	if err != nil {
		return err
	}
	if int64(current.Seq()) >= e.N {
		return nil
	}
	link := Link(c)
	if _, err := current.Follow(roster.Link{Document: c.Document, Approvers: approvers(link)}); err != nil {
		return fmt.Errorf("a roster of the journal: %w", err)
	}
	return enforce(ctx, tx, e.N, link)
}

// enforce stores a roster with its approvals. Proposals that compete with it can
// take effect no more.
func enforce(ctx context.Context, tx store.Tx, seq int64, l Link) error {
	q, sum := stewardshipdb.New(tx), sha256.Sum256(l.Document)
	err := q.DropProposals(ctx)
	for _, compact := range l.Approvals {
		s, bad := statement.Parse(compact)
		if bad != nil {
			return bad
		}
		err = errors.Join(err, q.AddApproval(ctx, stewardshipdb.AddApprovalParams{Sha256: sum[:], Steward: string(s.Issuer), Document: l.Document, Statement: compact}))
	}
	err = errors.Join(err, q.AddRoster(ctx, stewardshipdb.AddRosterParams{Seq: seq, Sha256: sum[:], Document: l.Document}))
	if err != nil {
		return fmt.Errorf("store roster: %w", err)
	}
	return nil
}
