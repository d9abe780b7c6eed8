package collection_test

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/accounttest"
	"github.com/relatingfield/vault/internal/collection"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
	"github.com/relatingfield/vault/internal/trust"
)

// world is a traytest.World with real collections and one officer.
type world struct {
	*traytest.World
	all     *collection.Collections
	officer *accounttest.Person
	until   int64 // of the agreement
}

func each(t *testing.T, do func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{World: traytest.New(t, db)}
		w.officer = w.Enrolled(statement.Partner)
		w.until = statement.DayOf(w.Clock.Now()) + 90*statement.Day
		w.all = &collection.Collections{DB: db, Ledger: w.Ledger, Accounts: w.Accounts, Trays: w.Trays, Vault: w.Vault, Most: 2, Warn: 14 * traytest.Day,
			Now: w.Clock.Now, Rand: rand.Reader, Partners: collection.Partners{
				Live: w.Trays.Partners.Live, Tell: w.Trays.Partners.Tell,
				Officer: func(_ context.Context, _ store.Tx, who id.Thumbprint) (id.ID, int64, error) {
					if who != w.officer.ID {
						return "", 0, collection.ErrNotFound
					}
					return w.By.Partner, w.until, nil
				}}}
		w.Vault.Collection = func(ctx context.Context, tx store.Tx, who id.Thumbprint) error {
			_, err := w.all.Standing(ctx, tx, who)
			return err
		}
		do(t, w)
	})
}

// body is what an officer signs for a stranger's key statement.
func (w *world) body(p *accounttest.Person, key *statement.Statement, days int64) statement.Collection {
	hash := key.Hash()
	return statement.Collection{Partner: w.By.Partner, Account: p.ID, KeySHA256: statement.B64(hash[:]), Until: statement.DayOf(w.Clock.Now()) + days*statement.Day}
}

func (w *world) open(days int64) (*accounttest.Person, collection.Opened) {
	w.T.Helper()
	p := w.Stranger()
	key := p.Key(statement.Partner)
	out, err := w.all.Open(w.T.Context(), w.officer.Caller, w.officer.Sign(w.body(p, key, days)).Compact(), key.Compact(), nil)
	w.Must(err)
	p.Role = statement.Partner
	return p, out
}

// A collection takes what an account takes, has a tray, and nobody is let read it.
func TestACollectionIsAnAccountThatGrantsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, opened := w.open(60)
		tid := w.Create(c)
		part := w.Add(c, tid, 1, []byte("somebody's words"))
		w.Bring(opened.Code, []byte("for the collection"), c)
		if list, err := w.all.Of(t.Context(), w.officer.Caller, "", 10); err != nil || len(list) != 1 || list[0].Account != c.ID || list[0].Over {
			t.Errorf("%+v, %v", list, err)
		}
		body, headers := w.GrantBody(tid, map[int64]testimonytest.Sealed{1: part})
		if _, _, err := w.Grants.Grant(t.Context(), c.Caller, tid, c.Sign(body).Compact(), headers, nil); !errors.Is(err, account.ErrCollection) {
			t.Errorf("grant: %v", err)
		}
		renew := statement.Renew{Testimony: tid, Grant: w.ID(), Accreditation: w.Accreditation, Terms: body.Terms}
		if _, err := w.Grants.Renew(t.Context(), c.Caller, tid, c.Sign(renew).Compact(), nil); !errors.Is(err, account.ErrCollection) {
			t.Errorf("renew: %v", err)
		}
		policy := statement.Policy{Testimony: tid, Grantee: w.Reader.ID, Trustees: []statement.Share{}, Silence: 30 * statement.Day, Wait: 7 * statement.Day}
		if _, err := w.Trust.Set(t.Context(), c.Caller, tid, trust.New{Statement: c.Sign(policy).Compact()}, nil); !errors.Is(err, account.ErrCollection) {
			t.Errorf("policy: %v", err)
		}
		o := w.officer // whose own account has nothing that could be granted
		_, _, granted := w.Grants.Grant(t.Context(), o.Caller, tid, o.Sign(body).Compact(), headers, nil)
		_, renewed := w.Grants.Renew(t.Context(), o.Caller, tid, o.Sign(renew).Compact(), nil)
		_, set := w.Trust.Set(t.Context(), o.Caller, tid, trust.New{Statement: o.Sign(policy).Compact()}, nil)
		for what, err := range map[string]error{"grant": granted, "renew": renewed, "policy": set} {
			if !errors.Is(err, testimony.ErrNotFound) || o.Role != statement.Partner {
				t.Errorf("%s by an officer from an account of role %q: %v", what, o.Role, err)
			}
		}
	})
}

