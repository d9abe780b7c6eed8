package testimony_test

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/testimony"
	"github.com/relatingfield/vault/internal/testimonytest"
	"github.com/relatingfield/vault/migrations"
)

// BenchmarkCreate stores whole small testimonies, sealed and signed beforehand,
// durably on SQLite from 32 callers.
func BenchmarkCreate(b *testing.B) {
	db, err := store.Open(b.Context(), store.Config{Engine: store.SQLite, Path: filepath.Join(b.TempDir(), "v.db"), Migrations: migrations.Files, AutoMigrate: true},
		slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	w := testimonytest.New(b, db)
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
