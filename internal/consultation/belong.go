package consultation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/consultation/consultationdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// errElsewhere refuses to count one testimony in two consultations.
var errElsewhere = fmt.Errorf("%w: this testimony belongs to another consultation, and stays there", account.ErrConflict)

// Belong makes a testimony of a collection belong to a call of the collection's
// partner, so that it is counted there: once, whatever was brought of it and whatever
// is sealed anew from it. Saying it again is saying it once, also when the call is
// over. What is not the caller's, or no collection's, or no open call of its partner,
// is ErrNotFound, whichever of them it is.
func (c *Consultations) Belong(ctx context.Context, caller account.Caller, testimony, name id.ID) error {
	return c.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		partner, err := c.collectionOf(ctx, tx, caller.ID, testimony)
		if err != nil {
			return err
		}
		done, err := c.belongs(ctx, tx, testimony, name)
		if err != nil || done {
			return err
		}
		if err := c.Takes(ctx, tx, partner, name); err != nil {
			return err
		}
		// The snapshot has no such row, so of two at once the later begins again, and
		// finds what the earlier has said.
		err = consultationdb.New(tx).Belong(ctx, consultationdb.BelongParams{Testimony: string(testimony), Consultation: string(name)})
		if err != nil {
			return fmt.Errorf("write where a testimony belongs: %w", err)
		}
		return nil
	})
}

// collectionOf is the partner of the collection that a testimony lies in.
func (c *Consultations) collectionOf(ctx context.Context, tx store.Tx, caller id.Thumbprint, testimony id.ID) (id.ID, error) {
	owner, err := consultationdb.New(tx).OwnerOf(ctx, string(testimony))
	if errors.Is(err, sql.ErrNoRows) || err == nil && owner != string(caller) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("find testimony: %w", err)
	}
	return c.Partners.Collection(ctx, tx, caller)
}

// belongs tells whether a testimony is counted in a call already. A part that was
// brought under the call's name counts for it.
func (c *Consultations) belongs(ctx context.Context, tx store.Tx, testimony, name id.ID) (bool, error) {
	counted, err := c.Partners.Counted(ctx, tx, testimony)
	if err != nil {
		return false, err
	}
	row, err := consultationdb.New(tx).CallOf(ctx, string(testimony))
	if err == nil {
		counted = []id.ID{id.ID(row)} // what was said of the whole goes before what came with a part
	} else if !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("find where a testimony belongs: %w", err)
	}
	for _, one := range counted {
		if one == name {
			return true, nil
		}
	}
	if len(counted) != 0 {
		return false, errElsewhere
	}
	return false, nil
}

// Forget is called within the transaction that erases a testimony, while deliveries
// still say that they replace it. What it was counted for stays counted once: by a
// delivery through which she took it, or else by one whose own note names the call.
// Where there is neither, nobody has it any more, and it counts no more.
func (c *Consultations) Forget(ctx context.Context, tx store.Tx, testimony id.ID) error {
	q := consultationdb.New(tx)
	name, err := q.CallOf(ctx, string(testimony))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find where a testimony belongs: %w", err)
	}
	if err := bequeath(ctx, q, string(testimony), name); err != nil {
		return fmt.Errorf("count what was sealed anew: %w", err)
	}
	if err := q.Leave(ctx, string(testimony)); err != nil {
		return fmt.Errorf("forget where a testimony belongs: %w", err)
	}
	return nil
}

// bequeath leaves the count of a testimony to one delivery, and takes it from all
// others: what she refused would count beside what she took.
func bequeath(ctx context.Context, q *consultationdb.Queries, testimony, name string) error {
	heir, err := q.Heir(ctx, consultationdb.HeirParams{Testimony: testimony, Consultation: name})
	if errors.Is(err, sql.ErrNoRows) {
		return nil // none, so none names the call either
	}
	if err != nil {
		return err
	}
	if err := q.Disinherit(ctx, consultationdb.DisinheritParams{Testimony: testimony, Consultation: name}); err != nil {
		return err
	}
	return q.Inherit(ctx, consultationdb.InheritParams{Consultation: name, Item: heir})
}
