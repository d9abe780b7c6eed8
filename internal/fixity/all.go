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

// All goes through all pieces and rows now, as fast as it can.
func (f *Fixity) All(ctx context.Context, what Everything, watch func(Result)) (Result, error) {
	var out Result
	seen := false
	h := how{wait: atOnce, absent: what.Absent, seen: &seen}
	for after := ""; ; {
		last := ""
		objects, _, err := f.claim(ctx, func(ctx context.Context, q *fixitydb.Queries, now int64) ([]candidate, error) {
			rows, err := q.Behind(ctx, fixitydb.BehindParams{After: after, NowS: now, Page: claimPage})
			return candidates(rows, err, func(r fixitydb.BehindRow) candidate { return candidate(r) })
		})
		if err != nil {
			return out, err
		}
		if len(objects) == 0 {
			break
		}
		for _, o := range objects {
			last = string(o)
			if err := f.one(ctx, o, what, h, &out); err != nil {
				return out, err
			}
		}
		after = last
		watch(out)
	}
	if what.MissingOnly {
		return out, nil
	}
	_, err := f.checkRows(ctx, f.today()-1)
	return out, err
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
