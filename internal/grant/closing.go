package grant

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/closure"
	"github.com/relatingfield/vault/internal/grant/grantdb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Closure is how the end of a grant, or of some of its parts, stands with its
// reader.
type Closure struct {
	Seq   int64 // of her statement that ended it
	State closure.State
	Parts []int64 // that ended
	Day   int64   // on which it stood in the reader's list
	Due   int64   // Unix seconds: from then on the reader is silent
	Reply string  // the reader's newest, empty for none
	Notes int64   // parts about which the reader had kept a note here; it was destroyed with the header
}

// Closed is an ended grant of hers, with the vault's signed word for it.
type Closed struct {
	Grant     id.ID
	Testimony id.ID
	Grantee   id.Thumbprint
	Closure
	Receipt string
}

// Closed lists what she has ended, behind a place, in the order of her
// statements; erased testimonies are among them. It waits for streams that a
// revocation is cutting, so that receipts say all that left.
func (g *Grants) Closed(ctx context.Context, caller account.Caller, after closure.Place, limit int64) ([]Closed, error) {
	return g.closed(ctx, caller, func(ctx context.Context, tx store.Tx) ([]closure.Row, error) {
		return closure.OfOwner(ctx, tx, caller.ID, after, limit)
	})
}

// ClosedGrant is Closed for one grant of hers that has ended, or lost parts; else
// it is ErrNotFound.
func (g *Grants) ClosedGrant(ctx context.Context, caller account.Caller, grant id.ID) ([]Closed, error) {
	return g.closed(ctx, caller, func(ctx context.Context, tx store.Tx) ([]closure.Row, error) {
		rows, err := closure.OfGrant(ctx, tx, grant)
		if err == nil && (len(rows) == 0 || rows[0].Owner != caller.ID) {
			err = ErrNotFound
		}
		return rows, err
	})
}

func (g *Grants) closed(ctx context.Context, caller account.Caller, find func(context.Context, store.Tx) ([]closure.Row, error)) ([]Closed, error) {
	if err := g.SettleAll(ctx, caller.ID); err != nil {
		return nil, err
	}
	var out []Closed
	err := g.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := find(ctx, tx)
		if err == nil {
			out, err = g.closeAll(ctx, tx, rows, g.fetched)
		}
		return err
	})
	return out, err
}

// fetchedUnder lists what was fetched under a grant.
type fetchedUnder func(ctx context.Context, tx store.Tx, grant id.ID) ([]Fetched, error)

func (g *Grants) closeAll(ctx context.Context, tx store.Tx, rows []closure.Row, fetched fetchedUnder) ([]Closed, error) {
	out := make([]Closed, len(rows))
	ended := map[int64][32]byte{}
	for i, r := range rows {
		by, met := ended[r.Seq]
		var parts []statement.EndedPart
		err := store.Together(ctx, tx,
			func(ctx context.Context, tx store.Tx) (err error) {
				if !met {
					by, err = g.Ledger.Hash(ctx, tx, r.Owner, r.Seq)
				}
				return err
			},
			func(ctx context.Context, tx store.Tx) (err error) {
				parts, err = g.endedParts(ctx, tx, r)
				return err
			})
		if err != nil {
			return nil, err
		}
		ended[r.Seq] = by
		if out[i], err = g.close(ctx, tx, r, parts, by, fetched); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// close puts one row and what the receipt says of it together.
func (g *Grants) close(ctx context.Context, tx store.Tx, r closure.Row, parts []statement.EndedPart, by [32]byte, under fetchedUnder) (Closed, error) {
	out := Closed{Grant: r.Grant, Testimony: r.Testimony, Grantee: r.Grantee}
	var err error
	if out.Closure, err = g.closure(ctx, tx, r, parts); err != nil {
		return out, err
	}
	all, err := under(ctx, tx, r.Grant)
	if err != nil {
		return out, err
	}
	fetched := ofParts(all, out.Parts)
	said := statement.Revocation{Statement: statement.B64(by[:]), Account: r.Owner, Testimony: r.Testimony, Grant: r.Grant, Grantee: r.Grantee,
		Parts: parts, Day: r.Day, Fetched: make([]statement.Delivered, len(fetched))}
	for i, f := range fetched {
		said.Fetched[i] = statement.Delivered(f)
	}
	out.Receipt, err = g.Ledger.Revocation(said)
	return out, err
}

func (g *Grants) closure(ctx context.Context, tx store.Tx, r closure.Row, parts []statement.EndedPart) (Closure, error) {
	out := Closure{Seq: r.Seq, State: r.State(g.Now().Unix()), Day: r.Day, Due: r.Due}
	for _, p := range parts {
		out.Parts = append(out.Parts, p.N)
	}
	var err error
	if out.Notes, err = grantdb.New(tx).CountNoted(ctx, grantdb.CountNotedParams{GrantID: string(r.Grant), EndedSeq: r.Seq}); err != nil {
		return out, fmt.Errorf("count notes: %w", err)
	}
	if r.ReplySeq == 0 {
		return out, nil
	}
	s, err := g.Ledger.Statement(ctx, tx, r.Grantee, r.ReplySeq)
	if err != nil {
		return out, err
	}
	out.Reply = s.Compact()
	return out, nil
}

// closures lists how the end of one grant stands, the first statement first.
func (g *Grants) closures(ctx context.Context, tx store.Tx, grant id.ID) ([]Closure, error) {
	rows, err := closure.OfGrant(ctx, tx, grant)
	if err != nil {
		return nil, err
	}
	out := make([]Closure, len(rows))
	for i, r := range rows {
		parts, err := g.endedParts(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		if out[i], err = g.closure(ctx, tx, r, parts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (g *Grants) endedParts(ctx context.Context, tx store.Tx, r closure.Row) ([]statement.EndedPart, error) {
	rows, err := grantdb.New(tx).EndedParts(ctx, grantdb.EndedPartsParams{GrantID: string(r.Grant), EndedSeq: r.Seq})
	if err != nil {
		return nil, fmt.Errorf("list ended parts: %w", err)
	}
	out := make([]statement.EndedPart, len(rows))
	for i, p := range rows {
		out[i] = statement.EndedPart{N: p.N, HeaderSHA256: statement.B64(p.HeaderSha256), Payload: payloadNow(p)}
	}
	return out, nil
}

func payloadNow(p grantdb.EndedPartsRow) statement.Payload {
	switch {
	case len(p.PayloadSha256) == 0:
		return statement.PayloadErased
	case !bytes.Equal(p.EndedPayload, p.PayloadSha256):
		return statement.PayloadRelocked
	}
	return statement.PayloadStored
}

// ofParts are those of some parts of a grant.
func ofParts(all []Fetched, parts []int64) []Fetched {
	out := make([]Fetched, 0, len(all))
	for _, f := range all {
		if slices.Contains(parts, f.N) {
			out = append(out, f)
		}
	}
	return out
}
