package testimony_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/grant"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Everything she has opens with her new key and with no other, and her account,
// her chain and her grants are what they were.
func TestEverythingGoesOnWithTheNewKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		one, two, empty := w.Create(w.Her), w.Create(w.Her), w.Create(w.Her)
		small, big := w.Add(w.Her, one, 1, []byte("هذه شهادتي")), w.Add(w.Her, two, 1, large())
		g := w.Grant(two, map[int64]testimonytest.Sealed{1: big})
		closing := statement.ErasedHash(w.Chain(w.Her).About(empty))
		if _, err := w.Vault.Erase(t.Context(), w.Her.Caller, empty, w.Her.Sign(statement.Erase{Testimony: empty, StatementsSHA256: statement.B64(closing[:])}).Compact(), nil); err != nil {
			t.Fatal(err)
		}
		old := *w.Her
		w.Her = w.Rekey(w.Her)
		if w.Her.ID != old.ID || w.Her.Signer() == old.ID || w.Her.Role != statement.Participant {
			t.Fatalf("the new key is good for %+v", w.Her.Caller)
		}
		for tid, plain := range map[id.ID][]byte{one: small.Plain, two: big.Plain} {
			file := content(t, w, tid, 1)
			if !bytes.Equal(w.Decrypt(w.Her, file), plain) {
				t.Errorf("testimony %s does not open with the new key", tid)
			}
			header, _, err := envelope.Split(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := envelope.OpenHeader(header, old.Identity); err == nil {
				t.Errorf("testimony %s still opens with the old key", tid)
			}
		}
		if file, err := w.Read(w.Reader, g, 1); err != nil || !bytes.Equal(w.Decrypt(w.Reader, file), big.Plain) {
			t.Errorf("the reader's grant: %v", err)
		}
		w.Revoke(two, g)
		if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, grant.ErrNotFound) {
			t.Errorf("revoked by the new key: %v", err)
		}
		book, err := w.Chain(w.Her).Book()
		if err != nil || len(book.Testimonies) != 3 {
			t.Errorf("her book: %v", err)
		}
		events, _, err := w.Feed.Read(t.Context(), w.Her.ID, one, 0, 100)
		if err != nil || !slices.ContainsFunc(events, func(e custody.Event) bool { return e.Kind == custody.Rewrapped && e.Actor == w.Her.ID }) {
			t.Errorf("the feed says %+v, %v", events, err)
		}
	})
}

// The old key is answered like one that was never seen here, whatever it asks.
func TestAVoidKeyIsLikeAnUnknownOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		w.Add(w.Her, tid, 1, []byte("text"))
		old := *w.Her
		w.Her = w.Rekey(w.Her)
		again := w.ChainHead(w.Her)
		for name, p := range map[string]account.Caller{"void": w.Caller(&old), "unknown": w.Caller(w.Stranger())} {
			if p.Role != "" || p.ID == old.ID {
				t.Errorf("%s key: is good for %+v", name, p)
			}
			if list, err := w.Vault.List(t.Context(), p, 0, 10); err != nil || len(list) != 0 {
				t.Errorf("%s key: %d testimonies, %v", name, len(list), err)
			}
			if _, err := w.Vault.Show(t.Context(), p, tid); !errors.Is(err, testimony.ErrNotFound) {
				t.Errorf("%s key: show: %v", name, err)
			}
			if entries, head, err := w.Ledger.Page(t.Context(), db, p.ID, 0, 10); err != nil || len(entries) != 0 || head.Seq != 0 {
				t.Errorf("%s key: chain to %d, %v", name, head.Seq, err)
			}
		}
		signed := old.SignAt(again, statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(w.Card(&old, "x"))})
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return w.Ledger.Append(ctx, tx, nil, old.SignAt(again, statement.CheckIn{}))
		})
		if !errors.Is(err, ledger.ErrNotEnrolled) {
			t.Errorf("a statement of the void key: %v", err)
		}
		if _, err := w.Vault.PutCard(t.Context(), w.Her.Caller, tid, signed.Compact(), w.Card(&old, "x"), nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("the void key's statement in a session of the new one: %v", err)
		}
		if _, err := w.Accounts.Enrol(t.Context(), account.Request{Statement: old.Key(statement.Participant).Compact()}, nil); !errors.Is(err, ledger.ErrKeyUsed) {
			t.Errorf("the void key enrols: %v", err)
		}
	})
}

