package s3blob

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"github.com/relatingfield/vault/internal/blob"
	"github.com/relatingfield/vault/internal/id"
)

// conditional is whether the server knows If-None-Match on writes: a server from
// before 2024 ignores it, and overwrites.
type conditional struct{ state atomic.Int32 }

const (
	unasked int32 = iota
	knows
	ignores
)

func (c *conditional) known() bool { return c.state.Load() != ignores }

// free prepares a write under name. With a server that knows conditional writes
// there is nothing to do. With another it looks whether the name is taken: keys are
// drawn at random and once, so a race for one is a defect of the program and no
// accident that a server must prevent.
func (s *Store) free(ctx context.Context, name string) error {
	if s.writes.state.Load() == unasked {
		if err := s.askConditional(ctx); err != nil {
			return err
		}
	}
	if s.writes.known() {
		return nil
	}
	_, err := s.stat(ctx, name)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return nil
	case err == nil:
		return blob.ErrExists
	}
	return err
}

// askConditional writes an object twice under a new key. A crash in between leaves
// a byte that no row names, as a crash of any Put does.
func (s *Store) askConditional(ctx context.Context) error {
	key, err := id.New(s.deps.Rand)
	if err != nil {
		return err
	}
	name, err := s.name(key)
	if err != nil {
		return err
	}
	first := s.sendBytes(ctx, name, []byte{0})
	second := first
	if first == nil {
		second = s.sendBytes(ctx, name, []byte{0})
	}
	state := knows
	switch {
	case unknown(first), second == nil:
		state = ignores
	case first != nil:
		return explain(ctx, first)
	case !errors.Is(explain(ctx, second), blob.ErrExists):
		return explain(ctx, second)
	}
	s.writes.state.Store(state)
	return s.remove(ctx, name)
}

func (s *Store) sendBytes(ctx context.Context, name string, content []byte) error {
	from, err := newExactly(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	return s.send(ctx, name, int64(len(content)), from)
}
