package testimony

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Relocking replaces the payload of a part by the one that lies in the slot of
// the same number, and every live reader's header by a new one.
type Relocking struct {
	Testimony id.ID
	Statement string // relock
	Header    []byte // hers
	Headers   []grant.Carried
}

// Relock swaps payload and headers in one transaction, cuts the streams of the
// old payload and destroys it. When a grant came or went since she looked, it is
// grant.ErrChanged and nothing happens.
func (v *Vault) Relock(ctx context.Context, caller account.Caller, r Relocking, commit ledger.Commit) (ledger.Accepted, error) {
	s, body, err := v.takeRelock(caller, r)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.relock(ctx, tx, caller, s, body, r.Headers); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	if err != nil {
		return ledger.Accepted{}, err
	}
	return s.Accepted(), v.Finish(ctx, r.Testimony)
}

func (v *Vault) takeRelock(caller account.Caller, r Relocking) (*ledger.Taken, *statement.Relock, error) {
	s, body, err := ledger.Take[*statement.Relock](v.Ledger, caller.Signer(), r.Statement)
	if err != nil {
		return nil, nil, err
	}
	if body.Testimony != r.Testimony || len(body.Grants) != len(r.Headers) {
		return nil, nil, fmt.Errorf("%w: it names another testimony or other readers", statement.ErrRefused)
	}
	own, err := envelope.ParseHeader(r.Header)
	if err != nil {
		return nil, nil, fmt.Errorf("header: %w: %w", ErrSealed, err)
	}
	if body.HeaderSHA256 != sum(r.Header) {
		return nil, nil, fmt.Errorf("header: %w", ErrDigest)
	}
	for i, g := range body.Grants {
		if g.Grant != r.Headers[i].Grant {
			return nil, nil, fmt.Errorf("%w: headers and grants stand in different order", statement.ErrRefused)
		}
		if err := grant.CheckHeader(r.Headers[i].Header, g.HeaderSHA256, own.PQ); err != nil {
			return nil, nil, fmt.Errorf("header of grant %s: %w", g.Grant, err)
		}
	}
	return s, body, nil
}

func (v *Vault) relock(ctx context.Context, tx store.Tx, caller account.Caller, s *ledger.Taken, body *statement.Relock, headers []grant.Carried) error {
	_, key, err := v.own(ctx, tx, caller, body.Testimony)
	if err != nil {
		return err
	}
	old, err := testimonydb.New(tx).Part(ctx, testimonydb.PartParams{Testimony: string(body.Testimony), N: body.N})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("find part: %w", err)
	}
	slot, err := v.takeSlot(ctx, tx, body.Testimony, body.N, body.Binding())
	if err != nil {
		return err
	}
	changed, err := testimonydb.New(tx).Relock(ctx, testimonydb.RelockParams{
		Length: slot.Length, PayloadSha256: slot.PayloadSha256, Commitment: hash(body.Commit), HeaderSha256: slot.HeaderSha256,
		Classic: slot.Classic, Blob: slot.Blob, Header: slot.Header, Payload: slot.Payload,
		Testimony: string(body.Testimony), N: body.N, OldPayloadSha256: hash(body.OldPayloadSHA256),
	})
	if err != nil {
		return fmt.Errorf("relock part: %w", err)
	}
	if changed == 0 {
		return ErrChanged
	}
	if err := v.release(ctx, tx, caller.ID, old.Length, old.Blob); err != nil {
		return err
	}
	if err := v.Grants.Carry(ctx, tx, key, body.Testimony, body.N, s.Seq, headers); err != nil {
		return err
	}
	return v.record(ctx, tx, caller, body.Testimony, key, act{s, custody.Relocked, body.N})
}
