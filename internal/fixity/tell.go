package fixity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// tell writes into her feed what was found of a part: which part, and the day.
func (f *Fixity) tell(ctx context.Context, tx store.Tx, p *piece, kind custody.Kind) error {
	return f.tellOf(ctx, tx, p.testimony, p.n, kind)
}

func (f *Fixity) tellOf(ctx context.Context, tx store.Tx, testimony id.ID, n int64, kind custody.Kind) error {
	key, err := f.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil // there is nobody to tell
	}
	if err != nil {
		return err
	}
	err = custody.Record(ctx, tx, testimony, key, custody.Event{Kind: kind, At: f.today(), Actor: custody.Vault, N: n})
	if errors.Is(err, custody.ErrNotFound) {
		return nil
	}
	return err
}

// healed says that a part is whole again. Of a part that was known to be damaged it
// says so when its last piece is good; of one that was not known to be, once a day,
// however many of its pieces a lost disk has taken.
func (f *Fixity) healed(ctx context.Context, tx store.Tx, p *piece) error {
	q := fixitydb.New(tx)
	now := *p
	if err := (&now).name(ctx, q); err != nil {
		return err
	}
	if now.testimony == "" || now.upload {
		return nil
	}
	left, err := q.BadIn(ctx, string(p.payload))
	if err != nil {
		return fmt.Errorf("count damaged pieces: %w", err)
	}
	if left > 0 || p.damage == "" && now.healedDay == f.today() {
		return nil
	}
	if err := q.Told(ctx, fixitydb.ToldParams{Day: f.today(), Testimony: string(now.testimony), N: now.n}); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return f.tell(ctx, tx, &now, custody.Healed)
}

func nullable(i id.ID) sql.NullString { return nullableText(string(i)) }

func nullableText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
