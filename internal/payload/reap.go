package payload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload/payloaddb"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// reapPage is how many doomed objects one transaction looks at.
const reapPage = 256

// Discard lets go of an object whose piece was refused with err, and passes err
// on. When nobody knows whether the piece was written, the object stays: Sweep
// finds out later.
func (p *Payloads) Discard(ctx context.Context, object id.ID, err error) error {
	if err == nil || object == "" || errors.Is(err, store.ErrUncertain) {
		return err
	}
	if e := p.Blobs.Delete(context.WithoutCancel(ctx), object); e != nil {
		p.Log.Warn("discard payload", "error", e)
	}
	return err
}

// Reap deletes the objects that pieces have let go of. What cannot be deleted now
// stays doomed and is tried again; nothing refers to it.
func (p *Payloads) Reap(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for {
		var doomed []string
		err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			doomed, err = payloaddb.New(tx).Doomed(ctx, reapPage)
			return err
		})
		if err == nil {
			err = p.reap(ctx, doomed)
		}
		if err != nil {
			p.Log.Error("delete doomed payloads", "error", err)
		}
		if err != nil || len(doomed) < reapPage {
			return
		}
	}
}

func (p *Payloads) reap(ctx context.Context, doomed []string) error {
	for _, b := range doomed {
		if err := p.Blobs.Delete(ctx, id.ID(b)); err != nil {
			return err
		}
	}
	if len(doomed) == 0 {
		return nil
	}
	return p.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, b := range doomed {
			if err := payloaddb.New(tx).Undoom(ctx, b); err != nil {
				return fmt.Errorf("forget doomed payload: %w", err)
			}
		}
		return nil
	})
}

// Sweep deletes objects that a crash left behind: stored, but named by no piece,
// and at least as old as age. Objects know only their day, so they count as stored
// at its end; an upload takes its row within seconds of its object, so an age in
// hours leaves none in danger.
func (p *Payloads) Sweep(ctx context.Context, age time.Duration) (int, error) {
	before := p.Now().Add(-age).Unix()
	orphans := 0
	err := p.Blobs.List(ctx, func(e blob.Entry) error {
		if e.Day+statement.Day > before {
			return nil
		}
		used, err := p.inUse(ctx, e.Key)
		if err != nil || used {
			return err
		}
		orphans++
		return p.Blobs.Delete(ctx, e.Key)
	})
	if err != nil {
		return orphans, fmt.Errorf("sweep payloads: %w", err)
	}
	return orphans, nil
}

func (p *Payloads) inUse(ctx context.Context, key id.ID) (bool, error) {
	var uses int64
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		uses, err = payloaddb.New(tx).InUse(ctx, string(key))
		return err
	})
	return uses > 0, err
}
