package fixity

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
)

// State is what became of a look at something.
type State string

// The states.
const (
	Good   State = "intact"
	Healed State = "healed"  // it was not, and is now
	Bad    State = "damaged" // and no copy is better
	Later  State = "queued"  // it will be looked at; nothing is known yet
)

// how says how pieces are looked at.
type how struct {
	wait   func(context.Context, int) error
	absent bool  // that a store is empty is believed
	seen   *bool // that it is not empty has been seen; nil where nobody remembers
}

// look reads a piece that was claimed, and its copy, and puts right what it can. An
// error says that nothing was found out; the claim stands until it ends, so that
// what cannot be read does not keep everything behind it waiting.
func (f *Fixity) look(ctx context.Context, object id.ID, h how) (State, error) {
	p, err := f.find(ctx, object)
	if err != nil || p == nil {
		return Good, err
	}
	ctx, cancel := f.bounded(ctx, p.want.length)
	defer cancel()
	found, err := f.judge(ctx, f.first(), p.object, p.want, h)
	if err != nil {
		return "", fmt.Errorf("check a piece: %w", err)
	}
	if found == Missing && !h.absent {
		if err := f.there(ctx, p.object, h.seen); err != nil {
			return "", err
		}
	}
	if found == Intact {
		return f.intact(ctx, p, h)
	}
	return f.mend(ctx, p, found, h)
}

// judge reads an object, and reads it again before it says anything bad of it: what
// is found once may have happened on the way.
func (f *Fixity) judge(ctx context.Context, blobs blob.Store, object id.ID, w want, h how) (Kind, error) {
	found, err := f.examine(ctx, blobs, object, w, h.wait)
	if err != nil || found == Intact {
		return found, err
	}
	return f.examine(ctx, blobs, object, w, h.wait)
}

// Examine reads the object of a piece in the first store, or its copy in the second, and
// says what it is. It writes nothing down and heals nothing; what no piece names any
// more is Intact.
func (f *Fixity) Examine(ctx context.Context, object id.ID, second bool) (Kind, error) {
	p, err := f.find(ctx, object)
	if err != nil || p == nil {
		return Intact, err
	}
	blobs, name := f.first(), p.object
	if second {
		blobs, name = f.second(), p.copy
	}
	if blobs == nil || name == "" {
		return Intact, nil
	}
	found, err := f.judge(ctx, blobs, name, p.want, how{wait: atOnce})
	if err != nil || found == Intact {
		return found, err
	}
	// It may have been let go of, or healed, while it was read.
	now, err := f.find(ctx, object)
	if err != nil || now == nil || second && now.copy != name {
		return Intact, err
	}
	return found, nil
}

// witnesses is how many other objects are looked for before a store counts as empty.
const witnesses = 3

// there makes sure that the first store is there when an object is missing from it.
func (f *Fixity) there(ctx context.Context, missing id.ID, seen *bool) error {
	if seen != nil && *seen {
		return nil
	}
	var others []string
	err := f.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		others, err = fixitydb.New(tx).Witnesses(ctx, fixitydb.WitnessesParams{Blob: string(missing), Page: witnesses})
		return err
	})
	if err != nil {
		return fmt.Errorf("look for the store: %w", err)
	}
	for _, other := range others {
		o, err := f.first().Open(ctx, id.ID(other))
		if errors.Is(err, blob.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the store: %w", err)
		}
		if seen != nil {
			*seen = true
		}
		return o.Close()
	}
	if len(others) > 0 {
		return ErrGone
	}
	return nil
}

// intact writes down that a piece is good, and looks at its copy.
func (f *Fixity) intact(ctx context.Context, p *piece, h how) (State, error) {
	if err := f.lookSecond(ctx, p, h); err != nil {
		f.Log.Warn("the second copy of a payload cannot be checked", "cause", err)
	}
	state := Good
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		state = Good
		n, err := fixitydb.New(tx).Good(ctx, fixitydb.GoodParams{Day: f.today(), Blob: string(p.object)})
		if err != nil || n == 0 || p.damage == "" {
			return err
		}
		state = Healed // by whoever put the object back
		return f.healed(ctx, tx, p)
	})
	if err != nil {
		return "", fmt.Errorf("write down a check: %w", err)
	}
	return state, nil
}

// lookSecond lets go of a copy that is not what it must be. The piece itself is good,
// and is copied anew by Copy.
func (f *Fixity) lookSecond(ctx context.Context, p *piece, h how) error {
	if f.second() == nil || p.copy == "" {
		return nil
	}
	found, err := f.judge(ctx, f.second(), p.copy, p.want, h)
	if err != nil || found == Intact {
		return err
	}
	f.Log.Warn("a second copy is not what was copied; it is made anew", "found", string(found))
	return f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := fixitydb.New(tx).Uncopy(ctx, fixitydb.UncopyParams{Blob: string(p.object), Second: nullable(p.copy)})
		if err != nil || n == 0 {
			return err
		}
		return payload.DoomObject(ctx, tx, payload.Doomed{Object: p.copy, Second: true, Testimony: p.testimony})
	})
}

// mend heals a piece, or writes down what is wrong with it. While a copy cannot be
// had, nothing is written down: it is tried again when the claim ends.
func (f *Fixity) mend(ctx context.Context, p *piece, found Kind, h how) (State, error) {
	done, err := f.heal(ctx, p, h)
	if err != nil {
		return "", fmt.Errorf("heal a piece that is %s: %w", found, err)
	}
	if done {
		f.Log.Warn("a payload was not what was stored, and is healed", "found", string(found))
		return Healed, nil
	}
	if p.damage == "" {
		f.Log.Error("a payload is not what was stored, and there is no good copy of it", "found", string(found))
	}
	return Bad, f.bad(ctx, p, found)
}

// bad writes a finding down. Of an upload under way nothing is lost: its client is
// told to send again from where the damage begins.
func (f *Fixity) bad(ctx context.Context, p *piece, found Kind) error {
	err := f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		q := fixitydb.New(tx)
		before, err := q.BadIn(ctx, string(p.payload))
		if err != nil {
			return err
		}
		n, err := q.Bad(ctx, fixitydb.BadParams{Damage: nullableText(string(found)), Day: f.today(), Blob: string(p.object)})
		if err != nil || n == 0 {
			return err
		}
		now, err := find(ctx, q, p.object) // an upload may have become a part meanwhile
		if err != nil {
			return err
		}
		if now.upload {
			return f.Rewind(ctx, tx, now.testimony, now.n, now.from)
		}
		if before > 0 || now.testimony == "" {
			return nil
		}
		return f.tell(ctx, tx, now, custody.Damaged)
	})
	if err != nil {
		return fmt.Errorf("write down a finding: %w", err)
	}
	return nil
}
