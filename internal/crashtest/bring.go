package crashtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// mostWaiting is how many items she lets wait.
const mostWaiting = 3

// pickBrought chooses among what is about her tray.
func (w *woman) pickBrought(t *told) *act {
	b := w.brings
	switch n := w.rand.IntN(8); {
	case n < 3 && len(b.waits) < mostWaiting:
		return w.deliver()
	case len(b.waits) > 0 && n == 7:
		return w.refuse(w.oneWaiting())
	case len(b.waits) > 0:
		return w.take(t, w.oneWaiting())
	}
	return w.deliver()
}

func (w *woman) oneWaiting() api.ID {
	all := slices.Sorted(maps.Keys(w.brings.waits))
	return all[w.rand.IntN(len(all))]
}

// deliver has the program bring something under a name that it has drawn before.
func (w *woman) deliver() *act {
	b := w.brings
	content, p := w.content(1000 + w.rand.IntN(2*inRow))
	var name api.ID
	a := &act{name: "deliveries"}
	a.do = func(ctx context.Context) (err error) {
		if name, err = b.program.NewItem(); err != nil {
			return err
		}
		_, err = b.program.Deliver(ctx, client.Delivery{To: b.place, Content: content, Item: name})
		return err
	}
	a.done = func() error { b.waits[name], b.known[name] = p, true; return nil }
	a.settle = func(ctx context.Context) (bool, error) {
		waits, err := w.waits(ctx, name)
		if err != nil || !waits {
			return waits, err
		}
		// The program, which does not know, brings it again: it is told, and nothing is
		// stored twice.
		_, err = b.program.Deliver(ctx, client.Delivery{To: b.place, Content: content, Item: name})
		if !errors.Is(err, client.ErrBrought) {
			return false, fmt.Errorf("brought again, the vault says: %w", err)
		}
		return true, nil
	}
	return a
}

// waits tells whether an item waits for her.
func (w *woman) waits(ctx context.Context, name api.ID) (bool, error) {
	list, err := w.client.Items(ctx)
	return slices.ContainsFunc(list, func(i *client.Item) bool { return i.ID == name }), err
}

// take makes an item hers.
func (w *woman) take(t *told, name api.ID) *act {
	b := w.brings
	p := b.waits[name]
	var n int64
	a := &act{name: "items adopted"}
	a.do = func(ctx context.Context) error {
		out, err := w.client.AdoptItem(ctx, name, t.id, nil)
		n = out.N
		return err
	}
	a.done = func() error {
		delete(b.waits, name)
		return t.put(n, p)
	}
	a.settle = func(ctx context.Context) (bool, error) {
		waits, err := w.waits(ctx, name)
		if err != nil {
			return false, err
		}
		taken, err := w.newPart(ctx, t, &n, true)
		if err == nil && taken == waits {
			err = fmt.Errorf("item %s: it waits: %t; it is hers: %t", name, waits, taken)
		}
		return taken, err
	}
	return a
}

// refuse destroys an item.
func (w *woman) refuse(name api.ID) *act {
	b := w.brings
	a := &act{name: "items refused"}
	a.do = func(ctx context.Context) error {
		err := w.client.RefuseItem(ctx, name)
		if !errors.Is(err, client.ErrNotFound) {
			return err
		}
		// Its answer was lost and it was sent again: what is refused is not there.
		waits, lookErr := w.waits(ctx, name)
		if lookErr == nil && !waits {
			return nil
		}
		return errors.Join(err, lookErr)
	}
	a.done = func() error {
		delete(b.waits, name)
		return nil
	}
	a.settle = func(ctx context.Context) (bool, error) { waits, err := w.waits(ctx, name); return !waits, err }
	return a
}

// lookAtTray wants to wait what was acknowledged, that and no more, each whole, and the
// program's own list to know all it brought.
func (w *woman) lookAtTray(ctx context.Context) error {
	b := w.brings
	list, err := w.client.Items(ctx)
	if err != nil {
		return err
	}
	if len(list) != len(b.waits) {
		return fmt.Errorf("%d items wait and %d were acknowledged", len(list), len(b.waits))
	}
	for _, i := range list {
		p, acknowledged := b.waits[i.ID]
		if !acknowledged || i.Err != nil {
			return fmt.Errorf("item %s is not as it was acknowledged: %w", i.ID, i.Err)
		}
		var got bytes.Buffer
		if _, err := w.client.OpenItem(ctx, i.ID, into(&got)); err != nil {
			return fmt.Errorf("item %s: %w", i.ID, err)
		}
		if sha256.Sum256(got.Bytes()) != p.sum {
			return fmt.Errorf("item %s: %w", i.ID, errOther)
		}
	}
	for name := range b.known {
		if _, err := b.program.Delivery(ctx, name); err != nil {
			return fmt.Errorf("item %s, which was acknowledged: %w", name, err)
		}
	}
	return nil
}
