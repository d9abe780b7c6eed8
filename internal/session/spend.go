package session

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/session/sessiondb"
	"github.com/relatingfield/vault/internal/store"
)

// forgetAfter is how long a used challenge is remembered beyond its life: more
// than the clocks of two nodes can differ, so that none of them still accepts
// what another has forgotten.
const forgetAfter = 10 * time.Minute

// spend uses a challenge up, or refuses it because it was used before. It is the
// only thing that sign-in writes: a hash of a random number.
func (s *Service) spend(ctx context.Context, nonce string, until time.Time) error {
	name := sha256.Sum256([]byte(nonce))
	var fresh int64
	err := s.cfg.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		fresh, err = sessiondb.New(tx).Spend(ctx, sessiondb.SpendParams{Sha256: name[:], UntilS: until.Unix()})
		return err
	})
	if err != nil {
		return fmt.Errorf("use up the challenge: %w", err)
	}
	if fresh == 0 {
		return refused("login", errors.New("its challenge has been used"))
	}
	return nil
}

// Prune forgets at most limit used challenges that are too old to be used again,
// and reports how many: as many as limit means that there may be more.
func (s *Service) Prune(ctx context.Context, limit int64) (forgotten int64, err error) {
	before := s.cfg.Now().Add(-forgetAfter).Unix()
	err = s.cfg.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		forgotten, err = sessiondb.New(tx).Forget(ctx, sessiondb.ForgetParams{Before: before, Most: limit})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget used challenges: %w", err)
	}
	return forgotten, nil
}
