package testimony_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
)

// Plaintext that arrives is sealed to her, flagged, and hers only once adopted.
func TestArrivalsAreSealedAndAdopted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		for n, text := range map[int64][]byte{1: []byte("قصيرة"), 2: large()} {
			arrived := arrive(t, w, tid, n, text, int64(len(text)))
			b := arrived.Binding
			if got := w.Content(w.Decrypt(w.Her, content(t, w, tid, n))); !bytes.Equal(got, text) {
				t.Fatalf("part %d holds %d bytes, want %d", n, len(got), len(text))
			}
			adopt := statement.Adopt{Testimony: tid, N: n, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit,
				HeaderSHA256: b.HeaderSHA256, ReceivedSHA256: statement.B64(arrived.Hash[:])}
			wrong := adopt
			wrong.Commit = testimonytest.Sum(nil)
			if _, err := w.Vault.Adopt(t.Context(), w.Her.Caller, tid, n, w.Her.Sign(wrong).Compact(), nil); !errors.Is(err, testimony.ErrDigest) {
				t.Errorf("adopting something else: %v", err)
			}
			if _, err := w.Vault.Adopt(t.Context(), w.Her.Caller, tid, n, w.Her.Sign(adopt).Compact(), nil); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Vault.Adopt(t.Context(), w.Her.Caller, tid, n, w.Her.Sign(adopt).Compact(), nil); !errors.Is(err, testimony.ErrExists) {
				t.Errorf("adopting twice: %v", err)
			}
		}
		whole, err := w.Vault.Show(t.Context(), w.Her.Caller, tid)
		if err != nil || !whole.Parts[0].Arrived || !whole.Parts[0].Hers {
			t.Errorf("%v, %+v", err, whole.Parts)
		}
	})
}

func arrive(t *testing.T, w *testimonytest.World, tid id.ID, n int64, body []byte, length int64) testimony.Arrived {
	t.Helper()
	s := w.Her.Sign(statement.Received{Testimony: tid, N: n, Length: length})
	a, err := w.Vault.Arrive(t.Context(), w.Her.Caller, testimony.Arrival{Testimony: tid, N: n, Statement: s.Compact(),
		Info: envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Name: "نص.txt"}, Length: length, Body: bytes.NewReader(body)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A body that ends early, or a vault that does not take plaintext, leaves nothing.
func TestBrokenArrivalsLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := testimonytest.New(t, db)
		tid := w.Create(w.Her)
		head := w.ChainHead(w.Her)
		for name, size := range map[string]int{"small": 100, "large": 300_000} {
			s := w.Her.Sign(statement.Received{Testimony: tid, N: 1, Length: int64(size)})
			a := testimony.Arrival{Testimony: tid, N: 1, Statement: s.Compact(), Info: envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original},
				Length: int64(size), Body: io.LimitReader(strings.NewReader(strings.Repeat("x", size)), int64(size)-1)}
			if _, err := w.Vault.Arrive(t.Context(), w.Her.Caller, a, nil); err == nil {
				t.Errorf("%s: a short body was accepted", name)
			}
		}
		w.Vault.OnArrival = false
		s := w.Her.Sign(statement.Received{Testimony: tid, N: 1, Length: 1})
		a := testimony.Arrival{Testimony: tid, N: 1, Statement: s.Compact(), Length: 1, Body: strings.NewReader("x")}
		if _, err := w.Vault.Arrive(t.Context(), w.Her.Caller, a, nil); !errors.Is(err, testimony.ErrArrivalOff) {
			t.Errorf("switched off: %v", err)
		}
		if n := objects(t, w); n != 0 || w.ChainHead(w.Her) != head {
			t.Errorf("%d objects, head %d instead of %d", n, w.ChainHead(w.Her).Seq, head.Seq)
		}
	})
}
