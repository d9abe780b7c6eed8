package testimony_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// durable is a vault on SQLite that flushes.
func durable(b *testing.B) *testimonytest.World {
	b.Helper()
	db, err := store.Open(b.Context(), store.Config{Engine: store.SQLite, Path: filepath.Join(b.TempDir(), "v.db"), Migrations: migrations.Files, AutoMigrate: true},
		slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return testimonytest.New(b, db)
}

// BenchmarkThreshold stores parts of one size in rows and in the object store,
// from 8 callers: where the two cross is the threshold (config blobs.inline_max).
func BenchmarkThreshold(b *testing.B) {
	for _, kib := range []int{16, 32, 64, 128, 256, 512} {
		for where, inline := range map[string]int64{"row": 1 << 30, "object": 0} {
			b.Run(fmt.Sprintf("%dKiB/%s", kib, where), func(b *testing.B) {
				w := durable(b)
				w.Vault.Limits = testimony.Limits{Testimonies: 1, Parts: statement.MaxPart, Bytes: 1 << 50, PartSize: 1 << 30, InlineMax: inline}
				body := bytes.Repeat([]byte("x"), kib<<10-3<<10) // what is left of the class
				b.SetBytes(int64(kib << 10))
				b.ResetTimer()
				b.SetParallelism(4)
				b.RunParallel(func(pb *testing.PB) {
					p := w.Enrolled(statement.Participant)
					tid := w.Create(p)
					for n := int64(1); pb.Next(); n++ {
						s := p.Sign(statement.Received{Testimony: tid, N: n, Length: int64(len(body))})
						_, err := w.Vault.Arrive(b.Context(), p.Caller, testimony.Arrival{Testimony: tid, N: n, Statement: s.Compact(),
							Info: envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original}, Length: int64(len(body)), Body: bytes.NewReader(body)}, nil)
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		}
	}
}

// BenchmarkCreate stores whole small testimonies, sealed and signed beforehand,
// durably on SQLite from 32 callers.
func BenchmarkCreate(b *testing.B) {
	w := durable(b)
	w.Vault.Limits.Testimonies, w.Vault.Limits.Bytes = 1<<40, 1<<50
	const callers = 32
	sealed := w.Seal([]byte("short"), w.Her.Recipient)
	card := w.Card(w.Her, "title")
	work := make([][]func() error, callers)
	for c := range work {
		p := w.Enrolled(statement.Participant)
		head := w.ChainHead(p)
		for range b.N/callers + 1 {
			tid := w.ID()
			one := p.SignAt(head, statement.Card{Testimony: tid, CardSHA256: testimonytest.Sum(card)})
			two := p.SignAt(statement.Head{Seq: one.Seq, Hash: one.Hash()}, testimonytest.AddStatement(tid, 1, sealed.Binding()))
			head = statement.Head{Seq: two.Seq, Hash: two.Hash()}
			n := testimony.New{Testimony: tid, Statement: one.Compact(), Card: card,
				Parts: []testimony.NewPart{{Statement: two.Compact(), Header: sealed.Header, Payload: sealed.Payload}}}
			work[c] = append(work[c], func() error { _, err := w.Vault.Create(b.Context(), p.Caller, n, nil); return err })
		}
	}
	var next atomic.Int64
	b.ResetTimer()
	b.SetParallelism(callers / 2)
	b.RunParallel(func(pb *testing.PB) {
		mine := work[int(next.Add(1)-1)%callers]
		for i := 0; pb.Next() && i < len(mine); i++ {
			if err := mine[i](); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
