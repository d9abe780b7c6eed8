package grant

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// Carried is a reader's new header in a re-lock.
type Carried struct {
	Grant  id.ID
	Header []byte
}

// carrying is a re-lock of one part under way.
type carrying struct {
	key       *shred.Key
	testimony id.ID
	n         int64
	seq       sql.NullInt64 // of the relock statement
}

// Carry gives every live grant of a re-locked part its new header and destroys
// the others. headers, sorted by grant, must name every live one and none that is
// over, or it is ErrChanged. The statement was checked against the headers.
//
// A grant that has ended although no statement of hers says so, because a restore
// lost it, is live in her chain, and a client that goes by the chain alone names it.
// Refusing that would lock her out of sealing anew for ever. Its header is dropped.
func (g *Grants) Carry(ctx context.Context, tx store.Tx, key *shred.Key, testimony id.ID, n, relockSeq int64, headers []Carried) error {
	c := carrying{key, testimony, n, sql.NullInt64{Int64: relockSeq, Valid: true}}
	live, err := g.named(ctx, tx, c, headers)
	if err != nil {
		return err
	}
	q := grantdb.New(tx)
	for _, h := range headers {
		if err := c.carry(ctx, q, h, slices.Contains(live, string(h.Grant))); err != nil {
			return fmt.Errorf("carry grant over: %w", err)
		}
	}
	err = q.DropHeaders(ctx, grantdb.DropHeadersParams{Testimony: string(testimony), N: n, RelockSeq: c.seq})
	if err != nil {
		return fmt.Errorf("destroy old headers: %w", err)
	}
	return nil
}

// named gives the live grants of the part, if headers name them all.
func (g *Grants) named(ctx context.Context, tx store.Tx, c carrying, headers []Carried) ([]string, error) {
	q, now := grantdb.New(tx), g.Now().Unix()
	live, err := q.LiveOnPart(ctx, grantdb.LiveOnPartParams{Testimony: string(c.testimony), N: c.n, NowS: now})
	if err != nil {
		return nil, fmt.Errorf("list grants of a part: %w", err)
	}
	lost, err := q.LostOnPart(ctx, grantdb.LostOnPartParams{Testimony: string(c.testimony), N: c.n, NowS: now})
	if err != nil {
		return nil, fmt.Errorf("list grants of a part: %w", err)
	}
	found := 0
	for _, h := range headers {
		switch {
		case slices.Contains(live, string(h.Grant)):
			found++
		case !slices.Contains(lost, string(h.Grant)):
			return nil, ErrChanged
		}
	}
	if found != len(live) {
		return nil, ErrChanged
	}
	return live, nil
}

// carry gives one grant its header. Of one that is not live only the name stays, by
// which her client knows what she signed.
func (c carrying) carry(ctx context.Context, q *grantdb.Queries, h Carried, live bool) error {
	sum := sum32(h.Header)
	if !live {
		return q.CarryName(ctx, grantdb.CarryNameParams{HeaderSha256: sum, RelockSeq: c.seq, GrantID: string(h.Grant), N: c.n, Testimony: string(c.testimony)})
	}
	if err := q.Touch(ctx, string(h.Grant)); err != nil { // see toOpen
		return err
	}
	sealed, err := c.key.Seal(headerLabel(sum), h.Header)
	if err != nil {
		return err
	}
	_, err = q.CarryOver(ctx, grantdb.CarryOverParams{HeaderSha256: sum, Header: sealed, RelockSeq: c.seq, GrantID: string(h.Grant), N: c.n, Testimony: string(c.testimony)})
	return err
}
