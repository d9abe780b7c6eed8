package journal_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// million writes a journal of n acts as tape does, without a flush for each.
func (w *world) million(n int) {
	w.t.Helper()
	var out bytes.Buffer
	prev := [32]byte{}
	for seq := 1; seq <= n+1; seq++ {
		middle := fmt.Sprintf(`,"entries":[{"kind":"revoked","id":"%s"}]`, fmt.Sprintf("aaaaaaaaaaaaaaaaaaaa%06x", seq))
		if seq == 1 {
			middle = `,"of":{"vault":"` + vault + `","node":"a"}`
		}
		body := fmt.Sprintf(`{"seq":%d,"prev":"%s","day":1795392000%s}`, seq, base64.RawURLEncoding.EncodeToString(prev[:]), middle)
		prev = sha256.Sum256([]byte(body))
		sig := make([]byte, ed25519.SignatureSize)
		if seq == n+1 {
			text := "testimony-vault/v1/journal\n" + vault + "\na\n" + fmt.Sprint(seq) + "\n" + base64.RawURLEncoding.EncodeToString(prev[:]) + "\n"
			sig = ed25519.Sign(w.key, []byte(text))
		}
		out.WriteString(body + " " + base64.RawURLEncoding.EncodeToString(sig) + "\n")
	}
	w.must(os.MkdirAll(filepath.Join(w.place.Dir, "a"), 0o700))
	w.must(os.WriteFile(filepath.Join(w.place.Dir, "a", "0000000000000001.journal"), out.Bytes(), 0o600))
}

// How long a start takes with a million acts: all known, and none known, without
// the work of the domains (internal/grant has that).
func BenchmarkAMillionActs(b *testing.B) {
	const acts = 1_000_000
	w := newWorld(b, storetest.Open(b, storetest.Fresh(b, store.SQLite, schema())))
	w.million(acts)
	known := func(b *testing.B) {
		for b.Loop() {
			w.must(w.opened("a").Close())
		}
	}
	b.Run("unknown", func(b *testing.B) {
		for b.Loop() {
			w.restore(nil)
			w.must(w.opened("a").Close())
			w.applied = nil
		}
	})
	b.Run("known", known)
}

// What a line costs: alone, and with others who share the flush.
func BenchmarkALine(b *testing.B) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		w := newWorld(b, storetest.Open(b, storetest.Fresh(b, e, schema())))
		j := w.opened("a")
		write := func(ctx context.Context, tx store.Tx) error {
			return j.Write(ctx, tx, journal.Entry{Kind: journal.Revoked, ID: "x"})
		}
		b.Run(string(e)+"/alone", func(b *testing.B) {
			for b.Loop() {
				w.must(w.db.Update(b.Context(), write))
			}
		})
		b.Run(string(e)+"/together", func(b *testing.B) {
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := w.db.Update(b.Context(), write); err != nil {
						b.Error(err)
					}
				}
			})
		})
		w.must(j.Close())
	}
}
