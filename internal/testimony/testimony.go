// Package testimony holds her testimonies: a sealed card and sealed parts each,
// taken in, given back to her, re-locked and erased.
//
// Every operation is one transition, allowed by a statement she signed: the
// request is checked without keys (signature, digests, arithmetic, shape of the
// age header), then rows, statement and custody event are written in one
// transaction. Large payloads are durable in the object store before a row
// names them. Before an operation returns nil, a crash leaves nothing that was
// not there before (an unnamed object at most, see payload.Payloads.Sweep); after it, everything.
//
// To a caller who does not own a testimony it does not exist: every such case is
// ErrNotFound, and takes the same path.
//
// The package never sees a file key but in Arrive, which seals plaintext that a
// sender could not seal herself; there it lives as long as the stream.
package testimony

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony/testimonydb"
)

// Errors of this package. The texts are for her or her client.
var (
	ErrNotFound    = custody.ErrNotFound
	ErrNotEnrolled = errors.New("enrol this key before sending a testimony; nothing was stored")
	ErrExists      = errors.New("it is there already; nothing was changed")
	ErrSealed      = errors.New("the sealed file is refused; nothing was stored")
	ErrDigest      = errors.New("the bytes are not those of the statement; nothing was stored, send them again")
	ErrMissing     = errors.New("the payload has not arrived yet; send it and then this statement again")
	ErrChanged     = errors.New("the testimony has changed meanwhile; read it again before signing")
	ErrOffset      = errors.New("the bytes sent are not the next ones; ask how far the upload has come and go on from there")
	ErrLimit       = errors.New("this is more than the vault takes; nothing was stored")
	ErrWarning     = errors.New("the statement names no warning that this vault knows; nothing was changed")
	ErrCaptured    = errors.New("time, device and place of a capture are sealed on the device or not at all; nothing was stored")
	ErrArrivalOff  = errors.New("this vault does not take plaintext; seal it on the device")
)

// Limits bound what one account may store.
type Limits struct {
	Testimonies int64 // per account
	Parts       int64 // per testimony; part numbers run from 1 to Parts
	Bytes       int64 // per account, of payloads
	PartSize    int64 // of one payload
	InlineMax   int64 // payloads up to this size lie in SQL, larger ones in the object store
}

// Forget deletes what a domain keeps about a testimony.
type Forget func(ctx context.Context, tx store.Tx, testimony id.ID) error

// Vault is the testimonies of one vault.
type Vault struct {
	DB        *store.DB
	Payloads  *payload.Payloads
	Ledger    *ledger.Ledger
	Keys      shred.Keys
	Grants    *grant.Grants
	Journal   *journal.Journal
	Forget    []Forget // what other domains keep about a testimony goes when it is erased
	Limits    Limits
	OnArrival bool           // whether plaintext may be sealed here
	Crew      *envelope.Crew // seals what arrives
	Now       func() time.Time
	Rand      io.Reader
	Log       *slog.Logger

	// Collection is nil for a partner's account that is a collection and stands; a nil
	// func knows of none.
	Collection func(ctx context.Context, tx store.Tx, account id.Thumbprint) error
	// Rekeyed is told within the transaction that an account has a new key, for what
	// else was sealed to the old one; nil for nobody.
	Rekeyed func(ctx context.Context, tx store.Tx, account id.Thumbprint) error

	// Checkpoint is how long what came of an upload waits to be made durable while
	// the line goes on; 0 is three seconds.
	Checkpoint time.Duration

	buffers inflow.Buffers
}

func (v *Vault) today() int64 { return statement.DayOf(v.Now()) }

// own finds the caller's testimony and its shred key, or ErrNotFound.
func (v *Vault) own(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID) (testimonydb.OwnedRow, *shred.Key, error) {
	if err := v.stands(ctx, tx, caller); err != nil {
		return testimonydb.OwnedRow{}, nil, err
	}
	row, err := testimonydb.New(tx).Owned(ctx, testimonydb.OwnedParams{ID: string(testimony), Owner: string(caller.ID)})
	if errors.Is(err, sql.ErrNoRows) {
		return row, nil, ErrNotFound
	}
	if err != nil {
		return row, nil, fmt.Errorf("find testimony: %w", err)
	}
	key, err := v.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return row, nil, ErrNotFound
	}
	return row, key, err
}

// stands is nil for an account that may have testimonies now: a participant's, or a
// collection's until its time is over.
func (v *Vault) stands(ctx context.Context, tx store.Tx, caller account.Caller) error {
	if caller.Role != statement.Partner {
		return nil
	}
	if v.Collection == nil {
		return ErrNotFound
	}
	err := v.Collection(ctx, tx, caller.ID)
	if errors.Is(err, account.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

// act is a statement and what it means for the custody of a testimony.
type act struct {
	said *ledger.Taken
	kind custody.Kind
	n    int64 // part, when one is meant
}

// record appends statements of the caller and their custody events.
func (v *Vault) record(ctx context.Context, tx store.Tx, caller account.Caller, testimony id.ID, key *shred.Key, acts ...act) error {
	said, events := v.spell(caller, acts)
	var last int64
	var whose id.Thumbprint
	err := store.Together(ctx, tx,
		func(ctx context.Context, tx store.Tx) (err error) {
			whose, err = v.Ledger.Advance(ctx, tx, said...)
			return err
		},
		func(ctx context.Context, tx store.Tx) (err error) {
			last, err = custody.Number(ctx, tx, testimony, len(events))
			return err
		})
	if err != nil {
		return err
	}
	if err := v.Ledger.Keep(ctx, tx, whose, key, said...); err != nil {
		return err
	}
	return custody.Write(ctx, tx, testimony, key, last, events...)
}

// spell is what acts of the caller are in her chain and in the feed.
func (v *Vault) spell(caller account.Caller, acts []act) ([]*statement.Statement, []custody.Event) {
	said, events := make([]*statement.Statement, len(acts)), make([]custody.Event, len(acts))
	for i, a := range acts {
		said[i] = a.said.Statement
		events[i] = custody.Event{Kind: a.kind, At: v.today(), Actor: caller.ID, N: a.n}
	}
	return said, events
}

// hash reads a digest out of a statement that was parsed, and so is well-formed.
func hash(s string) []byte {
	h, err := statement.Hash32(s)
	if err != nil {
		return nil // matches nothing
	}
	return h[:]
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return statement.B64(s[:])
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Labels say what a sealed value is; they name the content, so that a value can
// move with its row from an upload to a part, and nowhere else.
func headerLabel(headerSHA256 []byte) string   { return "header " + statement.B64(headerSHA256) }
func payloadLabel(payloadSHA256 []byte) string { return "payload " + statement.B64(payloadSHA256) }

const cardLabel = "card"
