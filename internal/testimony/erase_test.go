package testimony_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/account"
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

// Erasing leaves no object, no readable row and no statement text, and her chain
// still verifies.
func TestEraseLeavesHashesOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		kept, tid := w.Create(w.Her), w.Create(w.Her)
		small := w.Add(w.Her, tid, 1, []byte("text"))
		w.Add(w.Her, tid, 2, large())
		w.Upload(w.Her, tid, 3, w.Seal(large(), w.Her.Recipient))
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: small})
		covered := statement.ErasedHash(w.Chain(w.Her).About(tid))
		wrong := w.Her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: testimonytest.Sum(nil)})
		if _, err := w.Vault.Erase(t.Context(), w.Her.Caller, tid, wrong.Compact(), nil); !errors.Is(err, testimony.ErrChanged) {
			t.Fatalf("covering something else: %v", err)
		}
		erase := w.Her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: statement.B64(covered[:])})
		if _, err := w.Vault.Erase(t.Context(), w.Her.Caller, tid, erase.Compact(), nil); err != nil {
			t.Fatal(err)
		}
		if n := objects(t, w); n != 0 {
			t.Errorf("%d objects are left", n)
		}
		if _, err := w.Vault.Show(t.Context(), w.Her.Caller, tid); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("show: %v", err)
		}
		if _, err := w.Read(w.Reader, g, 1); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("read under an old grant: %v", err)
		}
		chain := w.Chain(w.Her)
		if chain.Head.Hash != erase.Hash() || len(chain.About(tid)) != 1 || len(chain.About(kept)) != 1 {
			t.Errorf("chain: head %d, %d statements on the erased one", chain.Head.Seq, len(chain.About(tid)))
		}
	})
}

// A re-lock replaces payload and headers; the old payload is gone and the old
// file key opens nothing that is served.
func TestRelockReplacesThePayload(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		old := w.Add(w.Her, tid, 1, large())
		g := w.Grant(tid, map[int64]testimonytest.Sealed{1: old})
		key, err := envelope.NewFileKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		fresh := w.SealUnder(key, old.Plain, w.Her.Recipient)
		w.Upload(w.Her, tid, 1, fresh)
		if err := relock(w, tid, old, fresh, nil); !errors.Is(err, grant.ErrChanged) {
			t.Fatalf("leaving a live grant out: %v, want ErrChanged", err)
		}
		if err := relock(w, tid, old, fresh, []id.ID{g}); err != nil {
			t.Fatal(err)
		}
		if n := objects(t, w); n != 1 {
			t.Errorf("%d objects, want the new payload alone", n)
		}
		file, err := w.Read(w.Reader, g, 1)
		if err != nil || !bytes.HasSuffix(file, fresh.Payload) {
			t.Fatalf("the reader gets %d bytes, %v", len(file), err)
		}
		if !bytes.Equal(w.Decrypt(w.Reader, file), old.Plain) {
			t.Error("the new payload does not open to the old text")
		}
		if err := relock(w, tid, old, fresh, []id.ID{g}); err == nil {
			t.Error("the same re-lock was accepted twice")
		}
	})
}

// Orphans of a crash are found; what a row names is not.
func TestSweepTakesOrphansOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		w.Add(w.Her, tid, 1, large())
		w.Upload(w.Her, tid, 2, w.Seal(large(), w.Her.Recipient))
		if err := w.Blobs.Put(t.Context(), w.ID(), 3, strings.NewReader("abc")); err != nil {
			t.Fatal(err)
		}
		w.Payloads.Now = func() time.Time { return w.Clock.Now().Add(-48 * time.Hour) }
		if n, err := w.Payloads.Sweep(t.Context(), time.Hour); err != nil || n != 0 {
			t.Fatalf("a young orphan: %d swept, %v", n, err)
		}
		w.Payloads.Now = func() time.Time { return w.Clock.Now().Add(48 * time.Hour) }
		if n, err := w.Payloads.Sweep(t.Context(), time.Hour); err != nil || n != 1 {
			t.Fatalf("%d swept, %v, want 1", n, err)
		}
		if n := objects(t, w); n != 2 {
			t.Errorf("%d objects are left, want 2", n)
		}
	})
}

