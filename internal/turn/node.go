package turn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/turn/turndb"
)

// hold notes a turn, and has the node count for as long as there is one.
func (t *Turns) hold(turn *Turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held[string(turn.holder)] = turn
	if !t.beats {
		t.beats = true
		go t.count()
	}
}

func (t *Turns) count() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for range tick.C {
		if t.idle() {
			return
		}
		if err := t.beat(context.Background()); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.log.Error("count for the turns of this node", "cause", err)
		}
	}
}

func (t *Turns) idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.beats = len(t.held) > 0
	return !t.beats
}

// beat says that this node lives, and hears what is wanted of it.
func (t *Turns) beat(ctx context.Context) error {
	var wanted []string
	err := t.db.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		q := turndb.New(tx)
		if err := q.Beat(ctx, string(t.node)); err != nil {
			return err
		}
		wanted, err = q.Wanted(ctx, string(t.node))
		return err
	})
	if err != nil {
		return err
	}
	t.heard(wanted)
	return t.retry()
}

// retry ends in the database what has ended here.
func (t *Turns) retry() error {
	t.mu.Lock()
	var over []*Turn
	for _, turn := range t.held {
		if turn.over {
			over = append(over, turn)
		}
	}
	t.mu.Unlock()
	for _, turn := range over {
		if err := t.end(turn); err != nil {
			return err
		}
	}
	return nil
}

// Alone ends the turns of all other nodes, for a vault that has only one: they are
// of a process that is gone, and nobody waits for it. Should it still be ending, its
// next step finds that the upload stands elsewhere, as that of any node that was
// taken for dead. A vault that starts on a full disk starts, so that she can take
// things back.
func (t *Turns) Alone(ctx context.Context) error {
	err := t.db.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return turndb.New(tx).BuryOthers(ctx, string(t.node)) })
	if err != nil {
		return fmt.Errorf("end the turns of the last process: %w", err)
	}
	return nil
}
