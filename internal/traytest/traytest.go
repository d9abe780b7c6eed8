// Package traytest is a vault with trays and a partner that brings things, for tests
// of what becomes of them.
//
// It seals and signs the way a partner's program does. It hides nothing: its fields
// are the parts that the product wires. The partner is as good as a test says: which
// clients, keys and collections it has stands in the fields.
package traytest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/tray"
)

// Day is a day of the vault's clock.
const Day = 24 * time.Hour

// Told is an event that a partner was told.
type Told struct {
	Partner id.ID
	Event   string
	Item    id.ID
}

// World is a testimonytest.World with trays.
type World struct {
	*testimonytest.World
	Trays *tray.Trays
	By    tray.Bringer
	Key   ed25519.PrivateKey // of the client

	Halted      map[id.ID]bool            // partners that may not act
	Collections map[id.Thumbprint]id.ID   // that stand, by account
	Clients     map[tray.Bringer][]Public // keys that are good
	Told        []Told                    // of committed and of failed transactions alike
}

// Public is a public key of a client.
type Public = crypto.PublicKey

// New makes a vault with a woman, a researcher, a partner and its client.
func New(t testing.TB, db *store.DB) *World {
	t.Helper()
	w := &World{World: testimonytest.New(t, db), Halted: map[id.ID]bool{}, Collections: map[id.Thumbprint]id.ID{}, Clients: map[tray.Bringer][]Public{}}
	w.By, w.Key = w.Client(w.ID())
	w.Trays = &tray.Trays{DB: db, Payloads: w.Payloads, Ledger: w.Ledger, Keys: shred.Keys{Rand: rand.Reader}, Vault: w.Vault,
		ReceiptKey: w.Ledger.ReceiptKey, Now: w.Clock.Now, Rand: rand.Reader,
		Limits: tray.Limits{Trays: 5, Items: 20, TrayBytes: 8 << 20, PartnerBytes: 16 << 20, ItemSize: 6 << 20, InlineMax: testimonytest.InlineMax,
			Term: 30 * Day, Keep: 20 * Day, Acknowledge: 14 * Day, Unfinished: 30 * Day},
		Partners: tray.Partners{Key: w.key, Live: w.live, Collection: w.collection, Consultation: w.consultation, Tell: w.tell}}
	w.Vault.Forget = append(w.Vault.Forget, w.Trays.Forget)
	w.Vault.Rekeyed = w.Trays.Leave
	w.Vault.Collection = func(ctx context.Context, tx store.Tx, a id.Thumbprint) error {
		_, err := w.collection(ctx, tx, a)
		return err
	}
	w.Grants.Withdrawn, w.Grants.Origins = w.Trays.Withdrawn, w.Trays.CameTo
	return w
}

// Client is a new client of a partner, with its key.
func (w *World) Client(partner id.ID) (tray.Bringer, ed25519.PrivateKey) {
	w.T.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	w.Must(err)
	by := tray.Bringer{Partner: partner, Client: w.ID()}
	w.Clients[by] = append(w.Clients[by], key.Public())
	return by, key
}

// Must ends the test at an error.
func (w *World) Must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) key(_ context.Context, _ store.Tx, by tray.Bringer, kid id.Thumbprint) (*clientkey.Key, error) {
	for _, public := range w.Clients[by] {
		if k, err := clientkey.Of(public); err == nil && k.Thumbprint() == kid {
			return k, nil
		}
	}
	return nil, tray.ErrNotFound
}

func (w *World) live(_ context.Context, _ store.Tx, partner id.ID) error {
	if w.Halted[partner] {
		return tray.ErrNotFound
	}
	return nil
}

func (w *World) collection(_ context.Context, _ store.Tx, account id.Thumbprint) (id.ID, error) {
	if partner, ok := w.Collections[account]; ok {
		return partner, nil
	}
	return "", tray.ErrNotFound
}

func (w *World) consultation(context.Context, store.Tx, id.ID, id.ID) error { return tray.ErrNotFound }

func (w *World) tell(_ context.Context, _ store.Tx, partner id.ID, event string, item id.ID) error {
	w.Told = append(w.Told, Told{partner, event, item})
	return nil
}

