package testimony

import (
	"context"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// New is a testimony on its way: its card, and the parts that come along.
type New struct {
	Testimony id.ID
	Statement string // card
	Card      []byte // an age file of constant size
	Parts     []NewPart
}

// NewPart is one part: with an add statement the whole of it, with a begin
// statement its header only (Payload empty), the payload to follow by Receive.
type NewPart struct {
	Statement string
	Header    []byte
	Payload   []byte
}

// Create stores a testimony and the parts that come with it, all or nothing.
func (v *Vault) Create(ctx context.Context, caller account.Caller, n New, commit ledger.Commit) ([]ledger.Accepted, error) {
	card, err := v.takeCard(caller, n.Testimony, n.Statement, n.Card)
	if err != nil {
		return nil, err
	}
	taken, pending := []*ledger.Taken{card}, []*pendingPart{}
	for i, p := range n.Parts {
		part, err := v.takePart(caller, n.Testimony, p)
		if err != nil {
			return nil, fmt.Errorf("part %d of the request: %w", i+1, err)
		}
		taken, pending = append(taken, part.taken), append(pending, part)
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := v.create(ctx, tx, caller, n, card, pending); err != nil {
			return err
		}
		return commit.Do(ctx, tx, taken...)
	})
	if errors.Is(err, store.ErrConflict) { // of a write that was put off
		err = fmt.Errorf("testimony %s: %w", n.Testimony, ErrExists)
	}
	return accepted(taken), err
}

func accepted(taken []*ledger.Taken) []ledger.Accepted {
	out := make([]ledger.Accepted, len(taken))
	for i, t := range taken {
		out[i] = t.Accepted()
	}
	return out
}

// beginning is what a new testimony has to be given before it can be written.
type beginning struct {
	ordinal int64
	key     *shred.Key
	account id.Thumbprint // whose chain its statements stand in
}

// begun asks for all of it together.
func (v *Vault) begun(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, bytes int64, said []*statement.Statement) (b beginning, err error) {
	return b, store.Together(ctx, tx,
		func(ctx context.Context, tx store.Tx) (err error) {
			b.ordinal, err = account.NextOrdinal(ctx, tx, caller.ID, v.Limits.Testimonies)
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			b.key, err = v.Keys.Create(ctx, tx, testimony)
			return err
		},
		func(ctx context.Context, tx store.Tx) error {
			return v.charge(ctx, tx, caller, bytes)
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			b.account, err = v.Ledger.Advance(ctx, tx, said...)
			return err
		})
}

// create writes the testimony, the parts that came with it, its statements and its
// first events within tx.
func (v *Vault) create(ctx context.Context, tx store.Tx, caller account.Caller, n New, card *ledger.Taken, parts []*pendingPart) error {
	if caller.Role != statement.Participant && caller.Role != statement.Partner {
		return ErrNotEnrolled
	}
	if err := v.stands(ctx, tx, caller); errors.Is(err, ErrNotFound) {
		return ErrNotEnrolled
	} else if err != nil {
		return err
	}
	acts, bytes := []act{{card, custody.Created, 0}}, int64(0)
	for _, p := range parts {
		acts, bytes = append(acts, p.act()), bytes+p.inline()
	}
	said, events := v.spell(caller, acts)
	b, err := v.begun(ctx, tx, caller, n.Testimony, bytes, said)
	if err != nil {
		return err
	}
	sealed, err := b.key.Seal(cardLabel, n.Card)
	if err != nil {
		return err
	}
	err = testimonydb.New(store.Later(tx)).Create(ctx, testimonydb.CreateParams{
		ID: string(n.Testimony), Owner: string(caller.ID), Ordinal: b.ordinal, CreatedDay: v.today(), Events: int64(len(events)),
		CardSha256: hash(sum(n.Card)), Card: sealed,
	})
	if err != nil {
		return fmt.Errorf("create testimony: %w", err)
	}
	for _, p := range parts {
		to := tx
		if p.begin == nil {
			to = store.Later(tx)
		}
		if err := v.put(ctx, to, caller, n.Testimony, b.key, p); err != nil {
			return err
		}
	}
	if err := v.Ledger.Keep(ctx, tx, b.account, b.key, said...); err != nil {
		return err
	}
	return custody.Write(ctx, tx, n.Testimony, b.key, int64(len(events)), events...)
}

// takeCard checks a card and its statement before any transaction.
func (v *Vault) takeCard(caller account.Caller, testimony id.ID, compact string, card []byte) (*ledger.Taken, error) {
	s, body, err := ledger.Take[*statement.Card](v.Ledger, caller.Signer(), compact)
	if err != nil {
		return nil, err
	}
	if body.Testimony != testimony {
		return nil, fmt.Errorf("%w: it names another testimony", statement.ErrRefused)
	}
	if body.CardSHA256 != sum(card) {
		return nil, fmt.Errorf("card: %w", ErrDigest)
	}
	if _, err := envelope.CheckCard(card); err != nil {
		return nil, fmt.Errorf("card: %w: %w", ErrSealed, err)
	}
	return s, nil
}

// PutCard replaces the card of a testimony.
func (v *Vault) PutCard(ctx context.Context, caller account.Caller, testimony id.ID, compact string, card []byte, commit ledger.Commit) (ledger.Accepted, error) {
	s, err := v.takeCard(caller, testimony, compact, card)
	if err != nil {
		return ledger.Accepted{}, err
	}
	err = v.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, key, err := v.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		sealed, err := key.Seal(cardLabel, card)
		if err != nil {
			return err
		}
		_, err = testimonydb.New(tx).SetCard(ctx, testimonydb.SetCardParams{
			CardSha256: hash(sum(card)), Card: sealed, ID: string(testimony), Owner: string(caller.ID),
		})
		if err != nil {
			return fmt.Errorf("set card: %w", err)
		}
		if err := v.record(ctx, tx, caller, testimony, key, act{s, custody.Card, 0}); err != nil {
			return err
		}
		return commit.Do(ctx, tx, s)
	})
	return s.Accepted(), err
}
