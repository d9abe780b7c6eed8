package fsck

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/fixity"
	"github.com/relatingfield/vault/internal/fsck/fsckdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// perPass is how many objects' names are in memory at a time. A store that has more is
// listed more than once.
const perPass = 1 << 20

// shelf is one of the two stores, with what its faults are called.
type shelf struct {
	blobs                         blob.Store
	second                        bool
	missing, length, bytes, stray Fault
}

// objects holds both stores against the rows, both ways.
func (r *run) objects(ctx context.Context) error {
	shelves := []shelf{{r.First, false, ObjectMissing, ObjectLength, ObjectDamaged, Orphan}}
	if r.Second != nil {
		shelves = append(shelves, shelf{r.Second, true, CopyMissing, CopyDamaged, CopyDamaged, CopyOrphan})
	}
	for _, s := range shelves {
		if err := r.shelf(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (s shelf) name() string {
	if s.second {
		return "objects in the second store"
	}
	return "objects"
}

// shelf goes through a store in as many passes as its names need.
func (r *run) shelf(ctx context.Context, s shelf) error {
	var held int64
	if err := s.blobs.List(ctx, func(blob.Entry) error { held++; return nil }); err != nil {
		return err
	}
	if err := r.there(ctx, s, held); err != nil {
		return err
	}
	r.report.Looked[s.name()] = held
	passes := uint64(held/perPass) + 1
	for n := range passes {
		p := pass{run: r, shelf: s, seen: map[mark]int64{}, held: held, of: passes, n: n}
		if err := p.whole(ctx); err != nil {
			return err
		}
	}
	return nil
}

// there makes sure that a store is the vault's: one in which there is nothing is more
// likely not mounted than lost.
func (r *run) there(ctx context.Context, s shelf, held int64) error {
	if held > 0 {
		return nil
	}
	return r.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		count := fsckdb.New(tx).CountPieces
		if s.second {
			count = fsckdb.New(tx).CountCopies
		}
		n, err := count(ctx)
		if err == nil && n > 0 {
			err = fmt.Errorf("%s: %w", s.name(), fixity.ErrGone)
		}
		return err
	})
}

// mark stands for an object's name in a pass; two names of one mark do not occur.
type mark [16]byte

// pass looks at those objects of a store whose marks fall to it.
type pass struct {
	*run
	shelf
	seen    map[mark]int64 // lengths, of what the store has and no row has named yet
	held    int64          // objects in the store
	of, n   uint64
	orphans int64
}

func (p *pass) mine(object string) (mark, bool) {
	sum := sha256.Sum256([]byte(object))
	return mark(sum[:16]), uint64(sum[31])<<8|uint64(sum[30]) >= p.n*(1<<16)/p.of && uint64(sum[31])<<8|uint64(sum[30]) < (p.n+1)*(1<<16)/p.of
}

// whole lists the store before it reads the rows: a piece is named after its object is
// there, so what no row has named by then is old, or being written.
func (p *pass) whole(ctx context.Context) error {
	err := p.blobs.List(ctx, func(e blob.Entry) error {
		if m, mine := p.mine(string(e.Key)); mine {
			p.seen[m] = e.Size
		}
		return nil
	})
	if err == nil {
		err = p.rows(ctx)
	}
	if err != nil || len(p.seen) == 0 {
		return err
	}
	// Only what is left over is of interest now, and its names.
	return p.blobs.List(ctx, func(e blob.Entry) error {
		if m, mine := p.mine(string(e.Key)); mine {
			if _, left := p.seen[m]; left {
				return p.unnamed(ctx, e)
			}
		}
		return nil
	})
}

func (p *pass) rows(ctx context.Context) error {
	for after := ""; ; {
		var keys []string
		var rows []fsckdb.PiecesRow
		err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			q := fsckdb.New(tx)
			if keys, err = q.PayloadsUpto(ctx, fsckdb.PayloadsUptoParams{After: after, Page: page}); err != nil || len(keys) == 0 {
				return err
			}
			rows, err = q.Pieces(ctx, fsckdb.PiecesParams{After: after, Upto: keys[len(keys)-1]})
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		after = keys[len(keys)-1]
		for _, row := range rows {
			if err := p.row(ctx, row); err != nil {
				return err
			}
		}
	}
}

// row looks for the object that a piece names.
func (p *pass) row(ctx context.Context, row fsckdb.PiecesRow) error {
	object := row.Blob
	if p.second {
		object = row.Second.String
	}
	m, mine := p.mine(object)
	if object == "" || !mine {
		return nil
	}
	size, there := p.seen[m]
	delete(p.seen, m)
	if !there || size != row.Length {
		return p.suspect(ctx, row.Blob, object)
	}
	if !p.how.Deep {
		return nil
	}
	found, err := p.Fixity.Examine(ctx, id.ID(row.Blob), p.second)
	if err != nil || found == fixity.Intact {
		return err
	}
	return p.bad(ctx, p.bytes, row.Blob, object)
}

// suspect looks at one object again: it may have been written after the listing, or
// been let go of before the rows were read.
func (p *pass) suspect(ctx context.Context, piece, object string) error {
	var row fsckdb.PieceOfRow
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		row, err = fsckdb.New(tx).PieceOf(ctx, piece)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && p.second && row.Second.String != object {
		return nil
	}
	if err != nil {
		return err
	}
	o, err := p.blobs.Open(ctx, id.ID(object))
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return p.bad(ctx, p.missing, piece, object)
	case errors.Is(err, blob.ErrDamaged):
		return p.bad(ctx, p.bytes, piece, object)
	case err != nil:
		return err
	}
	size := o.Size()
	if err := o.Close(); err != nil || size == row.Length {
		return err
	}
	return p.bad(ctx, p.length, piece, object)
}