// It happens whole or not at all.
func TestARekeyThatIsNotWholeChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		one, two := w.Create(w.Her), w.Create(w.Her)
		s := w.Add(w.Her, one, 1, []byte("text"))
		w.Add(w.Her, one, 2, []byte("text"))
		for name, c := range map[string]struct {
			spoil func(h *testimonytest.Handover)
			want  error
		}{
			"a testimony is left out": {func(h *testimonytest.Handover) {
				h.Rewraps, h.Cards, h.Headers = h.Rewraps[1:], h.Cards[1:], h.Headers[1:]
			}, testimony.ErrChanged},
			"one stands there twice": {func(h *testimonytest.Handover) {
				h.Rewraps, h.Cards, h.Headers = append(h.Rewraps, h.Rewraps[0]), append(h.Cards, h.Cards[0]), append(h.Headers, h.Headers[0])
			}, testimony.ErrChanged},
			"a part is left out": {func(h *testimonytest.Handover) {
				for i := range h.Rewraps {
					if n := len(h.Headers[i]); n > 0 {
						h.Rewraps[i].Parts, h.Headers[i] = h.Rewraps[i].Parts[:n-1], h.Headers[i][:n-1]
					}
				}
			}, testimony.ErrChanged},
			"a header is another": {func(h *testimonytest.Handover) {
				for i := range h.Headers {
					for j := range h.Headers[i] {
						h.Headers[i][j] = w.Head(s.Key, w.Her.Recipient)
					}
				}
			}, grant.ErrDigest},
			"a header is classic": {func(h *testimonytest.Handover) {
				for i := range h.Headers {
					for j := range h.Headers[i] {
						h.Headers[i][j] = w.Head(s.Key, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
						h.Rewraps[i].Parts[j].HeaderSHA256 = testimonytest.Sum(h.Headers[i][j])
					}
				}
			}, grant.ErrMix},
			"a card is another": {func(h *testimonytest.Handover) { h.Cards[0] = w.Card(w.Her, "x") }, testimony.ErrDigest},
			"a card is none": {func(h *testimonytest.Handover) {
				h.Cards[0] = []byte("x")
				h.Rewraps[0].CardSHA256 = testimonytest.Sum(h.Cards[0])
			}, testimony.ErrSealed},
			"the recipient is none":    {func(h *testimonytest.Handover) { h.Rekey.Recipient = "age1x" }, statement.ErrRefused},
			"the recipient is swapped": {func(h *testimonytest.Handover) { h.Rekey.Recipient = w.Reader.Recipient }, statement.ErrRefused},
		} {
			h := w.Handover(w.Her, w.Stranger())
			c.spoil(h)
			if _, err := w.Vault.Rekey(t.Context(), w.Her.Caller, h.Signed(), nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
			if w.Caller(w.Her).Role != statement.Participant || !bytes.Equal(w.Decrypt(w.Her, content(t, w, one, 1)), s.Plain) {
				t.Fatalf("%s: the old key is not what it was", name)
			}
		}
		late := w.Handover(w.Her, w.Stranger()).Signed()
		w.Add(w.Her, two, 1, []byte("meanwhile"))
		var order *ledger.OutOfOrder
		if _, err := w.Vault.Rekey(t.Context(), w.Her.Caller, late, nil); !errors.As(err, &order) {
			t.Errorf("after another device acted: %v", err)
		}
	})
}