// Uploads that were left behind end, with their bytes and their share of the quota.
func TestExpireGivesUpStaleUploads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		w.Upload(w.Her, tid, 1, w.Seal(large(), w.Her.Recipient))
		if err := w.Vault.Expire(t.Context(), 30*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		if whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid); err != nil || len(whole.Slots) != 1 {
			t.Fatalf("a young upload: %v, %d left", err, len(whole.Slots))
		}
		w.Clock.Forward(32 * 24 * time.Hour)
		if err := w.Vault.Expire(t.Context(), 30*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		w.Payloads.Reap(t.Context())
		if whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid); err != nil || len(whole.Slots) != 0 || objects(t, w) != 0 {
			t.Errorf("%v, %d uploads, %d objects are left", err, len(whole.Slots), objects(t, w))
		}
	})
}

// The quota is what is stored now: refused beyond it, given back by erasing.
func TestTheQuotaCountsWhatIsStored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Seal([]byte("text"), w.Her.Recipient)
		w.Vault.Limits.Bytes = int64(len(s.Payload)) + 10
		put := func(n int64) error {
			part := testimony.NewPart{Statement: w.Her.Sign(testimonytest.AddStatement(tid, n, s.Binding())).Compact(), Header: s.Header, Payload: s.Payload}
			_, err := w.Vault.Put(t.Context(), w.Her.Caller, tid, part, nil)
			return err
		}
		if err := put(1); err != nil {
			t.Fatal(err)
		}
		if err := put(2); !errors.Is(err, account.ErrQuota) {
			t.Fatalf("beyond the quota: %v", err)
		}
		covered := statement.ErasedHash(w.Chain(w.Her).About(tid))
		erase := w.Her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: statement.B64(covered[:])})
		if _, err := w.Vault.Erase(t.Context(), w.Her.Caller, tid, erase.Compact(), nil); err != nil {
			t.Fatal(err)
		}
		tid = w.Create(w.Her)
		if err := put(1); err != nil {
			t.Errorf("after erasing: %v", err)
		}
	})
}

// A hook that fails undoes the act it belongs to.
func TestAFailedCommitHookUndoesTheAct(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		head := w.ChainHead(w.Her)
		tid, card, no := w.ID(), w.Card(w.Her, "x"), errors.New("no")
		s := w.Her.Sign(statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(card)})
		hook := func(context.Context, store.Tx, ...ledger.Accepted) error { return no }
		if _, err := w.Vault.Create(t.Context(), w.Her.Caller, testimony.New{Testimony: tid, Statement: s.Compact(), Card: card}, hook); !errors.Is(err, no) {
			t.Fatal(err)
		}
		if w.ChainHead(w.Her) != head {
			t.Error("the statement was kept")
		}
	})
}

func relock(w *testimonytest.World, tid id.ID, old, fresh testimonytest.Sealed, grants []id.ID) error {
	b := fresh.Binding()
	body := statement.Relock{Testimony: tid, N: 1, OldPayloadSHA256: old.Binding().PayloadSHA256, Length: b.Length, PayloadSHA256: b.PayloadSHA256,
		Commit: b.Commit, HeaderSHA256: b.HeaderSHA256, Grants: []statement.RelockedGrant{}}
	r := testimony.Relocking{Testimony: tid, Header: fresh.Header}
	for _, g := range grants {
		h := w.Head(fresh.Key, w.Reader.Recipient)
		sum := sha256.Sum256(h)
		body.Grants = append(body.Grants, statement.RelockedGrant{Grant: g, HeaderSHA256: statement.B64(sum[:])})
		r.Headers = append(r.Headers, grant.Carried{Grant: g, Header: h})
	}
	r.Statement = w.Her.Sign(body).Compact()
	_, err := w.Vault.Relock(w.T.Context(), w.Her.Caller, r, nil)
	return err
}
