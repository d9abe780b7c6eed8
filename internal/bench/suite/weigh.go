package suite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/relatingfield/vault/internal/store"
)

// weighed stops the vault, weighs it, and starts it again.
func (s *stage) weighed(ctx context.Context) (int, error) {
	if err := s.Stop(ctx); err != nil {
		return 0, err
	}
	n, err := weigh(ctx, s.cfg)
	if err != nil {
		return 0, err
	}
	return n, s.Start(ctx)
}

// weigh opens the database of a vault that does not run and adds up the bytes
// that lie in the rows testimonies are made of, keys and hashes included.
func weigh(ctx context.Context, cfg store.Config) (n int, err error) {
	db, err := store.Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, query := range []string{
		"SELECT coalesce(sum(length(id)+length(owner)+length(card_sha256)+length(card)+24), 0) FROM testimonies",
		"SELECT coalesce(sum(length(testimony)+length(payload_sha256)+length(commitment)+length(header_sha256)+length(header)+coalesce(length(payload), 0)+32), 0) FROM parts",
		"SELECT coalesce(sum(length(iss)+length(sha256)+coalesce(length(testimony), 0)+length(body)+16), 0) FROM statements",
		"SELECT coalesce(sum(length(testimony)+length(event)+8), 0) FROM events",
		"SELECT coalesce(sum(length(testimony)+length(shred_key)), 0) FROM shred_keys",
		"SELECT coalesce(sum(length(account)+length(idem_key)+length(request)+length(answer)+16), 0) FROM idempotency",
	} {
		var sum int
		err := db.View(ctx, func(ctx context.Context, tx store.Tx) error { return tx.QueryRowContext(ctx, query).Scan(&sum) })
		if err != nil {
			return 0, fmt.Errorf("weigh: %w", err)
		}
		n += sum
	}
	return n, nil
}
