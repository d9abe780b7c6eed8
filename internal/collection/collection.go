// Package collection is accounts under the keys of a partner: for women who are not
// present, for field forms, and for what an organisation has held for years.
//
// A collection is an ordinary account of role partner with an end, opened by the
// word of one of the partner's officers and marked by a row here. What can be done
// with an account can be done with it, but for one thing: nobody can be let read
// what lies in it, because no woman has said so (account.Caller.MayGrant). The
// partner could read it, and whoever shows anything of it says that.
//
// Promises: a collection stands while its partner's agreement does, and never behind
// its day: from then on it is answered like an account that has nothing, and what
// was in it is destroyed. Assumes: package testimony asks Standing. Does not: know
// what lies in a collection, or whether a woman would have agreed.
//
// Source: docs/protocol.md section 17, docs/adr/0026.
package collection

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/collection/collectiondb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/tray"
)

// Errors of this package.
var (
	ErrNotFound = account.ErrNotFound
	ErrTerm     = fmt.Errorf("%w: a collection ends within two years, and not after the agreement of its partner", statement.ErrRefused)
)

// Expiring is the event that a partner is told while there is still time to claim.
const Expiring = "collection.expiring"

// Partners answers what collections need to know of partners, within tx.
type Partners struct {
	// Officer is the partner whose live agreement names this account, and when the
	// agreement ends (Unix seconds); ErrNotFound for none.
	Officer func(ctx context.Context, tx store.Tx, who id.Thumbprint) (partner id.ID, until int64, err error)
	// Live is nil while the partner may act.
	Live func(ctx context.Context, tx store.Tx, partner id.ID) error
	// Tell puts an event into the partner's queue.
	Tell func(ctx context.Context, tx store.Tx, partner id.ID, event string, item id.ID) error
}

// Collections is the collections of one vault.
type Collections struct {
	DB       *store.DB
	Ledger   *ledger.Ledger
	Accounts *account.Accounts
	Trays    *tray.Trays
	Vault    *testimony.Vault
	Partners Partners
	Most     int64         // that stand, of one partner
	Warn     time.Duration // before its end, when the partner is told
	Now      func() time.Time
	Rand     io.Reader
}

// Collection is one of them. Its name is that of its tray.
type Collection struct {
	ID        id.ID
	Account   id.Thumbprint
	Partner   id.ID
	OpenedDay int64
	Until     int64 // Unix seconds of the first day on which it is gone
	Over      bool
	Statement string // of the officer
}

// Opened is a new collection with what is told once: the code of its tray.
type Opened struct {
	ledger.Accepted // of the officer's statement
	Collection
	Key  ledger.Accepted // of the collection's own key statement
	Code string
}

func (c *Collections) today() int64 { return statement.DayOf(c.Now()) }

// Open opens a collection: an officer signs for the key statement of an account that
// nobody has yet. Whoever is no officer gets ErrNotFound.
func (c *Collections) Open(ctx context.Context, caller account.Caller, said, key string, commit account.Commit[Opened]) (Opened, error) {
	s, body, err := ledger.Take[*statement.Collection](c.Ledger, caller.Signer(), said)
	if err != nil {
		return Opened{}, err
	}
	k, err := c.vouched(body, key)
	if err != nil {
		return Opened{}, err
	}
	code, err := id.New(c.Rand)
	if err != nil {
		return Opened{}, err
	}
	out := Opened{Accepted: s.Accepted(), Key: k.Accepted(), Code: string(code)}
	err = c.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := c.mayOpen(ctx, tx, caller.ID, body); err != nil {
			return err
		}
		if err := c.Ledger.Append(ctx, tx, nil, s.Statement); err != nil {
			return err
		}
		if err := c.Accounts.Admit(ctx, tx, k); err != nil {
			return err
		}
		var err error
		if out.Collection, err = c.write(ctx, tx, body, s.Compact(), string(code)); err != nil {
			return err
		}
		return commit.Do(ctx, tx, out)
	})
	return out, err
}

// vouched holds the key statement against the officer's word for it.
func (c *Collections) vouched(body *statement.Collection, key string) (*ledger.Taken, error) {
	k, err := c.Accounts.Vouched(key)
	if err != nil {
		return nil, err
	}
	hash := k.Hash()
	if k.Issuer != body.Account || statement.B64(hash[:]) != body.KeySHA256 || k.Body.(*statement.Key).Role != statement.Partner {
		return nil, fmt.Errorf("%w: it is for another key statement, or the key's role is not partner", statement.ErrRefused)
	}
	return k, nil
}

func (c *Collections) mayOpen(ctx context.Context, tx store.Tx, officer id.Thumbprint, body *statement.Collection) error {
	partner, until, err := c.Partners.Officer(ctx, tx, officer)
	if err != nil {
		return err
	}
	today := c.today()
	switch {
	case partner != body.Partner:
		return ErrNotFound
	case body.Until <= today || body.Until > until || body.Until > today+statement.MaxCollection:
		return ErrTerm
	}
	n, err := collectiondb.New(tx).Count(ctx, string(partner))
	if err != nil {
		return fmt.Errorf("count collections: %w", err)
	}
	if n >= c.Most {
		return &account.Quota{Of: "collections", Limit: c.Most}
	}
	return nil
}

