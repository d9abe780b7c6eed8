package crashtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// act is one thing she does. If its answer never comes, settle finds out from the
// vault whether it was done, and then both are told apart by nothing else.
type act struct {
	name string
	// do asks the vault.
	do func(ctx context.Context) error
	// done writes into the journal what was acknowledged.
	done func() error
	// settle looks after a crash whether it was done. Nil where that cannot be seen.
	settle func(ctx context.Context) (bool, error)
	// once says that the client cannot send all of it again by itself, because it
	// was sealed while it was sent.
	once bool
	// touches are grants whose readers may notice.
	touches []*grant
	// ends says that those grants are over once it is done.
	ends bool
}

// inRow is beyond what the vault keeps in a row, in bytes.
const inRow = 150_000

// woman is a participant with her journal. One goroutine acts for her.
type woman struct {
	world  *World
	brings *bringing // nil: nobody brings her anything
	client *client.Client
	rand   *rand.Rand
	told   map[api.ID]*told
	doubt  *act // under way when the vault died
	done   counts
}

// pick chooses what she does next among what she can do.
func (w *woman) pick() *act {
	const few, most = 1, 6
	alive := w.alive()
	if len(alive) < few {
		return w.tell()
	}
	t := alive[w.rand.IntN(len(alive))]
	if waiting := t.waiting(); waiting != 0 && w.rand.IntN(2) == 0 {
		return w.adopt(t, waiting)
	}
	if w.brings != nil && w.rand.IntN(3) == 0 {
		return w.pickBrought(t)
	}
	switch n := w.rand.IntN(20); {
	case n < 4 && len(alive) < most:
		return w.tell()
	case n < 6:
		return w.add(t, 2000)
	case n < 9:
		return w.add(t, inRow+1+w.rand.IntN(300_000))
	case n < 11:
		return w.arrive(t)
	case n < 15 && len(t.adopted()) > 0:
		return w.grant(t)
	case n < 18 && len(t.live()) > 0:
		return w.revoke(t)
	case n < 19 && len(t.adopted()) > 0:
		return w.relock(t)
	case len(alive) > 2:
		return w.erase(t)
	}
	return w.add(t, 500)
}

func (w *woman) alive() []*told {
	var out []*told
	for _, id := range slices.Sorted(maps.Keys(w.told)) {
		if !w.told[id].erased {
			out = append(out, w.told[id])
		}
	}
	return out
}

// waiting is a part that was sealed on arrival and is to be adopted, or 0.
func (t *told) waiting() int64 {
	for _, n := range slices.Sorted(maps.Keys(t.parts)) {
		if !t.parts[n].adopted {
			return n
		}
	}
	return 0
}

// content makes something to say.
func (w *woman) content(size int) (client.Content, part) {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(w.rand.Uint32())
	}
	copy(b, mark)
	return client.Bytes("testimony.bin", "application/octet-stream", b), part{sum: sha256.Sum256(b), adopted: true}
}

// tell creates a testimony of one or two small parts in one request.
func (w *woman) tell() *act {
	first, p1 := w.content(1 + w.rand.IntN(4000))
	second, p2 := w.content(1 + w.rand.IntN(4000))
	parts := []client.Content{first, second}[:1+w.rand.IntN(2)]
	t := newTold("")
	t.parts[1] = p1
	if len(parts) == 2 {
		t.parts[2] = p2
	}
	t.next = int64(len(parts)) + 1
	a := &act{name: "told"}
	a.do = func(ctx context.Context) (err error) {
		t.id, err = w.client.Create(ctx, client.Testimony{Title: "شهادة", Language: "ar", Parts: parts})
		return err
	}
	a.done = func() error { w.told[t.id] = t; return nil }
	a.settle = func(ctx context.Context) (bool, error) {
		list, err := w.client.List(ctx)
		for _, l := range list {
			if w.told[l.ID] == nil {
				t.id = l.ID
			}
		}
		return t.id != "", err
	}
	return a
}

// add seals a part and sends it, in one request or through a slot.
func (w *woman) add(t *told, size int) *act {
	content, p := w.content(size)
	a := &act{name: "small parts"}
	if size > inRow {
		a.name, a.once = "large parts", true
	}
	var n int64
	a.do = func(ctx context.Context) (err error) { n, err = w.client.AddPart(ctx, t.id, content); return err }
	a.done = func() error { return t.put(n, p) }
	a.settle = func(ctx context.Context) (bool, error) { return w.newPart(ctx, t, &n, true) }
	return a
}

// arrive hands plaintext over.
func (w *woman) arrive(t *told) *act {
	content, p := w.content(1000 + w.rand.IntN(2*inRow))
	p.adopted = false
	var n int64
	a := &act{name: "arrivals"}
	a.do = func(ctx context.Context) (err error) { n, err = w.client.AddOnArrival(ctx, t.id, content); return err }
	a.done = func() error { return t.put(n, p) }
	a.settle = func(ctx context.Context) (bool, error) { return w.newPart(ctx, t, &n, false) }
	return a
}

func (t *told) put(n int64, p part) error {
	if _, there := t.parts[n]; there {
		return fmt.Errorf("testimony %s: part %d was acknowledged twice", t.id, n)
	}
	t.parts[n] = p
	return nil
}

// newPart looks for a part that is not in the journal.
func (w *woman) newPart(ctx context.Context, t *told, n *int64, adopted bool) (bool, error) {
	s, err := w.client.Show(ctx, t.id)
	if err != nil {
		return false, err
	}
	for _, d := range s.Details {
		if _, known := t.parts[d.N]; known {
			continue
		}
		if d.Adopted != adopted {
			return false, fmt.Errorf("testimony %s: part %d was left half done", t.id, d.N)
		}
		*n = d.N
		return true, nil
	}
	return false, nil
}

// adopt signs for a part that was sealed on arrival.
func (w *woman) adopt(t *told, n int64) *act {
	a := &act{name: "adoptions"}
	a.do = func(ctx context.Context) error { return w.client.Adopt(ctx, t.id, n, nil) }
	a.done = func() error { t.parts[n] = part{t.parts[n].sum, true}; return nil }
	a.settle = func(ctx context.Context) (bool, error) {
		s, err := w.client.Show(ctx, t.id)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(s.Details, func(d client.PartDetail) bool { return d.N == n })
		if i < 0 {
			return false, fmt.Errorf("testimony %s: part %d was acknowledged and is gone", t.id, n)
		}
		return s.Details[i].Adopted, nil
	}
	return a
}
