package stewardship

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship/stewardshipdb"
	"github.com/relatingfield/vault/internal/store"
)

// Approval says how far a roster document has come.
type Approval struct {
	Approvals int // of stewards of the roster before it, this one included
	Threshold int // of the roster before it
	Effective bool
}

// Approve records the caller's voice for the next roster and puts it in force
// when it was the last one needed. A steward has one voice: approving another
// document takes the earlier, still undecided one back.
//
// ErrNotFound: the caller is no steward of the current roster. ErrConflict: the
// document does not follow the current roster, or she has approved it already.
// statement.ErrRefused: statement and document do not fit each other.
func (b *Book) Approve(ctx context.Context, caller account.Caller, document []byte, s *statement.Statement) (Approval, error) {
	p, err := propose(caller, document, s)
	if err != nil {
		return Approval{}, err
	}
	var out Approval
	err = b.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		known, err := b.Ledger.Accepted(ctx, tx, s)
		if err != nil {
			return err
		}
		if known {
			out, err = p.standing(ctx, tx)
			return err
		}
		current, err := b.Current(ctx, tx)
		if err != nil {
			return err
		}
		if _, ok := current.Steward(caller.ID); !ok {
			return account.ErrNotFound
		}
		out, err = b.take(ctx, tx, current, p)
		return err
	})
	return out, err
}

// proposal is a document with one steward's word for it.
type proposal struct {
	document  []byte
	sum       [sha256.Size]byte
	seq       int64
	statement *statement.Statement
}

func propose(caller account.Caller, document []byte, s *statement.Statement) (*proposal, error) {
	body, err := account.Said[statement.RosterChange](caller, s)
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
	return &proposal{document, sum, body.RosterSeq, s}, nil
}

// take stores the voice and, if it completes the threshold, the roster. In one
// serialisable transaction: of two last voices at the same time one comes second
// and finds the roster changed.
func (b *Book) take(ctx context.Context, tx store.Tx, current *roster.Roster, p *proposal) (Approval, error) {
	voices, err := p.voices(ctx, tx)
	if err != nil {
		return Approval{}, err
	}
	if slices.Contains(voices, p.statement.Issuer) {
		return Approval{}, fmt.Errorf("%w: this steward has approved this roster already", account.ErrConflict)
	}
	voices = append(voices, p.statement.Issuer)
	next, err := current.Follow(roster.Link{Document: p.document, Approvers: voices})
	if err != nil && !errors.Is(err, roster.ErrApprovals) {
		return Approval{}, fmt.Errorf("%w: %w: fetch the roster and make the change anew", account.ErrConflict, err)
	}
	if err := b.Ledger.Append(ctx, tx, p.statement, nil); err != nil {
		return Approval{}, err
	}
	if err := p.store(ctx, tx, next != nil); err != nil {
		return Approval{}, err
	}
	return count(current, voices, next != nil), nil
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
	steward := string(p.statement.Issuer)
	if err := q.TakeBack(ctx, steward); err != nil {
		return fmt.Errorf("take back an earlier approval: %w", err)
	}
	err := q.AddApproval(ctx, stewardshipdb.AddApprovalParams{Sha256: p.sum[:], Steward: steward, Document: p.document, Statement: p.statement.Compact()})
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

// standing answers a repeated request: how the document stands by now. The roster
// that decides on it is the one before it, in force or not.
func (p *proposal) standing(ctx context.Context, tx store.Tx) (Approval, error) {
	chain, err := links(ctx, tx)
	if err != nil {
		return Approval{}, err
	}
	if p.seq > int64(len(chain)) {
		return Approval{}, fmt.Errorf("%w: the document does not follow the current roster", account.ErrConflict)
	}
	before, err := verify(chain[:p.seq])
	if err != nil {
		return Approval{}, err
	}
	voices, err := p.voices(ctx, tx)
	if err != nil {
		return Approval{}, err
	}
	effective := p.seq < int64(len(chain)) && sha256.Sum256(chain[p.seq].Document) == p.sum
	return count(before, voices, effective), nil
}

func count(by *roster.Roster, voices []id.Thumbprint, effective bool) Approval {
	out := Approval{Threshold: by.Threshold(), Effective: effective}
	for _, v := range voices {
		if _, ok := by.Steward(v); ok {
			out.Approvals++
		}
	}
	return out
}
