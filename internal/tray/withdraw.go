package tray

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Origin is how a part came that somebody else brought. It stays with the part.
type Origin struct {
	N    int64
	Note string
	Said *delivery.Note
}

// Origins gives how parts of a testimony came, by n; key is its shred key.
func Origins(ctx context.Context, tx store.Tx, testimony id.ID, key *shred.Key) ([]Origin, error) {
	rows, err := q(tx).Papers(ctx, string(testimony))
	if err != nil {
		return nil, fmt.Errorf("list delivery notes: %w", err)
	}
	out := make([]Origin, 0, len(rows))
	for _, r := range rows {
		p, n, err := openPapers(key, r.Papers)
		if err != nil {
			return nil, err
		}
		out = append(out, Origin{N: r.N, Note: p.Note, Said: n})
	}
	return out, nil
}

// CameTo reads how parts of a testimony came, to be opened with its shred key; nil
// where nothing of it was brought. It is for grants, which tell their readers.
func (t *Trays) CameTo(ctx context.Context, tx store.Tx, testimony id.ID) (func(*shred.Key) (map[int64]grant.Origin, error), error) {
	rows, err := q(tx).Papers(ctx, string(testimony))
	if err != nil {
		return nil, fmt.Errorf("list delivery notes: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return func(key *shred.Key) (map[int64]grant.Origin, error) {
		out := map[int64]grant.Origin{}
		for _, r := range rows {
			p, n, err := openPapers(key, r.Papers)
			if err != nil {
				return nil, err
			}
			out[r.N] = grant.Origin{Note: p.Note, Said: n}
		}
		return out, nil
	}, nil
}

// OriginsOf gives how parts of the caller's testimony came.
func (t *Trays) OriginsOf(ctx context.Context, caller account.Caller, testimony id.ID) (out []Origin, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := q(tx).OwnerOf(ctx, string(testimony))
		if err := found("find testimony", err); err != nil {
			return err
		}
		if row.Owner != string(caller.ID) || row.Erased != 0 {
			return ErrNotFound
		}
		key, err := t.Keys.Load(ctx, tx, testimony)
		if errors.Is(err, shred.ErrShredded) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		out, err = Origins(ctx, tx, testimony, key)
		return err
	})
	return out, err
}

// Forget is called within the transaction that erases a testimony: what of it a
// partner brought is withdrawn, and its notes go.
func (t *Trays) Forget(ctx context.Context, tx store.Tx, testimony id.ID) error {
	row, err := q(tx).OwnerOf(ctx, string(testimony))
	if err := found("find testimony", err); err != nil {
		return err
	}
	if err := t.withdraw(ctx, tx, id.Thumbprint(row.Owner), testimony, 0); err != nil {
		return err
	}
	if err := q(tx).DropPapers(ctx, string(testimony)); err != nil {
		return fmt.Errorf("destroy delivery notes: %w", err)
	}
	if err := q(tx).ForgetReplaced(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget what was claimed: %w", err)
	}
	return nil
}

// Withdrawn is called within the transaction of a withdraw statement. One that names
// a single reader is between her and that reader; any other takes back what the
// partner was let bring, too.
func (t *Trays) Withdrawn(ctx context.Context, tx store.Tx, owner id.Thumbprint, body *statement.Withdraw) error {
	if body.Grantee != "" {
		return nil
	}
	if body.Testimony != "" {
		return t.withdraw(ctx, tx, owner, body.Testimony, body.N)
	}
	all, err := q(tx).WithPapers(ctx, string(owner))
	if err != nil {
		return fmt.Errorf("list delivered parts: %w", err)
	}
	for _, testimony := range all {
		if err := t.withdraw(ctx, tx, owner, id.ID(testimony), 0); err != nil {
			return err
		}
	}
	return nil
}

// withdraw takes back consent to the delivered parts of a testimony; n is 0 for all.
// What lies in a collection is the partner's own, and nobody has to be told.
func (t *Trays) withdraw(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID, n int64) error {
	whose, err := account.Load(ctx, tx, owner)
	if err != nil || whose.Role != statement.Participant {
		return err
	}
	key, err := t.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil
	}
	if err != nil {
		return err
	}
	origins, err := Origins(ctx, tx, testimony, key)
	if err != nil {
		return err
	}
	for _, o := range origins {
		if n != 0 && o.N != n {
			continue
		}
		row, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(o.Said.Partner), Named: string(o.Said.Item)})
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("find delivery: %w", err)
		}
		if err := t.withdrawItem(ctx, tx, owner, id.ID(row.Item)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trays) withdrawItem(ctx context.Context, tx store.Tx, owner id.Thumbprint, item id.ID) error {
	if err := t.become(ctx, tx, item, Taken, Withdrawn); err != nil {
		return err
	}
	err := q(tx).NoteWithdrawn(ctx, traydb.NoteWithdrawnParams{Item: string(item), Account: string(owner), Day: t.today()})
	if err != nil {
		return fmt.Errorf("note a withdrawal: %w", err)
	}
	return nil
}

// Ending is a withdrawal as she sees it: whether the partner has answered.
type Ending struct {
	Item         id.ID
	Partner      id.ID
	Day          int64
	Due          int64 // the first day on which the answer is late
	Acknowledged int64 // 0: not yet
	Late         bool
}

// Endings gives at most limit of the caller's withdrawals behind one.
func (t *Trays) Endings(ctx context.Context, caller account.Caller, afterDay int64, after id.ID, limit int64) (out []Ending, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		rows, err := q(tx).WithdrawnOf(ctx, traydb.WithdrawnOfParams{Account: string(caller.ID), AfterDay: afterDay, After: string(after), Page: limit})
		if err != nil {
			return fmt.Errorf("list withdrawals: %w", err)
		}
		for _, r := range rows {
			e := Ending{Item: id.ID(r.Named), Partner: id.ID(r.Partner), Day: r.Day, Acknowledged: r.AcknowledgedDay, Late: r.AcknowledgedDay == 0 && r.Day < t.lateBefore()}
			e.Due = r.Day + (t.today() - t.lateBefore()) + statement.Day
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