// bad writes a finding down. A copy that is not what it must be is let go of, so that
// the vault makes it anew from the piece; where the piece itself is bad too, a copy is
// all there is, and it stays.
func (p *pass) bad(ctx context.Context, f Fault, piece, object string) error {
	mended := false
	if p.second && p.how.Repair {
		found, err := p.Fixity.Examine(ctx, id.ID(piece), false)
		if err != nil {
			return err
		}
		if mended = found == fixity.Intact; mended {
			if err := p.uncopy(ctx, piece, object); err != nil {
				return fmt.Errorf("let go of a copy: %w", err)
			}
		}
	}
	p.report.add(f, object, mended)
	return nil
}

func (p *pass) uncopy(ctx context.Context, piece, object string) error {
	return p.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := fsckdb.New(tx).CopyAnew(ctx, fsckdb.CopyAnewParams{Blob: piece, Second: object}); err != nil {
			return err
		}
		return payload.DoomObject(ctx, tx, payload.Doomed{Object: id.ID(object), Second: true})
	})
}

// unnamed looks at an object that no row named: it may be being written, or being
// deleted.
func (p *pass) unnamed(ctx context.Context, e blob.Entry) error {
	var named, doomed int64
	err := p.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		if named, err = fsckdb.New(tx).Named(ctx, string(e.Key)); err == nil {
			doomed, err = fsckdb.New(tx).IsDoomed(ctx, string(e.Key))
		}
		return err
	})
	switch {
	case err != nil || named > 0:
		return err
	case doomed > 0:
		p.report.InFlight["objects that are still to be deleted"]++
		return nil
	case e.Day+statement.Day > p.Now().Add(-p.Grace).Unix():
		p.report.InFlight["objects that no row names and that are younger than gc.orphan_age"]++
		return nil
	}
	return p.orphan(ctx, e)
}

// orphan deletes an object that nothing names, unless that is more likely to be the
// database's fault: one that was restored from before, or another vault's store.
func (p *pass) orphan(ctx context.Context, e blob.Entry) error {
	p.orphans++
	mended := p.how.Repair && !p.doubt && p.orphans*2 <= p.held
	if mended {
		if err := p.blobs.Delete(ctx, e.Key); err != nil {
			return fmt.Errorf("delete an object: %w", err)
		}
	}
	p.report.add(p.stray, string(e.Key), mended)
	return nil
}