// Open opens a tray of a woman's for the partner and gives its code.
func (w *World) Open(p *accounttest.Person) tray.Opened {
	w.T.Helper()
	out, err := w.Trays.Open(w.T.Context(), p.Caller, w.By.Partner, nil)
	w.Must(err)
	return out
}

// Item is an item that was sealed and not brought yet.
type Item struct {
	tray.Sealed
	Said    delivery.Note
	Payload []byte
	Of      testimonytest.Sealed // with its file key
}

// Seal seals content to a woman as an item for a tray.
func (w *World) Seal(code string, content []byte, to *accounttest.Person) Item {
	w.T.Helper()
	return w.Named(code, content, to, w.ID())
}

// Named is Seal with a name for the item.
func (w *World) Named(code string, content []byte, to *accounttest.Person, name id.ID) Item {
	w.T.Helper()
	s := w.World.Seal(content, to.Recipient)
	b := s.Binding()
	n := delivery.Note{Issuer: string(w.By.Client), Vault: w.Ledger.Vault, Partner: w.By.Partner, Client: w.By.Client, Item: name,
		RecipientSHA256: testimonytest.Sum([]byte(to.Recipient)), Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit,
		HeaderSHA256: b.HeaderSHA256, Assurance: delivery.PartnerDevice, Day: statement.DayOf(w.Clock.Now())}
	i := Item{Sealed: tray.Sealed{Code: code, Item: n.Item, Header: s.Header, Length: b.Length}, Said: n, Payload: s.Payload, Of: s}
	i.Note = w.Sign(n)
	return i
}

// Sign signs a note with the client's key.
func (w *World) Sign(n delivery.Note) string {
	w.T.Helper()
	return w.SignWith(n, w.Key)
}

// SignWith signs a note with a key.
func (w *World) SignWith(n delivery.Note, with crypto.Signer) string {
	w.T.Helper()
	compact, err := delivery.Sign(n, with)
	w.Must(err)
	return compact
}

// Put brings an item, from its first byte.
func (w *World) Put(i Item) error {
	w.T.Helper()
	i.Body = bytes.NewReader(i.Payload)
	_, err := w.Trays.Put(w.T.Context(), w.By, i.Sealed)
	return err
}

// Bring seals content and brings it.
func (w *World) Bring(code string, content []byte, to *accounttest.Person) Item {
	w.T.Helper()
	i := w.Seal(code, content, to)
	w.Must(w.Put(i))
	return i
}

// AdoptBody is what she signs for an item.
func AdoptBody(t id.ID, n int64, i Item) statement.Adopt {
	return statement.Adopt{Testimony: t, N: n, Length: i.Said.Length, PayloadSHA256: i.Said.PayloadSHA256, Commit: i.Said.Commit,
		HeaderSHA256: i.Said.HeaderSHA256, ReceivedSHA256: testimonytest.Sum([]byte(i.Note))}
}

// Adopt makes an item part n of a testimony of a woman's.
func (w *World) Adopt(p *accounttest.Person, t id.ID, n int64, i Item) (tray.Adopted, error) {
	w.T.Helper()
	return w.Trays.Adopt(w.T.Context(), p.Caller, i.Item, p.Sign(AdoptBody(t, n, i)).Compact(), nil)
}

// State is what the partner is told of an item.
func (w *World) State(item id.ID) tray.State {
	w.T.Helper()
	d, err := w.Trays.Delivery(w.T.Context(), w.By, item)
	w.Must(err)
	return d.State
}

// Collection makes an enrolled account of role partner a collection of the partner's.
func (w *World) Collection() *accounttest.Person {
	w.T.Helper()
	p := w.Enrolled(statement.Partner)
	w.Collections[p.ID] = w.By.Partner
	return p
}

// Whole shows a testimony.
func (w *World) Whole(p account.Caller, t id.ID) *testimony.Whole {
	w.T.Helper()
	out, err := w.Vault.Show(w.T.Context(), p, t)
	w.Must(err)
	return out
}

// Objects counts what lies in the object store.
func (w *World) Objects() int {
	w.T.Helper()
	n := 0
	w.Must(w.Blobs.List(w.T.Context(), func(blob.Entry) error { n++; return nil }))
	return n
}
