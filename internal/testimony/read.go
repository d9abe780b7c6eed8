package testimony

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/agefile"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Item is a testimony in her list.
type Item struct {
	ID         id.ID
	Ordinal    int64
	CreatedDay int64
	Card       []byte // the sealed card
	Parts      int64  // how many
}

// Part is what the vault knows of a part: its digests, not what it is.
type Part struct {
	N       int64
	Binding statement.Binding
	Hers    bool // false until she adopts what was sealed on arrival
	Arrived bool // sealed on arrival, for ever
	PQ      bool
	// Damaged says that the vault knows of bytes that are not those that were stored,
	// and has no others; Readable is how many bytes of the payload come before them.
	Damaged  bool
	Readable int64
	// Received is the sender's statement, for a part that is still to be adopted.
	Received string
}

// Whole is one testimony with its parts and its uploads under way.
type Whole struct {
	ID         id.ID
	CreatedDay int64
	Card       []byte
	Parts      []Part
	Slots      []Slot
}

// List gives at most limit of the caller's testimonies behind ordinal after, the
// oldest first. For a key that has not enrolled it is empty.
func (v *Vault) List(ctx context.Context, caller account.Caller, after, limit int64) ([]Item, error) {
	var out []Item
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		if err := v.stands(ctx, tx, caller); errors.Is(err, ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		rows, err := testimonydb.New(tx).List(ctx, testimonydb.ListParams{Owner: string(caller.ID), After: after, Page: limit})
		if err != nil {
			return fmt.Errorf("list testimonies: %w", err)
		}
		for _, r := range rows {
			key, err := v.Keys.Of(r.ShredKey)
			if err != nil {
				return err
			}
			card, err := key.Open(cardLabel, r.Card)
			if err != nil {
				return err
			}
			out = append(out, Item{id.ID(r.ID), r.Ordinal, r.CreatedDay, card, r.Parts})
		}
		return nil
	})
	return out, err
}

// Show gives one of the caller's testimonies.
func (v *Vault) Show(ctx context.Context, caller account.Caller, testimony id.ID) (*Whole, error) {
	var out *Whole
	err := v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		out = &Whole{ID: testimony, CreatedDay: row.CreatedDay}
		if out.Card, err = key.Open(cardLabel, row.Card); err != nil {
			return err
		}
		if out.Parts, err = v.parts(ctx, tx, testimony); err != nil {
			return err
		}
		out.Slots, err = v.slots(ctx, tx, testimony, key)
		return err
	})
	return out, err
}

func (v *Vault) parts(ctx context.Context, tx store.Tx, testimony id.ID) ([]Part, error) {
	rows, err := testimonydb.New(tx).Parts(ctx, string(testimony))
	if err != nil {
		return nil, fmt.Errorf("list parts: %w", err)
	}
	out := make([]Part, 0, len(rows))
	for _, r := range rows {
		p := Part{N: r.N, Hers: r.State == "hers", Arrived: r.Arrived == 1, PQ: r.Classic == 0, Binding: statement.Binding{
			Length: r.Length, PayloadSHA256: statement.B64(r.PayloadSha256), Commit: statement.B64(r.Commitment), HeaderSHA256: statement.B64(r.HeaderSha256)}}
		if p.Damaged = r.Damage.Valid || r.DamagedFrom >= 0; p.Damaged && !r.Damage.Valid {
			p.Readable = r.DamagedFrom
		}
		if !p.Hers {
			s, err := v.Ledger.Statement(ctx, tx, id.Thumbprint(r.ReceivedIss.String), r.ReceivedSeq.Int64)
			if err != nil {
				return nil, err
			}
			p.Received = s.Compact()
		}
		out = append(out, p)
	}
	return out, nil
}

func (v *Vault) slots(ctx context.Context, tx store.Tx, testimony id.ID, key *shred.Key) ([]Slot, error) {
	rows, err := testimonydb.New(tx).Slots(ctx, string(testimony))
	if err != nil {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	out := make([]Slot, 0, len(rows))
	for _, r := range rows {
		header, err := key.Open(headerLabel(r.HeaderSha256), r.Header)
		if err != nil {
			return nil, err
		}
		out = append(out, Slot{r.N, r.Length, r.Received, r.HeaderSha256, header, r.Nonce, r.PayloadSha256, r.BegunDay})
	}
	return out, nil
}

// Header gives the caller's own header of a part: all she needs to grant it.
func (v *Vault) Header(ctx context.Context, caller account.Caller, testimony id.ID, n int64) ([]byte, error) {
	header, _, _, err := v.content(ctx, caller, testimony, n)
	return header, err
}

// Content gives the caller's own part as an age file. The caller closes it.
func (v *Vault) Content(ctx context.Context, caller account.Caller, testimony id.ID, n int64) (*agefile.File, error) {
	header, payload, row, err := v.content(ctx, caller, testimony, n)
	if err != nil {
		return nil, err
	}
	if !row.Blob.Valid {
		return agefile.Inline(header, payload, row.PayloadSha256), nil
	}
	stored, err := v.Payloads.Open(ctx, id.ID(row.Blob.String), row.Length)
	if errors.Is(err, blob.ErrNotFound) { // erased or re-locked since
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return agefile.Stored(header, stored, row.PayloadSha256), nil
}

func (v *Vault) content(ctx context.Context, caller account.Caller, testimony id.ID, n int64) (header, payload []byte, row testimonydb.ContentRow, err error) {
	err = v.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		row, err = testimonydb.New(tx).Content(ctx, testimonydb.ContentParams{Testimony: string(testimony), N: n})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return fmt.Errorf("read part: %w", err)
		}
		if header, err = key.Open(headerLabel(row.HeaderSha256), row.Header); err != nil || row.Blob.Valid {
			return err
		}
		payload, err = key.Open(payloadLabel(row.PayloadSha256), row.Payload)
		return err
	})
	return header, payload, row, err
}
