package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/api"
)

// maxChanges bounds how often something is done over with a part that is locked
// anew again and again.
const maxChanges = 3

// trial is something that is done with a part as it stands, and done over with
// what stands then when the part was locked anew meanwhile.
type trial struct {
	// find says where the part is and what was signed for it; fresh asks not to rely
	// on what was known before.
	find func(fresh bool) (origin, expected, error)
	do   func(origin, expected) error
	// over makes ready for doing it over, and says whether that is possible.
	over func() bool
	// doubts looks once more, freshly, before it accuses the vault or does not find
	// something that is hers: another device of hers may have acted.
	doubts bool
}

func (t trial) run() error {
	var err error
	before := ""
	for round := range maxChanges {
		var want expected
		want, err = t.once(round > 0)
		changed := errors.Is(err, ErrChanged)
		if changed && want.header == before {
			return fmt.Errorf("%w: it is another one than the one that stands", ErrPartSwapped)
		}
		doubt := t.doubts && round == 0 && (errors.Is(err, ErrUntrusted) || errors.Is(err, ErrNotFound))
		if !changed && !doubt || !t.over() {
			return err
		}
		if changed {
			before = want.header
		}
	}
	return err
}

func (t trial) once(fresh bool) (expected, error) {
	from, want, err := t.find(fresh)
	if err != nil {
		return want, err
	}
	defer want.forget()
	return want, t.do(from, want)
}

// ownPart finds what she signed of a part.
func (c *Client) ownPart(ctx context.Context, t api.ID, n int64) func(bool) (origin, expected, error) {
	return func(fresh bool) (origin, expected, error) {
		look := c.history
		if fresh {
			look = c.refresh
		}
		h, err := look(ctx)
		if err == nil {
			err = h.enrolled()
		}
		if err != nil {
			return origin{}, expected{}, err
		}
		b, err := h.part(t, n)
		if err != nil {
			return origin{}, expected{}, err
		}
		want, err := expectedOf(b)
		return ownOrigin(t, n), want, err
	}
}

// Restarter is a Sink that can begin anew. When the part is locked anew while it
// comes, everything is void that came so far: such a Sink is told to forget it, and
// Begin is called again. Without it, the call ends with ErrChanged.
type Restarter interface {
	Sink
	Restart()
}

// begun is a Sink that knows whether it was begun.
type begun struct {
	Sink
	so bool
}

// Begin implements Sink.
func (b *begun) Begin(info PartInfo, size int64) (io.Writer, error) {
	b.so = true
	return b.Sink.Begin(info, size)
}

func (b *begun) over() bool {
	if r, ok := b.Sink.(Restarter); ok && b.so {
		r.Restart()
		b.so = false
	}
	return !b.so
}
