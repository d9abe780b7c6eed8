package testimony_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/ledger"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// large is a content whose payload does not fit into a row.
func large() []byte { return bytes.Repeat([]byte("голос "), 20_000) }

// What she sends comes back byte for byte and opens with her key, from the row
// and from the object store alike.
func TestWhatSheStoredComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		sealed := map[int64]testimonytest.Sealed{1: w.Add(w.Her, tid, 1, []byte("هذه شهادتي")), 2: w.Add(w.Her, tid, 2, large())}
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid)
		if err != nil {
			t.Fatal(err)
		}
		if len(whole.Parts) != 2 || len(whole.Slots) != 0 {
			t.Fatalf("%d parts, %d uploads", len(whole.Parts), len(whole.Slots))
		}
		for n, s := range sealed {
			p := whole.Parts[n-1]
			if p.Binding != s.Binding() || !p.Hers || p.Arrived || !p.PQ {
				t.Errorf("part %d: %+v", n, p)
			}
			file := content(t, w, tid, n)
			if !bytes.Equal(file, append(bytes.Clone(s.Header), s.Payload...)) {
				t.Errorf("part %d came back changed", n)
			}
			if !bytes.Equal(w.Decrypt(w.Her, file), s.Plain) {
				t.Errorf("part %d does not open to what was sealed", n)
			}
		}
		if n := objects(t, w); n != 1 {
			t.Errorf("%d objects are stored, want only the large part", n)
		}
	})
}

func content(t *testing.T, w *testimonytest.World, tid id.ID, n int64) []byte {
	t.Helper()
	f, err := w.Vault.Content(t.Context(), w.Her.Caller, tid, n)
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

func objects(t *testing.T, w *testimonytest.World) int {
	t.Helper()
	n := 0
	err := w.Blobs.List(t.Context(), func(blob.Entry) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A whole small testimony goes in one request, and then all of it or nothing.
func TestCreateTakesPartsAlongAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid, sealed := w.ID(), w.Seal([]byte("short"), w.Her.Recipient)
		card := w.Card(w.Her, "title")
		first := w.Her.Sign(statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(card)})
		after := statement.Head{Seq: first.Seq, Hash: first.Hash()}
		add := w.Her.SignAt(after, testimonytest.AddStatement(tid, 1, sealed.Binding()))
		twice := w.Her.SignAt(statement.Head{Seq: add.Seq, Hash: add.Hash()}, testimonytest.AddStatement(tid, 1, sealed.Binding()))
		n := testimony.New{Testimony: tid, Statement: first.Compact(), Card: card, Parts: []testimony.NewPart{
			{Statement: add.Compact(), Header: sealed.Header, Payload: sealed.Payload},
			{Statement: twice.Compact(), Header: sealed.Header, Payload: sealed.Payload},
		}}
		if _, err := w.Vault.Create(t.Context(), w.Her.Caller, n, nil); !errors.Is(err, testimony.ErrExists) {
			t.Fatalf("one part number twice: %v, want ErrExists", err)
		}
		if _, err := w.Vault.Show(t.Context(), w.Her.Caller, tid); !errors.Is(err, testimony.ErrNotFound) {
			t.Fatalf("after the refusal: %v, want ErrNotFound", err)
		}
		n.Parts = n.Parts[:1]
		accepted, err := w.Vault.Create(t.Context(), w.Her.Caller, n, nil)
		if err != nil || len(accepted) != 2 || accepted[1].Hash != add.Hash() {
			t.Fatalf("%v, %d receipts", err, len(accepted))
		}
		items, err := w.Vault.List(t.Context(), w.Her.Caller, 0, 10)
		if err != nil || len(items) != 1 || !bytes.Equal(items[0].Card, card) {
			t.Fatalf("list: %v, %d items", err, len(items))
		}
	})
}

