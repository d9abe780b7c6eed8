package crashtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// grant lets a reader open some of the parts.
func (w *woman) grant(t *told) *act {
	parts := t.adopted()
	parts = parts[:1+w.rand.IntN(len(parts))]
	g := &grant{testimony: t.id, parts: map[int64][sha256.Size]byte{}, reader: w.world.readers[w.rand.IntN(readers)], opened: map[int64]bool{}}
	for _, n := range parts {
		g.parts[n] = t.parts[n].sum
	}
	a := &act{name: "grants"}
	a.do = func(ctx context.Context) error {
		made, err := w.client.Grant(ctx, client.Offer{Testimony: t.id, Parts: parts, To: g.reader.client.Account(), Terms: api.Terms{Access: statement.Download}})
		if err == nil {
			g.id = made.ID
		}
		return err
	}
	a.done = func() error {
		t.grants[g.id] = g
		w.world.given.add(g)
		return nil
	}
	a.settle = func(ctx context.Context) (bool, error) {
		list, err := w.client.Grants(ctx, t.id)
		for _, d := range list {
			if t.grants[d.ID] == nil {
				g.id = d.ID
			}
		}
		return g.id != "", err
	}
	return a
}

// revoke takes one back. What it says had been fetched must hold everything that
// the reader had received before.
func (w *woman) revoke(t *told) *act {
	live := t.live()
	g := live[w.rand.IntN(len(live))]
	a := &act{name: "revocations", touches: []*grant{g}, ends: true}
	a.do = func(ctx context.Context) error {
		before := g.receivedParts()
		fetched, err := w.client.Revoke(ctx, t.id, g.id)
		if err != nil {
			return err
		}
		return listed(before, fetched)
	}
	a.done = func() error { g.revoked = true; return nil }
	a.settle = func(ctx context.Context) (bool, error) {
		list, err := w.client.Grants(ctx, t.id)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(list, func(d client.GrantDetail) bool { return d.ID == g.id })
		if i < 0 {
			return false, fmt.Errorf("grant %s was acknowledged and is gone", g.id)
		}
		return list[i].Revoked, nil
	}
	return a
}

// errUnlisted is a reading that she was not told of.
var errUnlisted = errors.New("a reader received a part and it is not in the list of openings")

func listed(received []int64, openings []api.Opening) error {
	for _, n := range received {
		if !slices.ContainsFunc(openings, func(o api.Opening) bool { return o.N == n }) {
			return fmt.Errorf("part %d: %w", n, errUnlisted)
		}
	}
	return nil
}

// relock seals a part anew. What is in it stays, and who may read it.
func (w *woman) relock(t *told) *act {
	parts := t.adopted()
	n := parts[w.rand.IntN(len(parts))]
	a := &act{name: "re-locks", touches: t.live(), once: true}
	a.do = func(ctx context.Context) error { _, err := w.client.Relock(ctx, t.id, n); return err }
	a.done = func() error { return nil }
	// Done or not, the same is to be seen: there is nothing to settle.
	return a
}

// erase destroys a testimony.
func (w *woman) erase(t *told) *act {
	a := &act{name: "erasures", touches: t.live(), ends: true}
	a.do = func(ctx context.Context) error { return w.client.Erase(ctx, t.id) }
	a.done = func() error { t.erased = true; return nil }
	a.settle = func(ctx context.Context) (bool, error) { return w.world.gone(ctx, w.client, pathOf(t)) }
	return a
}
