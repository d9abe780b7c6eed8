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
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Hear takes a reader's word that she was heard: one of statement.Hearings, once a
// grant, from whoever has opened some of it. She sees it in her feed. It needs no
// grant that still stands: who has read can say so after it ended. ErrNotFound: the
// caller has opened nothing under such a grant, has said it already, or what it was
// about is erased.
func (g *Grants) Hear(ctx context.Context, caller account.Caller, grant id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Reply](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Grant != grant || !body.Hears() {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another grant, or says something else", statement.ErrRefused)
	}
	err = g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.hear(ctx, tx, caller, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (g *Grants) hear(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Reply) error {
	q := grantdb.New(tx)
	testimony, err := q.Hearing(ctx, grantdb.HearingParams{ID: string(body.Grant), Grantee: string(caller.ID)})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("find grant: %w", err)
	}
	key, err := g.Keys.Load(ctx, tx, id.ID(testimony))
	if errors.Is(err, shred.ErrShredded) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := g.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	if err := q.Heard(ctx, grantdb.HeardParams{Seq: s.Seq, ID: string(body.Grant)}); err != nil {
		return fmt.Errorf("note that she was heard: %w", err)
	}
	return custody.Record(ctx, tx, id.ID(testimony), key,
		custody.Event{Kind: custody.Replied, At: g.Now().Unix(), Actor: caller.ID, Grant: body.Grant, Detail: body.Reply})
}
