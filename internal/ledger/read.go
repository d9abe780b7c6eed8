package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger/ledgerdb"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// Entries reads at most limit places of an account's chain behind seq after.
// Erased statements come with an empty Compact and the testimony's name.
func (l *Ledger) Entries(ctx context.Context, tx store.Tx, account id.Thumbprint, after, limit int64) ([]statement.Entry, error) {
	rows, err := ledgerdb.New(tx).Entries(ctx, ledgerdb.EntriesParams{Iss: string(account), After: after, Page: limit})
	if err != nil {
		return nil, fmt.Errorf("read chain: %w", err)
	}
	keys := map[id.ID]*shred.Key{}
	out := make([]statement.Entry, 0, len(rows))
	for _, r := range rows {
		e, err := l.entry(ctx, tx, account, ledgerdb.EntryRow(r), keys)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// entry opens one row; keys remembers the shred keys met so far, nil for gone ones.
func (l *Ledger) entry(ctx context.Context, tx store.Tx, account id.Thumbprint, r ledgerdb.EntryRow, keys map[id.ID]*shred.Key) (statement.Entry, error) {
	if len(r.Sha256) != sha256.Size {
		return statement.Entry{}, fmt.Errorf("read chain: statement %d has no hash", r.Seq)
	}
	e := statement.Entry{Seq: r.Seq, Hash: [sha256.Size]byte(r.Sha256), Compact: string(r.Body), Testimony: id.ID(r.Testimony.String)}
	if !r.Testimony.Valid || len(r.Body) == 0 {
		return e, nil
	}
	key, met := keys[e.Testimony]
	if !met {
		var err error
		if key, err = l.Keys.Load(ctx, tx, e.Testimony); err != nil && !errors.Is(err, shred.ErrShredded) {
			return e, err
		}
		keys[e.Testimony] = key
	}
	if key == nil { // erased, and what is left of the body means nothing any more
		e.Compact = ""
		return e, nil
	}
	plain, err := key.Open(label(account, r.Seq), r.Body)
	e.Compact = string(plain)
	return e, err
}

// Statement reads one statement back, or shred.ErrShredded when it was erased.
func (l *Ledger) Statement(ctx context.Context, tx store.Tx, account id.Thumbprint, seq int64) (*statement.Statement, error) {
	r, err := ledgerdb.New(tx).Entry(ctx, ledgerdb.EntryParams{Iss: string(account), Seq: seq})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read statement %d: it does not exist", seq)
	}
	if err != nil {
		return nil, fmt.Errorf("read statement %d: %w", seq, err)
	}
	e, err := l.entry(ctx, tx, account, r, map[id.ID]*shred.Key{})
	if err != nil {
		return nil, err
	}
	if e.Compact == "" {
		return nil, shred.ErrShredded
	}
	return statement.Parse(e.Compact)
}

// Day is the day on which a statement of an account's chain was accepted.
func (l *Ledger) Day(ctx context.Context, tx store.Tx, account id.Thumbprint, seq int64) (int64, error) {
	r, err := ledgerdb.New(tx).Entry(ctx, ledgerdb.EntryParams{Iss: string(account), Seq: seq})
	if err != nil {
		return 0, fmt.Errorf("read statement %d: %w", seq, err)
	}
	return r.Day, nil
}

// Hash is that of a statement of an account's chain, which is there also where the
// statement has been erased.
func (l *Ledger) Hash(ctx context.Context, tx store.Tx, account id.Thumbprint, seq int64) ([sha256.Size]byte, error) {
	r, err := ledgerdb.New(tx).Entry(ctx, ledgerdb.EntryParams{Iss: string(account), Seq: seq})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("read statement %d: %w", seq, err)
	}
	if len(r.Sha256) != sha256.Size {
		return [sha256.Size]byte{}, fmt.Errorf("read statement %d: it has no hash", seq)
	}
	return [sha256.Size]byte(r.Sha256), nil
}

// About lists the hashes of an account's statements on a testimony, in order.
func (l *Ledger) About(ctx context.Context, tx store.Tx, account id.Thumbprint, testimony id.ID) ([][sha256.Size]byte, error) {
	rows, err := ledgerdb.New(tx).HashesAbout(ctx, ledgerdb.HashesAboutParams{Iss: string(account), Testimony: sql.NullString{String: string(testimony), Valid: true}})
	if err != nil {
		return nil, fmt.Errorf("list statements on a testimony: %w", err)
	}
	out := make([][sha256.Size]byte, 0, len(rows))
	for _, b := range rows {
		if len(b) != sha256.Size {
			return nil, errors.New("list statements on a testimony: a hash is not 32 bytes")
		}
		out = append(out, [sha256.Size]byte(b))
	}
	return out, nil
}

// Forget empties the bodies of an account's statements on a testimony. The
// shred key has made them noise already; this frees the space.
func (l *Ledger) Forget(ctx context.Context, tx store.Tx, account id.Thumbprint, testimony id.ID) error {
	err := ledgerdb.New(tx).EmptyBodies(ctx, ledgerdb.EmptyBodiesParams{Iss: string(account), Testimony: sql.NullString{String: string(testimony), Valid: true}})
	if err != nil {
		return fmt.Errorf("empty statements on a testimony: %w", err)
	}
	return nil
}
