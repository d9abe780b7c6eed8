package fixity

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/store"
)

// Why an object that is written here is never left behind, and never named when it is
// not there.
//
// It is doomed before its first byte is written, not to be deleted before its hold
// has passed, and pardoned in the transaction that names it. A crash anywhere before
// that transaction leaves a doomed object, which is deleted; after it, a named one. An
// erasure meanwhile takes the row, so the transaction finds nothing to name, and the
// object stays doomed. A transaction whose outcome nobody knows has done all of it or
// nothing of it. Writing ends before the hold does.

// heal puts a verified copy in the place of a piece. false: there is none.
func (f *Fixity) heal(ctx context.Context, p *piece, h how) (bool, error) {
	if f.second() == nil || p.copy == "" || !p.want.known() {
		return false, nil
	}
	anew, found, err := f.write(ctx, p, transfer{from: f.second(), object: p.copy, to: f.first()}, h)
	if err != nil || found != Intact {
		return false, err
	}
	done := false
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		done, err = f.swap(ctx, tx, p, anew)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("name a healed piece: %w", err)
	}
	return done, nil
}

// swap names the new object and lets go of the old one.
func (f *Fixity) swap(ctx context.Context, tx store.Tx, p *piece, anew id.ID) (bool, error) {
	n, err := fixitydb.New(tx).Replace(ctx, fixitydb.ReplaceParams{Anew: string(anew), Day: f.today(), Blob: string(p.object)})
	if err != nil {
		return false, err
	}
	if n == 0 { // erased, locked anew or healed by somebody else
		return false, payload.Release(ctx, tx, anew)
	}
	if err := payload.Pardon(ctx, tx, anew, f.Now().Unix()); err != nil {
		return false, err
	}
	if err := payload.DoomObject(ctx, tx, payload.Doomed{Object: p.object, Testimony: p.testimony}); err != nil {
		return false, err
	}
	return true, f.healed(ctx, tx, p)
}

// transfer is an object on its way from one store to the other.
type transfer struct {
	from   blob.Store
	object id.ID
	to     blob.Store
	second bool // to is the second store
}

// write makes a new object of one that is verified on its way, and gives its name.
// Where the source is not what it must be, it says what it is, and nothing was made.
func (f *Fixity) write(ctx context.Context, p *piece, t transfer, h how) (id.ID, Kind, error) {
	src, found, err := f.open(ctx, t.from, t.object, p.want, h.wait)
	if err != nil || found != "" {
		return "", found, err
	}
	anew, err := f.doomed(ctx, p, t.second)
	if err != nil {
		return "", "", errors.Join(err, src.from.Close())
	}
	err = t.to.Put(ctx, anew, p.want.length, src)
	if e := src.from.Close(); e != nil {
		f.Log.Warn("close an object", "cause", e)
	}
	if err == nil && src.found == Intact {
		return anew, Intact, nil
	}
	f.release(ctx, anew)
	if src.found != "" && src.found != Intact {
		return "", src.found, nil
	}
	if err == nil { // a store that does not read to the end
		err = errors.New("the store took an object before it was verified")
	}
	if k, e := kindOf(src.err); src.err != nil && e == nil {
		return "", k, nil
	}
	return "", "", fmt.Errorf("write a copy: %w", err)
}

// doomed draws the name of an object to come.
func (f *Fixity) doomed(ctx context.Context, p *piece, second bool) (id.ID, error) {
	anew, err := id.New(f.Rand)
	if err != nil {
		return "", err
	}
	d := payload.Doomed{Object: anew, Second: second, Hold: f.Now().Add(f.term(p.want.length)).Unix(), Testimony: p.testimony}
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error { return payload.DoomObject(ctx, tx, d) })
	if err != nil {
		return "", fmt.Errorf("begin a copy: %w", err)
	}
	return anew, nil
}

// release lets an object that was not finished go. Should that fail, it goes when its
// hold has passed.
func (f *Fixity) release(ctx context.Context, object id.ID) {
	err := f.DB.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx store.Tx) error { return payload.Release(ctx, tx, object) })
	if err != nil {
		f.Log.Warn("let go of a copy that was not finished", "cause", err)
	}
}

// copyPiece gives a piece that was claimed a copy in the second store. What turns out not
// to be what it must be is looked at instead.
func (f *Fixity) copyPiece(ctx context.Context, object id.ID, h how) error {
	p, err := f.find(ctx, object)
	if err != nil || p == nil || p.copy != "" || !p.want.known() {
		return err
	}
	bounded, cancel := f.bounded(ctx, p.want.length)
	defer cancel()
	anew, found, err := f.write(bounded, p, transfer{from: f.first(), object: p.object, to: f.second(), second: true}, h)
	if err != nil {
		return err
	}
	if found != Intact {
		_, err := f.look(ctx, object, h)
		return err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := fixitydb.New(tx).Copied(ctx, fixitydb.CopiedParams{Second: nullable(anew), Day: f.today(), Blob: string(object)})
		if err != nil {
			return err
		}
		if n == 0 { // erased or locked anew: what was copied goes too
			return payload.Release(ctx, tx, anew)
		}
		return payload.Pardon(ctx, tx, anew, f.Now().Unix())
	})
	if err != nil {
		return fmt.Errorf("name a copy: %w", err)
	}
	return nil
}