// Everything that is not exactly what she signed is refused, and leaves nothing.
func TestPutRefusesWhatSheDidNotSign(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid, other := w.Create(w.Her), w.Create(w.Her)
		s := w.Seal([]byte("text"), w.Her.Recipient)
		good := testimonytest.AddStatement(tid, 1, s.Binding())
		change := func(f func(*statement.Add)) statement.Add { c := good; f(&c); return c }
		flipped := bytes.Clone(s.Payload)
		flipped[40] ^= 1
		for name, c := range map[string]struct {
			body            statement.Body
			header, payload []byte
			want            error
		}{
			"another payload":     {good, s.Header, flipped, testimony.ErrDigest},
			"shorter payload":     {good, s.Header, s.Payload[:len(s.Payload)-1], testimony.ErrDigest},
			"another header":      {good, w.Head(s.Key, w.Her.Recipient), s.Payload, testimony.ErrDigest},
			"header of no age":    {change(func(a *statement.Add) { a.HeaderSHA256 = testimonytest.Sum([]byte("x")) }), []byte("x"), s.Payload, testimony.ErrSealed},
			"impossible length":   {change(func(a *statement.Add) { a.Length = 65569 }), s.Header, s.Payload, testimony.ErrSealed},
			"another testimony":   {change(func(a *statement.Add) { a.Testimony = other }), s.Header, s.Payload, statement.ErrRefused},
			"part beyond limit":   {change(func(a *statement.Add) { a.N = 21 }), s.Header, s.Payload, testimony.ErrLimit},
			"another act":         {statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(nil)}, s.Header, s.Payload, statement.ErrRefused},
			"add without payload": {good, s.Header, nil, statement.ErrRefused},
		} {
			part := testimony.NewPart{Statement: w.Her.Sign(c.body).Compact(), Header: c.header, Payload: c.payload}
			if _, err := w.Vault.Put(t.Context(), w.Her.Caller, tid, part, nil); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		signed := w.Reader.Sign(good)
		if _, err := w.Vault.Put(t.Context(), w.Her.Caller, tid, testimony.NewPart{Statement: signed.Compact(), Header: s.Header, Payload: s.Payload}, nil); !errors.Is(err, statement.ErrRefused) {
			t.Errorf("signed by somebody else: %v", err)
		}
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid)
		if err != nil || len(whole.Parts) != 0 {
			t.Errorf("%v, %d parts after refusals", err, len(whole.Parts))
		}
	})
}

// A statement is accepted once and in its place; the loser of a race learns the
// head.
func TestStatementsAreAcceptedInOrderOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Seal([]byte("text"), w.Her.Recipient)
		head := w.ChainHead(w.Her)
		one := w.Her.SignAt(head, testimonytest.AddStatement(tid, 1, s.Binding()))
		two := w.Her.SignAt(head, testimonytest.AddStatement(tid, 2, s.Binding()))
		put := func(st *statement.Statement) error {
			_, err := w.Vault.Put(t.Context(), w.Her.Caller, tid, testimony.NewPart{Statement: st.Compact(), Header: s.Header, Payload: s.Payload}, nil)
			return err
		}
		if err := put(one); err != nil {
			t.Fatal(err)
		}
		var late *ledger.OutOfOrder
		if err := put(two); !errors.As(err, &late) || late.Head.Hash != one.Hash() {
			t.Fatalf("second at the same place: %v", err)
		}
		if err := put(one); err == nil {
			t.Error("the same statement was accepted twice")
		}
	})
}

