package testimony

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Brought is a sealed item that somebody else brought her, as it waited.
type Brought struct {
	Binding statement.Binding
	Note    [32]byte // digest of the delivery note, which her statement names
	Header  []byte
	Payload []byte // where it is small
	Blob    id.ID  // name of the payload where it is large; it moves, and is not copied
	Arrived bool   // the vault sealed it
	Detail  string // how it came, for the feed
}

// TakeIn makes a brought item a part of the caller's testimony, within the
// transaction that takes it from where it waited: she has opened it and signs what
// it is. It gives the testimony's shred key, for what else is kept of the part.
func (v *Vault) TakeIn(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Adopt, b Brought) (*shred.Key, error) {
	if body.N > v.Limits.Parts {
		return nil, fmt.Errorf("%w: part numbers end at %d", ErrLimit, v.Limits.Parts)
	}
	if body.Binding() != b.Binding || body.ReceivedSHA256 != statement.B64(b.Note[:]) {
		return nil, ErrDigest
	}
	_, key, err := v.own(ctx, tx, caller, body.Testimony)
	if err != nil {
		return nil, err
	}
	if err := account.Charge(ctx, tx, caller.ID, b.Binding.Length, v.Limits.Bytes); err != nil {
		return nil, err
	}
	row, err := v.sealRow(key, body.Testimony, body.N, b.Binding, b.Header, b.Payload)
	if err != nil {
		return nil, err
	}
	row.State, row.Arrived, row.Blob = "hers", flag(b.Arrived), sql.NullString{String: string(b.Blob), Valid: b.Blob != ""}
	if err := v.insert(ctx, tx, row); err != nil {
		return nil, err
	}
	if err := v.Ledger.Append(ctx, tx, key, s.Statement); err != nil {
		return nil, err
	}
	return key, custody.Record(ctx, tx, body.Testimony, key,
		custody.Event{Kind: custody.Adopted, At: v.today(), Actor: caller.ID, N: body.N, Detail: b.Detail})
}

// EraseClaimed destroys a testimony by an erase statement that its owner signed
// before, to be carried out now: where it is still the next of the owner's chain it
// goes there, and else beside it, where it explains the holes. What follows the
// commit is Finish and Scrub.
func (v *Vault) EraseClaimed(ctx context.Context, tx store.Tx, compact string) (id.ID, error) {
	s, err := statement.Parse(compact)
	if err != nil {
		return "", err
	}
	body, ok := s.Body.(*statement.Erase)
	if !ok {
		return "", fmt.Errorf("%w: it erases nothing", statement.ErrRefused)
	}
	row, err := testimonydb.New(tx).Owner(ctx, string(body.Testimony))
	if errors.Is(err, sql.ErrNoRows) || err == nil && row.Erased != 0 {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("find testimony: %w", err)
	}
	owner := id.Thumbprint(row.Owner)
	if err := v.sayAgain(ctx, tx, owner, v.today(), body.Testimony, s); err != nil {
		return "", err
	}
	if err := v.destroy(ctx, tx, owner, body.Testimony); err != nil {
		return "", err
	}
	return body.Testimony, v.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Erased, ID: body.Testimony, Data: []byte(s.Compact())})
}

// Lapse destroys every testimony of an account whose time is over. No statement
// says so: that the time ends was said when the account was opened.
func (v *Vault) Lapse(ctx context.Context, tx store.Tx, owner id.Thumbprint) (int, error) {
	list, err := testimonydb.New(tx).Standing(ctx, string(owner))
	if err != nil {
		return 0, fmt.Errorf("list testimonies: %w", err)
	}
	for _, t := range list {
		if err := v.Grants.EndAllAgain(ctx, tx, id.ID(t), v.today()); err != nil {
			return 0, err
		}
		if err := v.destroy(ctx, tx, owner, id.ID(t)); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
