package testimony

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// pendingPart is a part whose every check that needs no database has passed.
type pendingPart struct {
	taken   *ledger.Taken
	begin   *statement.Begin // or
	add     *statement.Add
	header  []byte
	payload []byte
	classic bool
}

// takePart checks a part and its statement before any transaction.
func (v *Vault) takePart(caller account.Caller, testimony id.ID, p NewPart) (*pendingPart, error) {
	if len(p.Payload) == 0 {
		return v.takeBegin(caller, testimony, p)
	}
	s, body, err := ledger.Take[*statement.Add](v.Ledger, caller.Signer(), p.Statement)
	if err != nil {
		return nil, err
	}
	part := &pendingPart{taken: s, add: body, header: p.Header, payload: p.Payload}
	if err := v.checkPart(part, testimony, body.Testimony, body.N, body.Length, body.HeaderSHA256); err != nil {
		return nil, err
	}
	if int64(len(p.Payload)) > v.Limits.InlineMax {
		return nil, fmt.Errorf("%w: a payload within a request has at most %d bytes; begin an upload", ErrLimit, v.Limits.InlineMax)
	}
	if body.Length != int64(len(p.Payload)) || body.PayloadSHA256 != sum(p.Payload) {
		return nil, fmt.Errorf("payload: %w", ErrDigest)
	}
	return part, nil
}

func (v *Vault) takeBegin(caller account.Caller, testimony id.ID, p NewPart) (*pendingPart, error) {
	s, body, err := ledger.Take[*statement.Begin](v.Ledger, caller.Signer(), p.Statement)
	if err != nil {
		return nil, err
	}
	part := &pendingPart{taken: s, begin: body, header: p.Header}
	return part, v.checkPart(part, testimony, body.Testimony, body.N, body.Length, body.HeaderSHA256)
}

// checkPart checks what a begin and an add statement have in common.
func (v *Vault) checkPart(p *pendingPart, testimony, named id.ID, n, length int64, headerSHA256 string) error {
	if named != testimony {
		return fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	if n > v.Limits.Parts {
		return fmt.Errorf("%w: part numbers end at %d", ErrLimit, v.Limits.Parts)
	}
	if length > v.Limits.PartSize {
		return fmt.Errorf("%w: a part has at most %d bytes; send more parts", ErrLimit, v.Limits.PartSize)
	}
	if _, err := envelope.PlaintextSize(length); err != nil {
		return fmt.Errorf("%w: no age payload is %d bytes long", ErrSealed, length)
	}
	info, err := envelope.ParseHeader(p.header)
	if err != nil {
		return fmt.Errorf("header: %w: %w", ErrSealed, err)
	}
	if headerSHA256 != sum(p.header) {
		return fmt.Errorf("header: %w", ErrDigest)
	}
	p.classic = !info.PQ
	return nil
}

// Put adds a small part whole, or begins the upload of a large one.
func (v *Vault) Put(ctx context.Context, caller account.Caller, testimony id.ID, p NewPart, commit ledger.Commit) (ledger.Accepted, error) {
	part, err := v.takePart(caller, testimony, p)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		if err := v.charge(ctx, tx, caller, part.inline()); err != nil {
			return err
		}
		if err := v.put(ctx, tx, caller, testimony, key, part); err != nil {
			return err
		}
		if err := v.record(ctx, tx, caller, testimony, key, part.act()); err != nil {
			return err
		}
		return commit.Do(ctx, tx, part.taken)
	})
	return part.taken.Accepted(), err
}

// act is what is to be recorded of a part.
func (p *pendingPart) act() act {
	if p.begin != nil {
		return act{p.taken, custody.Begun, p.begin.N}
	}
	return act{p.taken, custody.Added, p.add.N}
}

// inline is how many bytes of payload came along.
func (p *pendingPart) inline() int64 {
	if p.begin != nil {
		return 0
	}
	return p.add.Length
}

// charge counts what came along against the caller's quota.
func (v *Vault) charge(ctx context.Context, tx store.Tx, caller account.Caller, bytes int64) error {
	if bytes == 0 {
		return nil
	}
	return account.Charge(ctx, tx, caller.ID, bytes, v.Limits.Bytes)
}

