package stewardship

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/stewardship/stewardshipdb"
	"github.com/relatingfield/vault/internal/store"
)

// Link is one document of the chain and the statements that approve it, none for
// the founding document: what a client verifies.
type Link struct {
	Document  []byte
	Approvals []string
}

// Links gives the chain for clients to verify.
func (b *Book) Links(ctx context.Context) ([]Link, error) {
	var out []Link
	err := b.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = links(ctx, tx)
		return err
	})
	return out, err
}

func links(ctx context.Context, tx store.Tx) ([]Link, error) {
	q := stewardshipdb.New(tx)
	documents, err := q.Rosters(ctx)
	if err != nil {
		return nil, fmt.Errorf("read rosters: %w", err)
	}
	if len(documents) == 0 {
		return nil, ErrNotFounded
	}
	approvals, err := q.EffectiveApprovals(ctx)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	out := make([]Link, len(documents))
	for i, d := range documents {
		if d.Seq != int64(i) {
			return nil, fmt.Errorf("read rosters: document %d is missing", i)
		}
		out[i].Document = d.Document
	}
	for _, a := range approvals {
		out[a.Seq].Approvals = append(out[a.Seq].Approvals, a.Statement)
	}
	return out, nil
}

// verify follows the stored chain, believing signatures only.
func verify(stored []Link) (*roster.Roster, error) {
	chain := make([]roster.Link, len(stored))
	for i, l := range stored {
		chain[i] = roster.Link{Document: l.Document, Approvers: approvers(l)}
	}
	return roster.Verify(roster.ID(stored[0].Document), chain)
}

// approvers are the signers of the statements that are over this very document.
func approvers(l Link) []id.Thumbprint {
	sum := sha256.Sum256(l.Document)
	var out []id.Thumbprint
	for _, compact := range l.Approvals {
		s, err := statement.Parse(compact)
		if err != nil {
			continue
		}
		if body, ok := s.Body.(*statement.RosterChange); ok && body.DocumentSHA256 == statement.B64(sum[:]) {
			out = append(out, s.Issuer)
		}
	}
	return out
}
