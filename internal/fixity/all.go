package fixity

import (
	"context"
	"fmt"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// Everything says what All is to do.
type Everything struct {
	MissingOnly bool // look for what is not there, and read nothing else
	Absent      bool // believe a store that has nothing in it
}

// Result is what All has found.
type Result struct{ Looked, Good, Healed, Bad int64 }

// All goes through all pieces and rows now, as fast as it can, and copies what has no
// copy.
func (f *Fixity) All(ctx context.Context, what Everything, watch func(Result)) (Result, error) {
	var out Result
	seen := false
	h := how{wait: atOnce, absent: what.Absent, seen: &seen}
	for at := new(cursor); ; {
		objects, _, err := f.claim(ctx, at.list)
		if err != nil {
			return out, err
		}
		if len(objects) == 0 {
			break
		}
		for _, o := range objects {
			if err := f.one(ctx, o, what, h, &out); err != nil {
				return out, err
			}
		}
		at.last = at.found[string(objects[len(objects)-1])]
		watch(out)
	}
	if what.MissingOnly {
		return out, nil
	}
	if err := f.Copy(ctx, h); err != nil {
		return out, err
	}
	_, err := f.checkRows(ctx, f.today()-1)
	return out, err
}

// cursor goes through all pieces by their places, which stay when they are healed.
type cursor struct {
	last  fixitydb.BehindRow
	found map[string]fixitydb.BehindRow
}

func (c *cursor) list(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
	rows, err := q.Behind(ctx, fixitydb.BehindParams{Payload: c.last.Payload, FromB: c.last.FromB, NowS: now, Page: claimPage})
	c.found = map[string]fixitydb.BehindRow{}
	return candidates(rows, err, func(r fixitydb.BehindRow) candidate {
		c.found[r.Blob] = r
		return candidate{r.Blob, r.Length}
	})
}

// one looks at a piece and counts what came of it.
func (f *Fixity) one(ctx context.Context, object id.ID, what Everything, h how, out *Result) error {
	out.Looked++
	if what.MissingOnly {
		there, err := f.has(ctx, object)
		if err != nil {
			return err
		}
		if there {
			out.Good++
			return f.unclaim(ctx, object)
		}
	}
	state, err := f.look(ctx, object, h)
	switch {
	case err != nil:
		return err
	case state == Healed:
		out.Healed++
	case state == Bad:
		out.Bad++
	default:
		out.Good++
	}
	return nil
}

// has tells whether the first store has an object of the piece's length.
func (f *Fixity) has(ctx context.Context, object id.ID) (bool, error) {
	p, err := f.find(ctx, object)
	if err != nil || p == nil {
		return p == nil, err
	}
	v, found, err := f.open(ctx, f.first(), object, p.want, atOnce)
	if err != nil || found != "" {
		return false, err
	}
	return true, v.from.Close()
}

func (f *Fixity) unclaim(ctx context.Context, object id.ID) error {
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error { return fixitydb.New(tx).Unclaim(ctx, string(object)) })
	if err != nil {
		return fmt.Errorf("give a claim back: %w", err)
	}
	return nil
}
