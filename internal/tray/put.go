package tray

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/payload"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray/traydb"
)

// Sealed is an item that a client sealed to the owner of a tray.
type Sealed struct {
	Code    string // of the tray
	Item    id.ID
	Note    string // compact, by the client's key
	Header  []byte
	Erasure string // of what it replaces, by the collection; empty where it replaces nothing
	Length  int64  // of Body, exactly
	Body    io.Reader
}

// Brought is what the one who brought an item is told.
type Brought struct {
	Item id.ID
	Day  int64
	Note string // the vault's, where the vault sealed it
}

// Put puts a sealed item into a tray. The same item with the same note again is
// answered as the first time.
func (t *Trays) Put(ctx context.Context, by Bringer, s Sealed) (Brought, error) {
	n, err := t.checkSealed(ctx, by, s)
	if err != nil {
		return Brought{}, err
	}
	at, done, err := t.place(ctx, by, s.Code, s.Note, n)
	if err != nil || done {
		return Brought{Item: n.Item, Day: at.day}, err
	}
	st, err := t.keep(ctx, s, n)
	if err != nil {
		return Brought{}, err
	}
	a := arrival{tray: at, note: n, papers: papers{Note: s.Note, Erasure: s.Erasure}, header: s.Header, inline: st.inline, object: st.object}
	err = t.land(ctx, a, nil)
	return Brought{Item: n.Item, Day: t.today()}, t.Payloads.Discard(ctx, st.object, err)
}

// checkSealed checks all of an item that can be checked without knowing the tray,
// and that the note is by a key of the client that is good now.
func (t *Trays) checkSealed(ctx context.Context, by Bringer, s Sealed) (*delivery.Note, error) {
	claimed, kid, err := delivery.Peek(s.Note)
	if err != nil {
		return nil, err
	}
	var key *clientkey.Key
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		key, err = t.Partners.Key(ctx, tx, by, kid)
		if missing(err) {
			return fmt.Errorf("%w: it is by no key of this client", delivery.ErrRefused)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	n, err := delivery.Read(s.Note, key)
	if err != nil {
		return nil, err
	}
	day := t.today()
	switch {
	case *n != *claimed || n.Issuer != string(by.Client) || n.Partner != by.Partner || n.Vault != t.Ledger.Vault:
		return nil, fmt.Errorf("%w: it is by another client or for another vault", delivery.ErrRefused)
	case n.Item != s.Item || n.Length != s.Length:
		return nil, fmt.Errorf("%w: it is of another item or length", delivery.ErrRefused)
	case n.Day < day-statement.Day || n.Day > day+statement.Day:
		return nil, fmt.Errorf("%w: its day is not today; take the day from the server's time", delivery.ErrRefused)
	case n.Length > t.Limits.ItemSize:
		return nil, fmt.Errorf("%w: an item has at most %d bytes; bring more items", testimony.ErrLimit, t.Limits.ItemSize)
	}
	return n, checkShape(n, s)
}

// checkShape checks the age file as far as it goes without keys. Her recipient is a
// post-quantum one, so a classic header is not to her.
func checkShape(n *delivery.Note, s Sealed) error {
	if _, err := envelope.PlaintextSize(n.Length); err != nil {
		return fmt.Errorf("%w: no age payload is %d bytes long", testimony.ErrSealed, n.Length)
	}
	info, err := envelope.ParseHeader(s.Header)
	if err != nil {
		return fmt.Errorf("header: %w: %w", testimony.ErrSealed, err)
	}
	if !info.PQ {
		return fmt.Errorf("header: %w: it is not post-quantum", testimony.ErrSealed)
	}
	if n.HeaderSHA256 != sum(s.Header) {
		return fmt.Errorf("header: %w", testimony.ErrDigest)
	}
	if (n.Replaces.Testimony == "") != (s.Erasure == "") {
		return ErrClaim
	}
	return nil
}

// place is a tray that something may be put into.
type place struct {
	tray  id.ID
	owner id.Thumbprint
	day   int64 // on which the item was brought before, if it was
}

// place finds the tray of a code, before anything of the item is read. done tells
// that the very item has been brought before.
func (t *Trays) place(ctx context.Context, by Bringer, code, note string, n *delivery.Note) (at place, done bool, err error) {
	err = t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		row, err := q(tx).ByCode(ctx, traydb.ByCodeParams{CodeSha256: codeHash(by.Partner, code), Today: t.today()})
		if err := found("find tray", err); err != nil {
			return err
		}
		at = place{tray: id.ID(row.ID), owner: id.Thumbprint(row.Account)}
		if at.day, err = t.before(ctx, tx, by.Partner, n.Item, note); err != nil || at.day != 0 {
			done = at.day != 0
			return err
		}
		return t.may(ctx, tx, at, n)
	})
	return at, done, err
}

