// Package tray is where partners put what they bring: sealed items for an account
// that has not signed for them.
//
// An item is one age payload, one header to the account's recipient, and a delivery
// note (package delivery) that says who brought it and what the way it came is
// worth. Whoever knows a tray's code, and is the partner that the tray is for, may
// put items in it. Its owner opens what lies there with her own client, adopts it
// into a testimony of hers or refuses it; what she does not touch goes by itself.
//
// Promises:
//   - The partner learns of an item that it waits, was taken, was refused, ended or
//     was withdrawn, by the day, and what she did herself on the day after. It never
//     learns her account, and gets no byte of what it brought.
//   - A code that is unknown, closed, over or another partner's is ErrNotFound, found
//     out by the same one look, before a byte of the item is read.
//   - A request that fails leaves nothing. What is adopted moves: the payload is not
//     copied, and its note stays with the part for as long as there is the part.
//   - Withdrawing ends in the partner's list in the transaction of her own act, and
//     stands there until it is acknowledged; a partner that is late brings nothing
//     more to anybody.
//
// Room is charged to the partner while an item waits, since she did not ask for it
// and a full tray must not lock her out of her own account; and to her when she
// adopts it, since then it is hers.
//
// What it cannot do: tell whether an item is what the note claims beyond its bytes,
// or whether the header opens at all. Her client does, before she signs.
//
// Source: docs/protocol.md section 17, docs/adr/0026.
package tray

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/inflow"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Errors of this package, besides those of package testimony that say the same.
var (
	ErrNotFound = custody.ErrNotFound
	// ErrOwed: the partner has not acknowledged in time that consent was withdrawn.
	ErrOwed = errors.New("a withdrawal has not been acknowledged in time; acknowledge it, then bring this again")
	// ErrRecipient: the note is for another recipient than the tray's owner has now.
	ErrRecipient = errors.New("the item is sealed to another recipient than the tray's owner has; scan her card again")
	// ErrClaim: what an item says that it replaces is not there, or its erasure is not good.
	ErrClaim = errors.New("the item replaces no part of a collection of this partner, or comes without the collection's word to erase it; nothing was stored")
)

// Bringer is the client of a partner that brings something.
type Bringer struct {
	Partner id.ID
	Client  id.ID
}

// Partners answers what trays need to know of partners, within tx.
type Partners struct {
	// Key is the public key of a client of a partner by its thumbprint, if it is good
	// now; ErrNotFound otherwise.
	Key func(ctx context.Context, tx store.Tx, by Bringer, kid id.Thumbprint) (*clientkey.Key, error)
	// Live is nil while the partner may act.
	Live func(ctx context.Context, tx store.Tx, partner id.ID) error
	// Collection is the partner that an account is a collection of; ErrNotFound for
	// none that stands.
	Collection func(ctx context.Context, tx store.Tx, account id.Thumbprint) (id.ID, error)
	// Consultation is nil for a consultation of the partner that is open.
	Consultation func(ctx context.Context, tx store.Tx, partner, consultation id.ID) error
	// Tell puts an event into the partner's queue.
	Tell func(ctx context.Context, tx store.Tx, partner id.ID, event string, item id.ID) error
	// Heard ends reminding the partner of a withdrawal that it has acknowledged; nil:
	// nobody reminds it.
	Heard func(ctx context.Context, tx store.Tx, partner, item id.ID) error
}

// The events that a partner is told, by their types.
const (
	ItemTaken        = "item.taken"
	ItemRefused      = "item.refused"
	ItemExpired      = "item.expired"
	ConsentWithdrawn = "consent.withdrawn"
)

// Limits bound what trays hold.
type Limits struct {
	Trays        int64         // open ones of an account
	Items        int64         // that wait in one tray
	TrayBytes    int64         // of payloads that wait in one tray
	PartnerBytes int64         // of payloads of one partner that wait in all trays
	ItemSize     int64         // of one payload
	InlineMax    int64         // payloads up to this size lie in SQL
	Term         time.Duration // how long a tray stands at most
	Keep         time.Duration // how long an item waits
	Acknowledge  time.Duration // in which a partner has to acknowledge a withdrawal
	Unfinished   time.Duration // how long a large item that does not go on is kept
}

// Trays is the trays of one vault.
type Trays struct {
	DB         *store.DB
	Payloads   *payload.Payloads
	Ledger     *ledger.Ledger
	Keys       shred.Keys
	Vault      *testimony.Vault // seals what arrives, and takes in what is adopted
	Journal    *journal.Journal
	ReceiptKey func() ed25519.PrivateKey // the one in force; signs the notes of what the vault sealed
	Partners   Partners
	Limits     Limits
	Now        func() time.Time
	Rand       io.Reader
	Log        *slog.Logger

	buffers inflow.Buffers
}

func (t *Trays) today() int64 { return statement.DayOf(t.Now()) }

// after is the first day behind a time that counts from the end of today.
func (t *Trays) after(term time.Duration) int64 {
	return t.today() + statement.Day + int64(term/time.Second)/statement.Day*statement.Day
}

// codeHash is how a code is stored: with the partner, so that a row does not say
// whose tray it is at, and another partner's request for it finds nothing.
func codeHash(partner id.ID, code string) []byte {
	sum := sha256.Sum256([]byte("testimony-vault/v1/tray\n" + string(partner) + "\n" + code))
	return sum[:]
}

// papers is what is kept beside an item, sealed: how it came, and the word by which
// what it replaces is erased.
type papers struct {
	Note    string `json:"note"`
	Erasure string `json:"erasure,omitempty"`
}

func sealPapers(key *shred.Key, p papers) ([]byte, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write down a delivery: %w", err)
	}
	return key.Seal(papersLabel, b)
}

func openPapers(key *shred.Key, sealed []byte) (p papers, n *delivery.Note, err error) {
	b, err := key.Open(papersLabel, sealed)
	if err != nil {
		return p, nil, err
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, nil, fmt.Errorf("read a delivery: %w", err)
	}
	n, _, err = delivery.Peek(p.Note)
	return p, n, err
}

// Labels say what a sealed value is; header and payload have those of a part, which
// the item may become.
const (
	papersLabel  = "papers"
	partnerLabel = "partner of a tray"
)

func headerLabel(sum []byte) string  { return "header " + statement.B64(sum) }
func payloadLabel(sum []byte) string { return "payload " + statement.B64(sum) }

// found makes a missing row ErrNotFound.
func found(what string, err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// missing tells whether an error only says that there is nothing of the kind.
func missing(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, account.ErrNotFound)
}

// live is nil while a partner may act.
func (t *Trays) live(ctx context.Context, tx store.Tx, partner id.ID) error {
	err := t.Partners.Live(ctx, tx, partner)
	if missing(err) {
		return ErrNotFound
	}
	return err
}

func nullable(i id.ID) sql.NullString { return sql.NullString{String: string(i), Valid: i != ""} }

func hash(s string) []byte {
	h, err := statement.Hash32(s)
	if err != nil {
		return nil // matches nothing; what comes here was checked
	}
	return h[:]
}

func q(tx store.Tx) *traydb.Queries { return traydb.New(tx) }
