package testimony

import (
	"context"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// reapPage is how many doomed objects one transaction looks at.
const reapPage = 256

// Reap deletes the objects that rows have let go of. What cannot be deleted now
// stays doomed and is tried again; nothing refers to it.
func (v *Vault) Reap(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for {
		var doomed []string
		err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			doomed, err = testimonydb.New(tx).Doomed(ctx, reapPage)
			return err
		})
		if err == nil {
			err = v.reap(ctx, doomed)
		}
		if err != nil {
			v.Log.Error("delete doomed payloads", "error", err)
		}
		if err != nil || len(doomed) < reapPage {
			return
		}
	}
}

func (v *Vault) reap(ctx context.Context, doomed []string) error {
	for _, b := range doomed {
		if err := v.Blobs.Delete(ctx, id.ID(b)); err != nil {
			return err
		}
	}
	if len(doomed) == 0 {
		return nil
	}
	return v.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, b := range doomed {
			if err := testimonydb.New(tx).Undoom(ctx, b); err != nil {
				return fmt.Errorf("forget doomed payload: %w", err)
			}
		}
		return nil
	})
}

// Sweep deletes objects that a crash left behind: stored, but named by no row,
// and at least as old as age. Objects know only their day, so they count as
// stored at its end; an upload takes its row within seconds of its object, so an
// age in hours leaves none in danger.
func (v *Vault) Sweep(ctx context.Context, age time.Duration) (int, error) {
	before := v.Now().Add(-age).Unix()
	orphans := 0
	err := v.Blobs.List(ctx, func(e blob.Entry) error {
		if e.Day+statement.Day > before {
			return nil
		}
		used, err := v.inUse(ctx, e.Key)
		if err != nil || used {
			return err
		}
		orphans++
		return v.Blobs.Delete(ctx, e.Key)
	})
	if err != nil {
		return orphans, fmt.Errorf("sweep payloads: %w", err)
	}
	return orphans, nil
}

func (v *Vault) inUse(ctx context.Context, key id.ID) (bool, error) {
	var uses int32
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		uses, err = testimonydb.New(tx).BlobInUse(ctx, string(key))
		return err
	})
	return uses > 0, err
}

// Expire gives up uploads that were begun more than age ago.
func (v *Vault) Expire(ctx context.Context, age time.Duration) error {
	before := statement.DayOf(v.Now().Add(-age))
	for {
		var n int
		err := v.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
			rows, err := testimonydb.New(tx).StaleSlots(ctx, testimonydb.StaleSlotsParams{Before: before, Page: reapPage})
			if err != nil {
				return fmt.Errorf("find stale uploads: %w", err)
			}
			n = len(rows)
			for _, r := range rows {
				if err := v.dropSlot(ctx, tx, id.Thumbprint(r.Owner), id.ID(r.Testimony), r.N); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < reapPage {
			return err
		}
	}
}