func (c *Collections) write(ctx context.Context, tx store.Tx, body *statement.Collection, compact, code string) (Collection, error) {
	t, err := c.Trays.OpenFor(ctx, tx, body.Account, body.Partner, code, body.Until)
	if err != nil {
		return Collection{}, err
	}
	err = collectiondb.New(tx).Open(ctx, collectiondb.OpenParams{Account: string(body.Account), Partner: string(body.Partner), Tray: string(t.Tray),
		OpenedDay: c.today(), UntilDay: body.Until, Statement: compact})
	if err != nil {
		return Collection{}, fmt.Errorf("open collection: %w", err)
	}
	return Collection{ID: t.Tray, Account: body.Account, Partner: body.Partner, OpenedDay: c.today(), Until: body.Until, Statement: compact}, nil
}

// Standing gives a collection that stands: its day has not come, and its partner may
// act. Anything else is ErrNotFound.
func (c *Collections) Standing(ctx context.Context, tx store.Tx, who id.Thumbprint) (Collection, error) {
	row, err := collectiondb.New(tx).Find(ctx, string(who))
	if errors.Is(err, sql.ErrNoRows) {
		return Collection{}, ErrNotFound
	}
	if err != nil {
		return Collection{}, fmt.Errorf("find collection: %w", err)
	}
	if row.Over != 0 || row.UntilDay <= c.today() {
		return Collection{}, ErrNotFound
	}
	if err := c.Partners.Live(ctx, tx, id.ID(row.Partner)); err != nil {
		return Collection{}, err
	}
	return Collection{ID: id.ID(row.Tray), Account: who, Partner: id.ID(row.Partner), OpenedDay: row.OpenedDay, Until: row.UntilDay, Statement: row.Statement}, nil
}

// Mine is Standing for the collection itself.
func (c *Collections) Mine(ctx context.Context, caller account.Caller) (out Collection, err error) {
	err = c.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = c.Standing(ctx, tx, caller.ID)
		return err
	})
	return out, err
}

// Of gives at most limit of the collections of the partner that the caller is an
// officer of, behind one account.
func (c *Collections) Of(ctx context.Context, caller account.Caller, after id.Thumbprint, limit int64) (out []Collection, err error) {
	err = c.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		partner, _, err := c.Partners.Officer(ctx, tx, caller.ID)
		if err != nil {
			return err
		}
		out, err = c.ofPartner(ctx, tx, partner, after, limit)
		return err
	})
	return out, err
}

// OfPartner is Of for a program of the partner.
func (c *Collections) OfPartner(ctx context.Context, partner id.ID, after id.Thumbprint, limit int64) (out []Collection, err error) {
	err = c.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = c.ofPartner(ctx, tx, partner, after, limit)
		return err
	})
	return out, err
}

func (c *Collections) ofPartner(ctx context.Context, tx store.Tx, partner id.ID, after id.Thumbprint, limit int64) ([]Collection, error) {
	rows, err := collectiondb.New(tx).OfPartner(ctx, collectiondb.OfPartnerParams{Partner: string(partner), After: string(after), Page: limit})
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	out := make([]Collection, 0, len(rows))
	for _, r := range rows {
		out = append(out, Collection{ID: id.ID(r.Tray), Account: id.Thumbprint(r.Account), Partner: partner, OpenedDay: r.OpenedDay, Until: r.UntilDay,
			Over: r.Over != 0 || r.UntilDay <= c.today(), Statement: r.Statement})
	}
	return out, nil
}

// page is how many collections one pass of a sweep looks at.
const page = 16

// Sweep destroys what lies in collections whose day has come, and tells partners of
// those whose day is near. It may be missed and repeated.
func (c *Collections) Sweep(ctx context.Context) error {
	if err := c.warn(ctx); err != nil {
		return fmt.Errorf("tell of collections that end: %w", err)
	}
	ended := 0
	for {
		n, err := c.end(ctx)
		ended += n
		if err != nil {
			return fmt.Errorf("end collections: %w", err)
		}
		if n < page {
			break
		}
	}
	if ended == 0 {
		return nil
	}
	c.Vault.Payloads.Reap(ctx)
	return c.Vault.Scrub(ctx)
}

func (c *Collections) warn(ctx context.Context) error {
	return c.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := collectiondb.New(tx).Ending(ctx, collectiondb.EndingParams{Before: statement.DayOf(c.Now().Add(c.Warn)), Page: page})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := collectiondb.New(tx).Warned(ctx, r.Account); err != nil {
				return err
			}
			if err := c.Partners.Tell(ctx, tx, id.ID(r.Partner), Expiring, id.ID(r.Tray)); err != nil {
				return err
			}
		}
		return nil
	})
}

// end ends some collections, each in a transaction of its own: one may hold much.
func (c *Collections) end(ctx context.Context) (int, error) {
	var list []string
	err := c.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		list, err = collectiondb.New(tx).Ended(ctx, collectiondb.EndedParams{Today: c.today(), Page: page})
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, who := range list {
		err := c.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return c.endOne(ctx, tx, id.Thumbprint(who)) })
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

func (c *Collections) endOne(ctx context.Context, tx store.Tx, who id.Thumbprint) error {
	n, err := collectiondb.New(tx).Over(ctx, string(who))
	if err != nil || n == 0 { // another node was faster
		return err
	}
	if err := c.Trays.Leave(ctx, tx, who); err != nil {
		return err
	}
	_, err = c.Vault.Lapse(ctx, tx, who)
	return err
}