// before gives the day on which the very item was brought, 0 for one that is new.
func (t *Trays) before(ctx context.Context, tx store.Tx, partner, item id.ID, note string) (int64, error) {
	row, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(partner), Named: string(item)})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("find delivery: %w", err)
	}
	noteSum := sha256.Sum256([]byte(note))
	if !bytes.Equal(row.NoteSha256, noteSum[:]) {
		return 0, fmt.Errorf("item %s: %w", item, testimony.ErrExists)
	}
	return row.BroughtDay, nil
}

// may says whether the partner may put this item into this tray now.
func (t *Trays) may(ctx context.Context, tx store.Tx, at place, n *delivery.Note) error {
	if err := t.live(ctx, tx, n.Partner); err != nil {
		return err
	}
	recipient, err := t.Ledger.Recipient(ctx, tx, at.owner)
	if errors.Is(err, ledger.ErrNotEnrolled) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if sum([]byte(recipient)) != n.RecipientSHA256 {
		return ErrRecipient
	}
	if err := t.owes(ctx, tx, n.Partner); err != nil {
		return err
	}
	if n.Consultation != "" {
		if err := t.Partners.Consultation(ctx, tx, n.Partner, n.Consultation); err != nil {
			return err
		}
	}
	return nil
}

// owes refuses a partner that is late to acknowledge a withdrawal.
func (t *Trays) owes(ctx context.Context, tx store.Tx, partner id.ID) error {
	n, err := q(tx).Owes(ctx, traydb.OwesParams{Partner: string(partner), Before: t.lateBefore()})
	if err != nil {
		return fmt.Errorf("look for what is owed: %w", err)
	}
	if n > 0 {
		return ErrOwed
	}
	return nil
}

// kept is a payload that has come whole: in memory when it is small, in an object,
// unnamed, when it is large.
type kept struct {
	inline []byte
	object id.ID
}

// keep takes the payload off the line and compares it with the note.
func (t *Trays) keep(ctx context.Context, s Sealed, n *delivery.Note) (kept, error) {
	h := sha256.New()
	body := io.TeeReader(s.Body, h)
	var st kept
	if n.Length <= t.Limits.InlineMax {
		b := make([]byte, n.Length)
		if _, err := io.ReadFull(body, b); err != nil {
			return st, fmt.Errorf("receive item: %w", err)
		}
		if extra, err := io.ReadFull(s.Body, make([]byte, 1)); extra > 0 || !errors.Is(err, io.EOF) {
			return st, fmt.Errorf("payload: %w", testimony.ErrDigest)
		}
		st.inline = b
	} else {
		object, err := id.New(t.Rand)
		if err != nil {
			return st, err
		}
		if err := t.Payloads.Blobs.Put(ctx, object, n.Length, body); err != nil {
			return st, fmt.Errorf("store item: %w", err)
		}
		st.object = object
	}
	if statement.B64(h.Sum(nil)) != n.PayloadSHA256 {
		return kept{}, t.Payloads.Discard(ctx, st.object, fmt.Errorf("payload: %w", testimony.ErrDigest))
	}
	return st, nil
}

// arrival is an item that is about to get its rows.
type arrival struct {
	tray   place
	note   *delivery.Note
	papers papers
	header []byte
	inline []byte
	object id.ID // of the whole payload; or
	// payload is the name of one whose pieces are there, and charged says that its
	// room is counted already.
	payload id.ID
	charged bool
	local   id.ID // what the vault calls the item; empty for what its partner does
}

// name is what the vault calls the item. It is the partner's name for it, unless
// something else in the vault has that one: then nobody can tell from the answer.
func (a *arrival) name() id.ID {
	if a.local != "" {
		return a.local
	}
	return a.note.Item
}

// land puts an item into its tray, in one transaction with what also has to happen.
// A partner's names are its own: where another has used this one, the vault calls
// the item by a name that it draws.
func (t *Trays) land(ctx context.Context, a arrival, also func(context.Context, store.Tx) error) error {
	put := func(ctx context.Context, tx store.Tx) error {
		if err := t.arrive(ctx, tx, a); err != nil || also == nil {
			return err
		}
		return also(ctx, tx)
	}
	err := t.DB.Update(ctx, put)
	if !errors.Is(err, store.ErrConflict) {
		return err
	}
	if err := t.unnamed(ctx, a.note); err != nil {
		return err
	}
	if a.local, err = id.New(t.Rand); err != nil {
		return err
	}
	return t.DB.Update(ctx, put)
}

