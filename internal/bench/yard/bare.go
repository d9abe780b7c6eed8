package yard

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing/fstest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/relatingfield/vault/internal/store"
)

// Bare is a database with one table of rows without meaning, reached the way the
// vault reaches its own: the same transactions, the same group commit.
type Bare struct {
	db   *store.DB
	next atomic.Int64
}

// OpenBare opens the database of cfg, and makes it where there is none.
func OpenBare(ctx context.Context, cfg store.Config) (*Bare, error) {
	cfg.AutoMigrate = true
	cfg.Migrations = fstest.MapFS{
		"sqlite/0001_rows.sql":   {Data: []byte("CREATE TABLE rows_of_bytes (id INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL) STRICT;")},
		"postgres/0001_rows.sql": {Data: []byte("CREATE TABLE rows_of_bytes (id BIGINT NOT NULL PRIMARY KEY, body BYTEA NOT NULL);")},
	}
	db, err := store.Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("bare commits: %w", err)
	}
	return &Bare{db: db}, nil
}

// Close closes the database.
func (b *Bare) Close() error { return b.db.Close() }

// Commit keeps one row in a transaction of its own, which may share its flush
// with others (group commit).
func (b *Bare) Commit(ctx context.Context, body []byte) error {
	id := b.next.Add(1)
	return b.db.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO rows_of_bytes (id, body) VALUES ($1, $2)", id, body)
		return err
	})
}

// Rate is how many commits of rows of size bytes a second so many writers reach
// together, measured over n commits.
func (b *Bare) Rate(ctx context.Context, writers, n, size int) (float64, error) {
	var left atomic.Int64
	left.Store(int64(n))
	g, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for w := range writers {
		g.Go(func() error {
			body := make([]byte, size) // random: an engine must not compress it
			if _, err := rand.Read(body); err != nil {
				return err
			}
			for i := uint64(0); left.Add(-1) >= 0; i++ {
				binary.LittleEndian.PutUint64(body, i<<16|uint64(w))
				if err := b.Commit(ctx, body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return 0, fmt.Errorf("bare commits: %w", err)
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