// Nobody else hands her account over, and no key that has a past takes one over.
func TestWhoMayRekey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		other := w.Enrolled(statement.Participant)
		rekeyed := w.Rekey(w.Enrolled(statement.Participant))
		again := w.Rekey(rekeyed)
		for name, c := range map[string]struct {
			caller account.Caller
			change testimony.Rekeying
			want   error
		}{
			"a reader's key":                 {w.Reader.Caller, w.Handover(w.Reader, w.Stranger()).Signed(), testimony.ErrRekey},
			"a steward's key":                {w.Stewards[0].Caller, w.Handover(w.Stewards[0], w.Stranger()).Signed(), testimony.ErrRekey},
			"in somebody else's session":     {other.Caller, w.Handover(w.Her, w.Stranger()).Signed(), statement.ErrRefused},
			"to a key with an account":       {w.Her.Caller, w.Handover(w.Her, other).Signed(), ledger.ErrKeyUsed},
			"to a key that is somebody's":    {w.Her.Caller, w.Handover(w.Her, again).Signed(), ledger.ErrKeyUsed},
			"to a key that was given up":     {w.Her.Caller, w.Handover(w.Her, rekeyed).Signed(), ledger.ErrKeyUsed},
			"in a session of the new key":    {w.Caller(w.Stranger()), w.Handover(w.Her, w.Stranger()).Signed(), statement.ErrRefused},
			"with nothing":                   {w.Her.Caller, testimony.Rekeying{}, statement.ErrRefused},
			"with another first statement":   {w.Her.Caller, testimony.Rekeying{Statements: []string{w.Her.Sign(statement.CheckIn{}).Compact()}}, statement.ErrRefused},
			"by a statement for elsewhere":   {w.Her.Caller, w.Handover(w.Her.For(testimonytest.Sum([]byte("elsewhere"))), w.Stranger()).Signed(), statement.ErrRefused},
			"by a key that has not enrolled": {w.Caller(w.Stranger()), testimony.Rekeying{Statements: []string{"x"}}, statement.ErrRefused},
		} {
			if _, err := w.Vault.Rekey(t.Context(), c.caller, c.change, nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			next := w.Stranger()
			body, err := statement.Prove(next.PrivateKey(), next.Recipient, w.Ledger.Vault, w.Her.ID, w.ChainHead(w.Her))
			if err != nil {
				return err
			}
			return w.Ledger.Append(ctx, tx, nil, w.Her.Sign(body))
		})
		if !errors.Is(err, statement.ErrRefused) {
			t.Errorf("a rekey statement among others: %v", err)
		}
	})
}

// A part that arrived in plaintext goes along, adopted or not, and uploads under
// way end: they were sealed to the old key.
func TestWhatIsUnderWayWhenSheRekeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		arrive(t, w, tid, 1, []byte("spoken"), 6)
		up := w.Seal(large(), w.Her.Recipient)
		w.Upload(w.Her, tid, 2, up)
		w.Her = w.Rekey(w.Her)
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid)
		if err != nil || len(whole.Slots) != 0 || len(whole.Parts) != 1 || objects(t, w) != 0 {
			t.Fatalf("%+v, %v, %d objects", whole, err, objects(t, w))
		}
		if len(w.Decrypt(w.Her, content(t, w, tid, 1))) == 0 {
			t.Error("what arrived is empty")
		}
		arrive(t, w, tid, 3, []byte("spoken later"), 12)
		if len(w.Decrypt(w.Her, content(t, w, tid, 3))) == 0 {
			t.Error("what arrived afterwards is empty")
		}
		if _, err := w.Chain(w.Her).Book(); err != nil {
			t.Error(err)
		}
	})
}

// After a restore that lost her rekey statement the old key stays void; the new
// one can do nothing but make the statement again, with the words of both.
func TestARekeyThatARestoreLostIsMadeAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Add(w.Her, tid, 1, []byte("text"))
		next := w.Stranger()
		change := w.Handover(w.Her, next).Signed()
		w.Restore(w.Her, next)
		if c := w.Caller(w.Her); c.Role != "" {
			t.Fatalf("the old key is good for %+v", c)
		}
		next.Caller = w.Caller(next)
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			return w.Ledger.Append(ctx, tx, nil, next.Sign(statement.CheckIn{}))
		})
		if !errors.Is(err, ledger.ErrRekeyOwed) {
			t.Errorf("another act of the new key: %v", err)
		}
		if _, err := w.Vault.Rekey(t.Context(), w.Caller(w.Her), change, nil); !errors.Is(err, ledger.ErrNotEnrolled) {
			t.Errorf("in a session of the void key: %v", err)
		}
		if _, err := w.Vault.Rekey(t.Context(), next.Caller, change, nil); err != nil {
			t.Fatal(err)
		}
		w.Her = next
		if !bytes.Equal(w.Decrypt(w.Her, content(t, w, tid, 1)), s.Plain) {
			t.Error("it does not open with the new key")
		}
		w.Add(w.Her, tid, 2, []byte("and on"))
	})
}