// unnamed is nil while the partner has brought nothing of this name.
func (t *Trays) unnamed(ctx context.Context, n *delivery.Note) error {
	return t.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := q(tx).Named(ctx, traydb.NamedParams{Partner: string(n.Partner), Named: string(n.Item)})
		if err == nil {
			return fmt.Errorf("item %s: %w", n.Item, testimony.ErrExists)
		}
		if err := found("find delivery", err); !errors.Is(err, ErrNotFound) {
			return err
		}
		return nil
	})
}

// arrive writes an item within tx, after asking once more whether it may come.
func (t *Trays) arrive(ctx context.Context, tx store.Tx, a arrival) error {
	if err := t.may(ctx, tx, a.tray, a.note); err != nil {
		return err
	}
	if err := t.checkClaim(ctx, tx, a.note, a.papers.Erasure); err != nil {
		return err
	}
	filled, err := q(tx).Fill(ctx, traydb.FillParams{ID: string(a.tray.tray), Today: t.today(), Length: a.note.Length,
		MostItems: t.Limits.Items, Most: t.Limits.TrayBytes})
	if err != nil {
		return fmt.Errorf("fill tray: %w", err)
	}
	if filled == 0 {
		return t.whyFull(ctx, tx, a.tray.tray)
	}
	room := a.note.Length
	if a.charged {
		room = 0
	}
	change, err := t.charge(ctx, tx, a.note.Partner, room)
	if err != nil {
		return err
	}
	if err := t.addItem(ctx, tx, a); err != nil {
		return err
	}
	return t.deliver(ctx, tx, a, change)
}

// whyFull tells a tray that was closed meanwhile from one that is full.
func (t *Trays) whyFull(ctx context.Context, tx store.Tx, name id.ID) error {
	_, err := q(tx).ByID(ctx, traydb.ByIDParams{ID: string(name), Today: t.today()})
	if err := found("find tray", err); err != nil {
		return err
	}
	return &account.Quota{Of: "bytes or items that wait in one tray", Limit: t.Limits.TrayBytes}
}

// charge counts what waits of a partner, and one change of what it is shown.
// Negative bytes give back.
func (t *Trays) charge(ctx context.Context, tx store.Tx, partner id.ID, length int64) (change int64, err error) {
	room, err := q(tx).Charge(ctx, traydb.ChargeParams{Partner: string(partner), Length: length})
	if err != nil {
		return 0, fmt.Errorf("charge partner: %w", err)
	}
	if length > 0 && room.Bytes > t.Limits.PartnerBytes {
		return 0, &account.Quota{Of: "bytes of one partner that wait", Limit: t.Limits.PartnerBytes}
	}
	return room.Changes, nil
}

func (t *Trays) addItem(ctx context.Context, tx store.Tx, a arrival) error {
	n := a.note
	key, err := t.Keys.Create(ctx, tx, a.name())
	if err != nil {
		return err
	}
	row := traydb.AddItemParams{ID: string(a.name()), Tray: string(a.tray.tray), Account: string(a.tray.owner), ArrivedDay: t.today(),
		UntilDay: t.after(t.Limits.Keep), Length: n.Length, PayloadSha256: hash(n.PayloadSHA256), Commitment: hash(n.Commit), HeaderSha256: hash(n.HeaderSHA256)}
	if row.Header, err = key.Seal(headerLabel(row.HeaderSha256), a.header); err != nil {
		return err
	}
	if row.Papers, err = sealPapers(key, a.papers); err != nil {
		return err
	}
	if a.payload != "" {
		row.Blob = nullable(a.payload)
	} else if a.inline != nil {
		if row.Payload, err = key.Seal(payloadLabel(row.PayloadSha256), a.inline); err != nil {
			return err
		}
	} else if row.Blob, err = t.name(ctx, tx, n.Length, a.object); err != nil {
		return err
	}
	if err := q(tx).AddItem(ctx, row); err != nil {
		return fmt.Errorf("add item: %w", err)
	}
	return nil
}

// name makes the object the one piece of a payload and gives the payload's name.
func (t *Trays) name(ctx context.Context, tx store.Tx, length int64, object id.ID) (sql.NullString, error) {
	name, err := id.New(t.Rand)
	if err != nil {
		return sql.NullString{}, err
	}
	return nullable(name), payload.Append(ctx, tx, name, payload.Piece{Length: length, Blob: object})
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return statement.B64(s[:])
}
