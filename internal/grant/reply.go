package grant

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Over is an ended grant as its reader sees it: her statements, where they are
// not erased, and their hashes, which stay.
type Over struct {
	Grant         id.ID
	From          id.Thumbprint
	Statement     string // grant; empty once its testimony is erased
	StatementHash [32]byte
	Ended         string // revoke, withdraw or erase; empty once its testimony is erased
	EndedHash     [32]byte
	Closure
	Fetched []Fetched
	Rekeys  []string // by which she changed her key, so that the reader knows old and new for one person
}

// Endings lists what has ended for the caller, behind a place, by grant.
func (g *Grants) Endings(ctx context.Context, caller account.Caller, after closure.Place, limit int64) ([]Over, error) {
	var out []Over
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := closure.OfReader(ctx, tx, caller.ID, after, limit)
		if err != nil {
			return err
		}
		out = make([]Over, len(rows))
		for i, r := range rows {
			if out[i], err = g.over(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (g *Grants) over(ctx context.Context, tx store.Tx, r closure.Row) (Over, error) {
	out := Over{Grant: r.Grant, From: r.Owner}
	given, err := g.Ledger.Entry(ctx, tx, r.Owner, r.GrantSeq)
	if err != nil {
		return out, err
	}
	ended, err := g.Ledger.Entry(ctx, tx, r.Owner, r.Seq)
	if err != nil {
		return out, err
	}
	out.Statement, out.StatementHash, out.Ended, out.EndedHash = given.Compact, given.Hash, ended.Compact, ended.Hash
	parts, err := g.endedParts(ctx, tx, r)
	if err != nil {
		return out, err
	}
	if out.Closure, err = g.closure(ctx, tx, r, parts); err != nil {
		return out, err
	}
	all, err := g.fetched(ctx, tx, r.Grant)
	if out.Fetched = ofParts(all, out.Parts); err != nil {
		return out, err
	}
	rekeys, err := g.Ledger.Rekeys(ctx, tx, r.Owner)
	for _, s := range rekeys {
		out.Rekeys = append(out.Rekeys, s.Compact())
	}
	return out, err
}

// Reply takes a reader's answer to the end of a grant. It answers everything that
// has ended of the grant by now, and says more than the answer before, or it is
// closure.ErrReplied. Where nothing has ended for the caller it is ErrNotFound.
func (g *Grants) Reply(ctx context.Context, caller account.Caller, grant id.ID, compact string, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := ledger.Take[*statement.Reply](g.Ledger, caller.Signer(), compact)
	if err != nil {
		return ledger.Accepted{}, err
	}
	if body.Grant != grant || body.Hears() {
		return ledger.Accepted{}, fmt.Errorf("%w: it names another grant, or answers no ending", statement.ErrRefused)
	}
	err = g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := g.reply(ctx, tx, caller, s, body); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}

func (g *Grants) reply(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Reply) error {
	rows, err := closure.OfGrant(ctx, tx, body.Grant)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].Grantee != caller.ID {
		return ErrNotFound
	}
	if err := closure.Answer(ctx, tx, rows, body, s.Seq); err != nil {
		return err
	}
	if err := g.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
		return err
	}
	key, err := g.Keys.Load(ctx, tx, rows[0].Testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil // the feed went with the testimony; her list of endings shows it
	}
	if err != nil {
		return err
	}
	return custody.Record(ctx, tx, rows[0].Testimony, key,
		custody.Event{Kind: custody.Replied, At: g.Now().Unix(), Actor: caller.ID, Grant: body.Grant, Detail: body.Reply})
}
