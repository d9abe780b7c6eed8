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

// place is one of the stores.
type place struct {
	blobs  blob.Store
	second int64 // 1 for the second store
	inUse  func(ctx context.Context, q *payloaddb.Queries, object string) (int64, error)
}

func (p *Payloads) places() []place {
	out := []place{{p.Blobs, 0, func(ctx context.Context, q *payloaddb.Queries, object string) (int64, error) {
		return q.InUse(ctx, object)
	}}}
	if p.Second != nil {
		out = append(out, place{p.Second, 1, func(ctx context.Context, q *payloaddb.Queries, object string) (int64, error) {
			return q.InUseSecond(ctx, object)
		}})
	}
	return out
}

// Reap deletes the objects that pieces have let go of, from both stores. What cannot
// be deleted now stays doomed and is tried again; nothing refers to it. A store that
// does not answer does not keep the other's objects.
func (p *Payloads) Reap(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, s := range p.places() {
		if err := p.reapAll(ctx, s); err != nil {
			p.Log.Error("delete doomed payloads", "error", err)
		}
	}
}

func (p *Payloads) reapAll(ctx context.Context, s place) error {
	for {
		var doomed []string
		err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			doomed, err = payloaddb.New(tx).Doomed(ctx, payloaddb.DoomedParams{Second: s.second, NowS: p.Now().Unix(), Page: reapPage})
			return err
		})
		if err == nil {
			err = p.reap(ctx, s.blobs, doomed)
		}
		if err != nil || len(doomed) < reapPage {
			return err
		}
	}
}

func (p *Payloads) reap(ctx context.Context, blobs blob.Store, doomed []string) error {
	for _, b := range doomed {
		if err := blobs.Delete(ctx, id.ID(b)); err != nil {
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
func (p *Payloads) Sweep(ctx context.Context, age time.Duration) (orphans int, err error) {
	before := p.Now().Add(-age).Unix()
	for _, s := range p.places() {
		n, e := p.sweep(ctx, s, before)
		orphans += n
		err = errors.Join(err, e)
	}
	if err != nil {
		return orphans, fmt.Errorf("sweep payloads: %w", err)
	}
	return orphans, nil
}

func (p *Payloads) sweep(ctx context.Context, s place, before int64) (orphans int, err error) {
	err = s.blobs.List(ctx, func(e blob.Entry) error {
		if e.Day+statement.Day > before {
			return nil
		}
		used, err := p.inUse(ctx, s, e.Key)
		if err != nil || used {
			return err
		}
		orphans++
		return s.blobs.Delete(ctx, e.Key)
	})
	return orphans, err
}

func (p *Payloads) inUse(ctx context.Context, s place, key id.ID) (bool, error) {
	var uses int64
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		uses, err = s.inUse(ctx, payloaddb.New(tx), string(key))
		return err
	})
	return uses > 0, err
}