// A payload that is not the begun one never becomes durable.
func TestAnUploadTakesOnlyWhatWasBegun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Seal(large(), w.Her.Recipient)
		begin := w.Her.Sign(testimonytest.BeginStatement(tid, 1, s))
		if _, err := w.Vault.Put(t.Context(), w.Her.Caller, tid, testimony.NewPart{Statement: begin.Compact(), Header: s.Header}, nil); err != nil {
			t.Fatal(err)
		}
		fill := func(n, offset int64, body io.Reader) error {
			return w.Vault.Receive(t.Context(), w.Her.Caller, tid, n, testimony.Incoming{Offset: offset, Body: body})
		}
		size := int64(len(s.Payload))
		otherNonce := append(bytes.Repeat([]byte{7}, 16), s.Payload[16:]...)
		if err := fill(2, 0, bytes.NewReader(s.Payload)); !errors.Is(err, testimony.ErrNotFound) {
			t.Errorf("not begun: %v", err)
		}
		if err := fill(1, 1, bytes.NewReader(s.Payload)); !errors.Is(err, testimony.ErrOffset) {
			t.Errorf("another offset: %v", err)
		}
		if err := fill(1, 0, bytes.NewReader(otherNonce)); !errors.Is(err, testimony.ErrDigest) {
			t.Errorf("another nonce: %v", err)
		}
		if n := objects(t, w); n != 0 {
			t.Errorf("%d objects after refusals", n)
		}
		if err := fill(1, 0, bytes.NewReader(s.Payload[:size/2])); err != nil {
			t.Error(err)
		}
		add := testimonytest.AddStatement(tid, 1, s.Binding())
		if _, err := w.Vault.Add(t.Context(), w.Her.Caller, tid, 1, w.Her.Sign(add).Compact(), nil); !errors.Is(err, testimony.ErrMissing) {
			t.Errorf("add before the payload: %v", err)
		}
		if err := fill(1, size/2, bytes.NewReader(s.Payload[size/2:])); err != nil {
			t.Fatal(err)
		}
		if err := fill(1, size, bytes.NewReader(s.Payload)); err != nil {
			t.Fatalf("a repetition of the end: %v", err)
		}
		pieces := objects(t, w)
		add.PayloadSHA256 = testimonytest.Sum(nil)
		if _, err := w.Vault.Add(t.Context(), w.Her.Caller, tid, 1, w.Her.Sign(add).Compact(), nil); !errors.Is(err, testimony.ErrDigest) {
			t.Errorf("add of another payload: %v", err)
		}
		w.Payloads.Reap(t.Context())
		if n := objects(t, w); n != pieces {
			t.Errorf("%d objects, want %d", n, pieces)
		}
	})
}

// To anybody else her testimony does not exist, whatever they ask.
func TestToOthersItDoesNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		s := w.Add(w.Her, tid, 1, []byte("text"))
		her := w.Enrolled(statement.Participant)
		v, ctx := w.Vault, t.Context()
		for name, err := range map[string]error{
			"show":    second(v.Show(ctx, her.Caller, tid)),
			"header":  second(v.Header(ctx, her.Caller, tid, 1)),
			"content": second(v.Content(ctx, her.Caller, tid, 1)),
			"fill":    v.Receive(ctx, her.Caller, tid, 1, testimony.Incoming{}),
			"put": second(v.Put(ctx, her.Caller, tid, testimony.NewPart{
				Statement: her.Sign(testimonytest.AddStatement(tid, 2, s.Binding())).Compact(), Header: s.Header, Payload: s.Payload}, nil)),
			"erase":   second(v.Erase(ctx, her.Caller, tid, her.Sign(statement.Erase{Testimony: tid, StatementsSHA256: testimonytest.Sum(nil)}).Compact(), nil)),
			"feed":    third(w.Feed.Read(ctx, her.ID, tid, 0, 10)),
			"denied":  second(w.Feed.Denied(ctx, her.ID, tid)),
			"grants":  second(w.Grants.List(ctx, her.Caller, tid, 0, 10)),
			"fetched": second(w.Grants.Fetched(ctx, her.Caller, tid, w.ID())),
		} {
			if !errors.Is(err, testimony.ErrNotFound) {
				t.Errorf("%s: %v, want ErrNotFound", name, err)
			}
		}
		items, err := v.List(ctx, her.Caller, 0, 10)
		if err != nil || len(items) != 0 {
			t.Errorf("list: %v, %d items", err, len(items))
		}
		nobody := w.Stranger()
		if items, err := v.List(ctx, nobody.Caller, 0, 10); err != nil || len(items) != 0 {
			t.Errorf("list of a key that never enrolled: %v, %d items", err, len(items))
		}
	})
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
