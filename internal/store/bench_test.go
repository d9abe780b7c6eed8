package store_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/relatingfield/vault/internal/pgtest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/store/storetest"
)

// durable opens a database that flushes, as the product does.
func durable(b *testing.B, e store.Engine, conns int) *store.DB {
	b.Helper()
	cfg := store.Config{Engine: e, Migrations: schema(), AutoMigrate: true, MaxConns: conns}
	switch e {
	case store.SQLite:
		cfg.Path = filepath.Join(b.TempDir(), "vault.db")
	case store.PostgreSQL:
		cfg.URL = pgtest.New(b, pgtest.Options{}).URL("postgres")
	}
	return storetest.Open(b, cfg)
}

func engines() []store.Engine { return []store.Engine{store.SQLite, store.PostgreSQL} }

// crowd runs work b.N times in all on n goroutines.
func crowd(b *testing.B, n int, work func() error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := work(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
}

func random(n int) []byte {
	p := make([]byte, n)
	rand.Read(p) // never fails
	return p
}

func add(ctx context.Context, tx store.Tx, key string, body []byte) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO items (id, owner, n, body) VALUES ($1, $2, $3, $4)", key, "she", len(body), body)
	return err
}

func benchmarkCommit(b *testing.B, writers int) {
	for _, e := range engines() {
		for _, size := range []int{100, 4300} {
			b.Run(fmt.Sprintf("%s/%dB", e, size), func(b *testing.B) {
				db := durable(b, e, 32)
				if err := db.Update(b.Context(), owner("she")); err != nil {
					b.Fatal(err)
				}
				body := random(size)
				crowd(b, writers, func() error {
					key := hex.EncodeToString(random(16))
					return db.Update(b.Context(), func(ctx context.Context, tx store.Tx) error { return add(ctx, tx, key, body) })
				})
			})
		}
	}
}

func BenchmarkCommit1(b *testing.B)  { benchmarkCommit(b, 1) }
func BenchmarkCommit8(b *testing.B)  { benchmarkCommit(b, 8) }
func BenchmarkCommit32(b *testing.B) { benchmarkCommit(b, 32) }

func benchmarkRead(b *testing.B, readers int) {
	for _, e := range engines() {
		b.Run(string(e), func(b *testing.B) {
			db := durable(b, e, 8)
			err := db.Update(b.Context(), func(ctx context.Context, tx store.Tx) error {
				if err := owner("she")(ctx, tx); err != nil {
					return err
				}
				return add(ctx, tx, "one", random(200))
			})
			if err != nil {
				b.Fatal(err)
			}
			crowd(b, readers, func() error {
				return db.View(b.Context(), func(ctx context.Context, tx store.Tx) error {
					var n int
					return tx.QueryRowContext(ctx, "SELECT n FROM items WHERE id = $1", "one").Scan(&n)
				})
			})
		})
	}
}

func BenchmarkRead1(b *testing.B) { benchmarkRead(b, 1) }
func BenchmarkRead8(b *testing.B) { benchmarkRead(b, 8) }