// put writes the rows of a part, whose bytes are charged already, or of a slot.
func (v *Vault) put(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, key *shred.Key, p *pendingPart) error {
	if p.begin != nil {
		return v.begin(ctx, tx, caller, testimony, key, p)
	}
	row, err := v.sealRow(key, testimony, p.add.N, p.add.Binding(), p.header, p.payload)
	if err != nil {
		return err
	}
	row.State, row.Classic = "hers", flag(p.classic)
	return v.insert(ctx, tx, row)
}

// sealRow makes the row of a part; payload is nil when it lies in the store.
func (v *Vault) sealRow(key *shred.Key, testimony id.ID, n int64, b statement.Binding, header, payload []byte) (testimonydb.AddPartParams, error) {
	row := testimonydb.AddPartParams{
		Testimony: string(testimony), N: n, Length: b.Length, PayloadSha256: hash(b.PayloadSHA256),
		Commitment: hash(b.Commit), HeaderSha256: hash(b.HeaderSHA256),
	}
	var err error
	if row.Header, err = key.Seal(headerLabel(row.HeaderSha256), header); err != nil {
		return row, err
	}
	if payload != nil {
		row.Payload, err = key.Seal(payloadLabel(row.PayloadSha256), payload)
	}
	return row, err
}

func (v *Vault) insert(ctx context.Context, tx store.Tx, row testimonydb.AddPartParams) error {
	err := testimonydb.New(tx).AddPart(ctx, row)
	if errors.Is(err, store.ErrConflict) {
		return fmt.Errorf("part %d: %w", row.N, ErrExists)
	}
	if err != nil {
		return fmt.Errorf("add part: %w", err)
	}
	return nil
}

// begin opens a slot for a large payload and takes its whole length from the quota,
// so that no upload fails near its end. A slot of the same number that was left
// behind is given up: her newer word counts.
func (v *Vault) begin(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, key *shred.Key, p *pendingPart) error {
	if err := v.dropSlot(ctx, tx, caller.ID, testimony, p.begin.N); err != nil {
		return err
	}
	if err := account.Charge(ctx, tx, caller.ID, p.begin.Length, v.Limits.Bytes); err != nil {
		return err
	}
	headerSHA256 := hash(p.begin.HeaderSHA256)
	sealed, err := key.Seal(headerLabel(headerSHA256), p.header)
	if err != nil {
		return err
	}
	nonce, err := base64.RawURLEncoding.DecodeString(p.begin.Nonce)
	if err != nil {
		return fmt.Errorf("begin upload: nonce: %w", err)
	}
	err = testimonydb.New(tx).Begin(ctx, testimonydb.BeginParams{
		Testimony: string(testimony), N: p.begin.N, HeaderSha256: headerSHA256, Nonce: nonce,
		Length: p.begin.Length, Classic: flag(p.classic), Day: v.today(), Header: sealed,
	})
	if err != nil {
		return fmt.Errorf("begin upload: %w", err)
	}
	return nil
}

// dropSlot gives up an upload, its bytes and its share of the quota.
func (v *Vault) dropSlot(ctx context.Context, tx store.Tx, owner id.Thumbprint, testimony id.ID, n int64) error {
	q := testimonydb.New(tx)
	slot, err := q.Slot(ctx, testimonydb.SlotParams{Testimony: string(testimony), N: n})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find upload: %w", err)
	}
	if err := v.release(ctx, tx, owner, slot.Length, slot.Blob); err != nil {
		return err
	}
	if err := q.DropSlot(ctx, testimonydb.DropSlotParams{Testimony: string(testimony), N: n}); err != nil {
		return fmt.Errorf("give up upload: %w", err)
	}
	return nil
}

// release dooms a payload and gives its bytes back to the quota.
func (v *Vault) release(ctx context.Context, tx store.Tx, owner id.Thumbprint, length int64, stored sql.NullString) error {
	if stored.Valid {
		if err := payload.Doom(ctx, tx, id.ID(stored.String)); err != nil {
			return err
		}
	}
	return account.Charge(ctx, tx, owner, -length, v.Limits.Bytes)
}
