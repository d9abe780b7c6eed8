package fixity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/fixity/fixitydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
)

// piece is a piece with what it must be and what names it.
type piece struct {
	payload   id.ID
	from      int64
	object    id.ID
	copy      id.ID // in the second store; empty for none
	damage    Kind  // that is known already; empty for none
	want      want
	testimony id.ID // empty while nothing names it
	n         int64
	upload    bool  // it belongs to an upload under way, not to a part
	healedDay int64 // when the feed of its part said so last
}

// find looks a piece up by its object; nil: there is none any more.
func (f *Fixity) find(ctx context.Context, object id.ID) (p *piece, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		p, err = find(ctx, fixitydb.New(tx), object)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find piece: %w", err)
	}
	return p, nil
}

func find(ctx context.Context, q *fixitydb.Queries, object id.ID) (*piece, error) {
	row, err := q.Piece(ctx, string(object))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &piece{payload: id.ID(row.Payload), from: row.FromB, object: id.ID(row.Blob), copy: id.ID(row.Second.String),
		damage: Kind(row.Damage.String), want: want{length: row.Length, after: row.Digest}}
	known := row.FromB == 0
	if !known {
		p.want.before, err = q.StateAt(ctx, fixitydb.StateAtParams{Payload: row.Payload, At: row.FromB})
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		known = len(p.want.before) > 0
	}
	if err := p.name(ctx, q); err != nil {
		return nil, err
	}
	if !known { // nobody knows what comes before, so only the length can be judged
		p.want = want{length: row.Length}
	}
	return p, nil
}

// name finds out what the payload of the piece belongs to, and whether it ends there.
func (p *piece) name(ctx context.Context, q *fixitydb.Queries) error {
	part, err := q.PartOf(ctx, string(p.payload))
	if err == nil {
		p.testimony, p.n, p.healedDay = id.ID(part.Testimony), part.N, part.HealedDay
		p.ends(part.Length, part.PayloadSha256)
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	up, err := q.UploadOf(ctx, string(p.payload))
	if errors.Is(err, sql.ErrNoRows) {
		return p.nameItem(ctx, q)
	}
	if err != nil {
		return err
	}
	p.testimony, p.n, p.upload = id.ID(up.Testimony), up.N, true
	p.ends(up.Length, up.PayloadSha256)
	return nil
}

// nameItem is name for what waits in a tray. Nobody's feed has it yet: her client
// finds out when it opens the item, and she does not sign for what is damaged.
func (p *piece) nameItem(ctx context.Context, q *fixitydb.Queries) error {
	item, err := q.ItemOf(ctx, string(p.payload))
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	p.ends(item.Length, item.PayloadSha256)
	return nil
}

func (p *piece) ends(length int64, sum []byte) {
	if p.from+p.want.length == length {
		p.want.whole = sum
	}
}