// Only an officer opens one, for the key that he signed for, within the agreement.
func TestWhoMayNotOpenACollection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.Stranger()
		key := p.Key(statement.Partner)
		open := func(by *accounttest.Person, change func(*statement.Collection), with *statement.Statement) error {
			b := w.body(p, key, 30)
			change(&b)
			_, err := w.all.Open(t.Context(), by.Caller, by.Sign(b).Compact(), with.Compact(), nil)
			return err
		}
		keep := func(*statement.Collection) {}
		if err := open(w.Her, keep, key); !errors.Is(err, collection.ErrNotFound) {
			t.Errorf("no officer: %v", err)
		}
		if err := open(w.officer, func(b *statement.Collection) { b.Partner = w.ID() }, key); !errors.Is(err, collection.ErrNotFound) {
			t.Errorf("another partner: %v", err)
		}
		if err := open(w.officer, func(b *statement.Collection) { b.Until += 365 * statement.Day }, key); !errors.Is(err, collection.ErrTerm) {
			t.Errorf("longer than the agreement: %v", err)
		}
		if err := open(w.officer, keep, p.Key(statement.Participant)); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("another key statement: %v", err)
		}
		if err := open(w.officer, keep, key); err != nil {
			t.Fatal(err)
		}
		if err := open(w.officer, keep, key); !errors.Is(err, account.ErrConflict) {
			t.Errorf("the same account again: %v", err)
		}
		w.open(30)
		third := w.Stranger()
		k := third.Key(statement.Partner)
		if _, err := w.all.Open(t.Context(), w.officer.Caller, w.officer.Sign(w.body(third, k, 30)).Compact(), k.Compact(), nil); !errors.Is(err, account.ErrQuota) {
			t.Errorf("a third: %v", err)
		}
	})
}

// On its day a collection and all in it is gone, before any job has run; and the
// partner was told while there was time.
func TestACollectionEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, opened := w.open(40)
		tid := w.Create(c)
		w.Add(c, tid, 1, make([]byte, 200_000))
		w.Bring(opened.Code, make([]byte, 200_000), c)
		w.Clock.Forward(30 * traytest.Day)
		for range 2 {
			w.Must(w.all.Sweep(t.Context()))
		}
		if len(w.Told) != 1 || w.Told[0] != (traytest.Told{Partner: w.By.Partner, Event: collection.Expiring, Item: opened.ID}) {
			t.Errorf("told %+v", w.Told)
		}
		if _, err := w.Vault.Show(t.Context(), c.Caller, tid); err != nil {
			t.Error(err)
		}
		w.Clock.Forward(10 * traytest.Day)
		if _, err := w.Vault.Show(t.Context(), c.Caller, tid); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("on its day: %v", err)
		}
		if list, err := w.Vault.List(t.Context(), c.Caller, 0, 10); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
		if err := w.Put(w.Seal(opened.Code, []byte("late"), c)); !errors.Is(err, tray.ErrNotFound) {
			t.Errorf("its tray: %v", err)
		}
		w.Must(w.all.Sweep(t.Context()))
		if n := w.Objects(); n != 0 {
			t.Errorf("%d objects are left", n)
		}
	})
}

// A partner that is halted has no collection until it is not.
func TestAHaltedPartnersCollectionIsShut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, _ := w.open(40)
		tid := w.Create(c)
		w.Halted[w.By.Partner] = true
		if _, err := w.Vault.Show(t.Context(), c.Caller, tid); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("halted: %v", err)
		}
		delete(w.Halted, w.By.Partner)
		if _, err := w.Vault.Show(t.Context(), c.Caller, tid); err != nil {
			t.Error(err)
		}
	})
}

// A partner's account that is no collection has no testimonies, as before.
func TestAnOfficerIsNoCollection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tid, card := w.ID(), w.Card(w.officer, "x")
		said := w.officer.Sign(statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(card)})
		_, err := w.Vault.Create(t.Context(), w.officer.Caller, testimony.New{Testimony: tid, Statement: said.Compact(), Card: card}, nil)
		if !errors.Is(err, testimony.ErrNotEnrolled) {
			t.Error(err)
		}
	})
}
