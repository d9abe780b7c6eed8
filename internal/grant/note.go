package grant

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Note is what a reader keeps here about a part, sealed to the reader's own key.
type Note struct {
	N      int64
	Sealed []byte
}

// A note lives in the row of the reader's header and is sealed with her testimony's
// shred key, as the header is. So it ends in the very statement that ends the header,
// whichever that is; the schema refuses any other; and what a backup has of it goes
// with her key. docs/adr/0033 says why.

// noteLabel binds a note to its place and, standing in messages, names none.
func noteLabel(grant id.ID, n int64) string {
	return fmt.Sprintf("note %x", sha256.Sum256(fmt.Appendf(nil, "%s %d", grant, n)))
}

// SetNote keeps a note about a part that is granted to the caller, in place of the
// one before; an empty one destroys it. ErrNotFound: the part is not granted, or not
// any more. statement.ErrRefused: it is no note.
func (g *Grants) SetNote(ctx context.Context, caller account.Caller, grant id.ID, note Note) error {
	if len(note.Sealed) > 0 {
		if _, err := envelope.CheckNote(note.Sealed); err != nil {
			return fmt.Errorf("%w: %w", statement.ErrRefused, err)
		}
	}
	return g.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		q := grantdb.New(tx)
		testimony, err := q.Noting(ctx, grantdb.NotingParams{ID: string(grant), Grantee: string(caller.ID), NowS: g.Now().Unix(), N: note.N})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find part: %w", err)
		}
		if len(note.Sealed) == 0 {
			return q.Unnote(ctx, grantdb.UnnoteParams{GrantID: string(grant), N: note.N})
		}
		key, err := g.Keys.Load(ctx, tx, id.ID(testimony))
		if err != nil {
			return err
		}
		sealed, err := key.Seal(noteLabel(grant, note.N), note.Sealed)
		if err != nil {
			return err
		}
		return q.Note(ctx, grantdb.NoteParams{Note: sealed, GrantID: string(grant), N: note.N})
	})
}

// Notes gives the caller's notes about the parts of a grant that stands.
func (g *Grants) Notes(ctx context.Context, caller account.Caller, grant id.ID) ([]Note, error) {
	var out []Note
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		q := grantdb.New(tx)
		r, err := q.Granted(ctx, grantdb.GrantedParams{ID: string(grant), Grantee: string(caller.ID)})
		if errors.Is(err, sql.ErrNoRows) || err == nil && r.UntilS <= g.Now().Unix() {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("find grant: %w", err)
		}
		key, err := g.Keys.Load(ctx, tx, id.ID(r.Testimony))
		if err != nil {
			return err
		}
		rows, err := q.Notes(ctx, string(grant))
		if err != nil {
			return fmt.Errorf("list notes: %w", err)
		}
		for _, row := range rows {
			sealed, err := key.Open(noteLabel(grant, row.N), row.Note)
			if err != nil {
				return err
			}
			out = append(out, Note{row.N, sealed})
		}
		return nil
	})
	return out, err
}
