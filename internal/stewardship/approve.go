package stewardship

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship/stewardshipdb"
	"github.com/relatingfield/vault/internal/store"
)

// Approval says how far a roster document has come.
type Approval struct {
	ledger.Accepted
	Approvals int // of stewards of the roster before it, this one included
	Threshold int // of the roster before it
	Effective bool
}

// Approve records the caller's voice for the next roster and puts it in force
// when it was the last one needed. A steward has one voice: approving another
// document takes the earlier, still undecided one back.
//
// account.ErrNotFound: the caller is no steward of the current roster.
// account.ErrConflict: the document does not follow the current roster, or she
// has approved it already. statement.ErrRefused: statement and document do not
// fit each other.
func (b *Book) Approve(ctx context.Context, caller account.Caller, document []byte, compact string, commit account.Commit[Approval]) (Approval, error) {
	p, err := b.propose(caller, document, compact)
	if err != nil {
		return Approval{}, err
	}
	var out Approval
	// A roster may be there to remove a steward, and its stewards are few.
	err = b.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		current, err := b.Current(ctx, tx)
		if err != nil {
			return err
		}
		if _, ok := current.Steward(caller.ID); !ok {
			return account.ErrNotFound
		}
		if out, err = b.take(ctx, tx, current, p); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	if err == nil && out.Effective {
		_ = b.Look(ctx) // for Latest; whoever looks next time finds it, too
	}
	return out, err
}

// proposal is a document with one steward's word for it.
type proposal struct {
	*ledger.Taken
	document []byte
	sum      [sha256.Size]byte
	seq      int64
}

func (b *Book) propose(caller account.Caller, document []byte, compact string) (*proposal, error) {
	s, body, err := ledger.Take[*statement.RosterChange](b.Ledger, caller.Signer(), compact)
	if err != nil {
		return nil, err
	}
	d, err := roster.Parse(document)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", statement.ErrRefused, err)
	}
	sum := sha256.Sum256(document)
	if body.DocumentSHA256 != statement.B64(sum[:]) || body.RosterSeq != int64(d.Seq) {
		return nil, fmt.Errorf("%w: it approves another document than the one sent with it", statement.ErrRefused)
	}
	return &proposal{s, document, sum, body.RosterSeq}, nil
}

// take stores the voice and, if it completes the threshold, the roster. In one
// serialisable transaction: of two last voices at the same time one comes second
// and finds the roster changed.
func (b *Book) take(ctx context.Context, tx store.Tx, current *roster.Roster, p *proposal) (Approval, error) {
	voices, err := p.voices(ctx, tx)
	if err != nil {
		return Approval{}, err
	}
	if slices.Contains(voices, p.Issuer) {
		return Approval{}, fmt.Errorf("%w: this steward has approved this roster already", account.ErrConflict)
	}
	voices = append(voices, p.Issuer)
	next, err := current.Follow(roster.Link{Document: p.document, Approvers: voices})
	if err != nil && !errors.Is(err, roster.ErrApprovals) {
		return Approval{}, fmt.Errorf("%w: %w: fetch the roster and make the change anew", account.ErrConflict, err)
	}
	if err := b.Ledger.Append(ctx, tx, nil, p.Statement); err != nil {
		return Approval{}, err
	}
	if err := p.store(ctx, tx, next != nil); err != nil {
		return Approval{}, err
	}
	if next != nil {
		if err := b.remember(ctx, tx, p); err != nil {
			return Approval{}, err
		}
	}
	return Approval{p.Accepted(), len(voices), current.Threshold(), next != nil}, nil
}

func (p *proposal) voices(ctx context.Context, tx store.Tx) ([]id.Thumbprint, error) {
	rows, err := stewardshipdb.New(tx).Approvers(ctx, p.sum[:])
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	out := make([]id.Thumbprint, 0, len(rows)+1)
	for _, r := range rows {
		out = append(out, id.Thumbprint(r))
	}
	return out, nil
}

func (p *proposal) store(ctx context.Context, tx store.Tx, effective bool) error {
	q := stewardshipdb.New(tx)
	steward := string(p.Issuer)
	if err := q.TakeBack(ctx, steward); err != nil {
		return fmt.Errorf("take back an earlier approval: %w", err)
	}
	err := q.AddApproval(ctx, stewardshipdb.AddApprovalParams{Sha256: p.sum[:], Steward: steward, Document: p.document, Statement: p.Compact()})
	if err != nil {
		return fmt.Errorf("store approval: %w", err)
	}
	if !effective {
		return nil
	}
	if err := q.AddRoster(ctx, stewardshipdb.AddRosterParams{Seq: p.seq, Sha256: p.sum[:], Document: p.document}); err != nil {
		return fmt.Errorf("store roster: %w", err)
	}
	// Every other proposal followed the roster that was just replaced, so none of
	// them can take effect any more.
	if err := q.DropProposals(ctx); err != nil {
		return fmt.Errorf("drop proposals: %w", err)
	}
	return nil
}
