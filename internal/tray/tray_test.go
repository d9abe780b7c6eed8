package tray_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/account"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/internal/tray"
	"github.com/relatingfield/vault/internal/traytest"
)

func each(t *testing.T, do func(t *testing.T, w *traytest.World)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { do(t, traytest.New(t, db)) })
}

// large is content whose payload lies in the object store.
func large() []byte { return bytes.Repeat([]byte("صوتها "), 40_000) }

// file reads what waits for her.
func file(t *testing.T, w *traytest.World, c account.Caller, i traytest.Item) []byte {
	t.Helper()
	f, err := w.Trays.Content(t.Context(), c, i.Item)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	if _, err := f.WriteRange(&out, 0, f.Size(), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What a partner brings she opens, adopts and grants; the payload has moved, its note
// stays with the part, and the partner learns of it on the next day.
func TestWhatIsBroughtBecomesHers(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, tid := w.Open(w.Her).Code, w.Create(w.Her)
		for n, content := range map[int64][]byte{1: []byte("قصيرة"), 2: large()} {
			i := w.Bring(code, content, w.Her)
			if got := w.Content(w.Decrypt(w.Her, file(t, w, w.Her.Caller, i))); !bytes.Equal(got, content) {
				t.Fatalf("item %d holds %d bytes, want %d", n, len(got), len(content))
			}
			before := w.Objects()
			if _, err := w.Adopt(w.Her, tid, n, i); err != nil {
				t.Fatal(err)
			}
			if w.Objects() != before {
				t.Errorf("item %d: %d objects became %d", n, before, w.Objects())
			}
			if w.State(i.Item) != tray.Waiting {
				t.Errorf("on the same day the partner sees %s", w.State(i.Item))
			}
		}
		parts := w.Whole(w.Her.Caller, tid).Parts
		if len(parts) != 2 || !parts[0].Hers || parts[0].Arrived || !parts[1].PQ {
			t.Errorf("%+v", parts)
		}
		origins, err := w.Trays.OriginsOf(t.Context(), w.Her.Caller, tid)
		if err != nil || len(origins) != 2 || origins[0].Said.Assurance != delivery.PartnerDevice {
			t.Errorf("%+v, %v", origins, err)
		}
		w.Clock.Forward(traytest.Day)
		if err := w.Trays.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := w.Trays.Deliveries(t.Context(), w.By, 0, 10)
		if err != nil || len(list) != 2 || list[0].State != tray.Taken || list[1].State != tray.Taken {
			t.Errorf("the next day the partner sees %+v, %v", list, err)
		}
		if len(w.Told) != 2 || w.Told[0].Event != tray.ItemTaken {
			t.Errorf("told %+v", w.Told)
		}
	})
}

// Plaintext that arrives is sealed to her by the vault, flagged for ever, and its note
// is the vault's.
func TestWhatTheVaultSealsSaysSo(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code, tid, text := w.Open(w.Her).Code, w.Create(w.Her), []byte("she read it out")
		for n, a := range []delivery.Assurance{delivery.ByVault, delivery.FieldForm} {
			d := tray.Dropped{By: w.By, Code: code, Item: w.ID(), Assurance: a, Length: int64(len(text)), Body: bytes.NewReader(text),
				Info: envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original}}
			out, err := w.Trays.Drop(t.Context(), d, nil)
			if err != nil {
				t.Fatal(err)
			}
			said, _, err := delivery.Peek(out.Note)
			if err != nil || said.Issuer != w.Ledger.Vault || said.Assurance != a {
				t.Fatalf("%+v, %v", said, err)
			}
			i := traytest.Item{Said: *said, Sealed: tray.Sealed{Item: d.Item, Note: out.Note}}
			if got := w.Content(w.Decrypt(w.Her, file(t, w, w.Her.Caller, i))); !bytes.Equal(got, text) {
				t.Errorf("it holds %q", got)
			}
			if _, err := w.Adopt(w.Her, tid, int64(n+1), i); err != nil {
				t.Fatal(err)
			}
			if p := w.Whole(w.Her.Caller, tid).Parts[n]; !p.Arrived || !p.Hers {
				t.Errorf("%+v", p)
			}
		}
	})
}

// Whatever is wrong with an item, nothing of it stays, and the item can still come.
func TestABrokenItemLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *traytest.World) {
		code := w.Open(w.Her).Code
		good := w.Seal(code, large(), w.Her)
		other := w.Seal(code, []byte("another"), w.Her)
		strangers, theirs := w.Client(w.ID())
		sign := func(change func(*delivery.Note)) string {
			n := good.Said
			change(&n)
			return w.Sign(n)
		}
		cases := map[string]struct {
			change func(*traytest.Item)
			want   error
		}{
			"a short body":        {func(i *traytest.Item) { i.Payload = i.Payload[:len(i.Payload)-1] }, io.ErrUnexpectedEOF},
			"another body":        {func(i *traytest.Item) { i.Payload = bytes.Repeat([]byte{1}, len(i.Payload)) }, testimony.ErrDigest},
			"another header":      {func(i *traytest.Item) { i.Header = other.Header }, testimony.ErrDigest},
			"no header":           {func(i *traytest.Item) { i.Header = []byte("age-encryption.org/v1\n") }, testimony.ErrSealed},
			"another item's note": {func(i *traytest.Item) { i.Note = other.Note }, delivery.ErrRefused},
			"a stranger's key":    {func(i *traytest.Item) { i.Note = w.SignWith(good.Said, theirs) }, delivery.ErrRefused},
			"another vault":       {func(i *traytest.Item) { i.Note = sign(func(n *delivery.Note) { n.Vault = testimonytest.Sum(nil) }) }, delivery.ErrRefused},
			"another partner":     {func(i *traytest.Item) { i.Note = sign(func(n *delivery.Note) { n.Partner = strangers.Partner }) }, delivery.ErrRefused},
			"an old note":         {func(i *traytest.Item) { i.Note = sign(func(n *delivery.Note) { n.Day -= 3 * statement.Day }) }, delivery.ErrRefused},
			"another woman": {func(i *traytest.Item) {
				i.Note = sign(func(n *delivery.Note) { n.RecipientSHA256 = testimonytest.Sum(nil) })
			}, tray.ErrRecipient},
			"another length":        {func(i *traytest.Item) { i.Length++ }, delivery.ErrRefused},
			"an unknown code":       {func(i *traytest.Item) { i.Code = string(w.ID()) }, tray.ErrNotFound},
			"an erasure of nothing": {func(i *traytest.Item) { i.Erasure = "a.b.c" }, tray.ErrClaim},
		}
		for name, c := range cases {
			i := good
			c.change(&i)
			if err := w.Put(i); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if items, err := w.Trays.Items(t.Context(), w.Her.Caller, "", 10); err != nil || len(items) != 0 || w.Objects() != 0 {
			t.Errorf("%d items, %d objects, %v", len(items), w.Objects(), err)
		}
		if err := w.Put(good); err != nil {
			t.Errorf("the good one: %v", err)
		}
		if err := w.Put(good); err != nil {
			t.Errorf("once more: %v", err)
		}
		again := good
		again.Note = sign(func(n *delivery.Note) { n.Assurance = delivery.Gateway })
		if err := w.Put(again); !errors.Is(err, testimony.ErrExists) {
			t.Errorf("under another note: %v", err)
		}
	})
}
