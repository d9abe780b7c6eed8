// Package turn lets the requests for one upload take turns, over all nodes.
//
// A phone whose line broke comes back while its old connection still hangs half
// open at some node. It must not wait for that one to be noticed, so whoever holds
// the turn is asked to let go, keeps what it has, and ends.
//
// Promises: at most one holder at a time, as long as every node's process runs; a
// holder hears of a wish within a moment, at its own node at once; the turns of a
// node that died are free after some seconds. Nodes compare no clocks: a node that
// holds turns counts, and is dead to a waiter who has watched its count stand still.
//
// # Why a turn may linger
//
// A client that sends an upload in many requests asks for the next turn right after
// the last, and each would cost two commits. So a turn that was put down stays this
// node's for a moment, in the database as before, and the node's next request for
// the upload takes it up without asking. To every other node it is a turn that is
// held, so nothing else changes for them; they wait for it for that moment. It is
// taken up only while the moment lasts by this node's own clock, which is far less
// than the time after which a node is thought dead. A node that hears that another
// one wanted a turn of its lets none linger for a while: its clients' requests
// come to several nodes.
//
// Assumes that its caller may write to the upload. Does not protect what is written:
// a holder that was stopped for a while may wake up after its turn was given away,
// and one whose upload is begun anew loses its turn with it unheard; so each step of
// an upload is compared with where the upload stands.
package turn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/turn/turndb"
)

// ErrTaken reports an upload whose turn nobody let go of in time.
var ErrTaken = errors.New("another request is writing to this upload; what came is kept")

const (
	// beatEvery is how often a node counts, and hears who wants a turn of its.
	beatEvery = 300 * time.Millisecond
	// askEvery is how often a waiter looks, and patience how often a count may
	// stand still: two seconds, which no living node needs for one beat. One that
	// does loses its turns and no bytes.
	askEvery = 100 * time.Millisecond
	patience = 20
	// lingering is how long a turn stays with its node for the next request, and
	// apart how long none does after another node has wanted one.
	lingering = 50 * time.Millisecond
	apart     = time.Minute
)

// Turns is the turns of one node. Make it with New.
type Turns struct {
	db   *store.DB
	node id.ID
	rand io.Reader
	tick func() time.Time // of a clock that is never set
	log  *slog.Logger

	mu    sync.Mutex
	held  map[string]*Turn // by holder
	here  map[place]*Turn  // of held, those of this node's own requests
	apart time.Time        // until when no turn lingers
	shut  bool             // nor ever any more
	beats bool             // whether the node counts
}

// place is an upload.
type place struct {
	testimony id.ID
	n         int64
}

// New makes a node, which is another one at each start of a process. tick is a clock
// that is never set.
func New(db *store.DB, rand io.Reader, tick func() time.Time, log *slog.Logger) (*Turns, error) {
	node, err := id.New(rand)
	if err != nil {
		return nil, fmt.Errorf("name node: %w", err)
	}
	return &Turns{db: db, node: node, rand: rand, tick: tick, log: log, held: map[string]*Turn{}, here: map[place]*Turn{}}, nil
}

// Turn is a request's turn. End it, or put it down.
type Turn struct {
	turns  *Turns
	place  place
	holder id.ID
	letGo  func()
	down   time.Time // when it was put down, and lingers
	over   bool      // ended, and perhaps not yet in the database
}

// Take waits for the turn until ctx ends, which is ErrTaken. letGo is called when
// somebody else wants it, perhaps more than once, never after its end, and waits for
// nothing. An upload that there is not is custody.ErrNotFound.
func (t *Turns) Take(ctx context.Context, testimony id.ID, n int64, letGo func()) (*Turn, error) {
	holder, err := id.New(t.rand)
	if err != nil {
		return nil, err
	}
	turn := &Turn{turns: t, place: place{testimony, n}, holder: holder, letGo: letGo}
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	var watched watch
	for tries := 0; ; tries++ {
		taken, err := t.step(ctx, turn, &watched)
		if err != nil && tries > 0 && ctx.Err() != nil {
			return nil, ErrTaken
		}
		if taken || err != nil {
			return turn, err
		}
		select {
		case <-ctx.Done():
			return nil, ErrTaken
		case <-tick.C:
		}
	}
}

// step tries once to get the turn, and has whoever holds it hear of that.
func (t *Turns) step(ctx context.Context, turn *Turn, w *watch) (taken bool, err error) {
	if taken, busy := t.takeUp(turn); taken || busy {
		return taken, nil
	}
	before, err := t.try(ctx, turn)
	if errors.Is(err, store.ErrReference) {
		return false, custody.ErrNotFound
	}
	if err != nil {
		return false, fmt.Errorf("take turn: %w", err)
	}
	if before == nil {
		return true, nil
	}
	return false, t.press(ctx, turn.place, w, *before)
}

// try takes the turn, or says who has it and that it is wanted.
func (t *Turns) try(ctx context.Context, turn *Turn) (before *turndb.HolderRow, err error) {
	t.hold(turn) // first: a turn that is held has its node counting
	// A turn leads to giving an upload up, and is gone in a moment: it may use the
	// room that is kept on a full disk, where what comes for the upload may not.
	err = t.db.Insist(ctx, func(ctx context.Context, tx store.Tx) error {
		before = nil
		q := turndb.New(tx)
		if err := q.AddNode(ctx, string(t.node)); err != nil {
			return err
		}
		row := turndb.TakeParams{Testimony: string(turn.place.testimony), N: turn.place.n, Holder: string(turn.holder), Node: string(t.node)}
		if n, err := q.Take(ctx, row); err != nil || n == 1 {
			return err
		}
		if err := q.Want(ctx, turndb.WantParams{Testimony: row.Testimony, N: row.N}); err != nil {
			return err
		}
		now, err := q.Holder(ctx, turndb.HolderParams{Testimony: row.Testimony, N: row.N})
		before = &now
		return err
	})
	if err != nil && !errors.Is(err, store.ErrUncertain) || before != nil && before.Holder != string(turn.holder) {
		t.drop(turn)
		return before, err
	}
	if err != nil {
		turn.End()
		return nil, err
	}
	t.arrive(turn)
	return nil, nil
}

// watch is what a waiter has seen of a node.
type watch struct {
	node  string
	beat  int64
	times int
}

// press asks the holder to let go, where it is at this node, and ends the turns of
// one that is dead.
func (t *Turns) press(ctx context.Context, at place, w *watch, before turndb.HolderRow) error {
	if before.Node == string(t.node) {
		if t.ask(before.Holder) {
			return nil
		}
		// what a lost connection to the database left of a turn
		return t.end(&Turn{turns: t, place: at, holder: id.ID(before.Holder)})
	}
	if w.node != before.Node || w.beat != before.Beat {
		*w = watch{node: before.Node, beat: before.Beat}
		return nil
	}
	if w.times++; w.times < patience {
		return nil
	}
	err := t.db.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return turndb.New(tx).Bury(ctx, turndb.BuryParams{Node: w.node, Beat: w.beat})
	})
	if err != nil {
		return fmt.Errorf("end the turns of a dead node: %w", err)
	}
	return nil
}

// End gives the turn up. Where the database cannot be told now it is told later.
func (turn *Turn) End() {
	t := turn.turns
	t.mu.Lock()
	turn.over = true
	t.mu.Unlock()
	if err := t.end(turn); err != nil {
		t.log.Warn("a turn ends later", "cause", err)
	}
}

func (t *Turns) end(turn *Turn) error {
	var wanted []string
	err := t.db.Insist(context.Background(), func(ctx context.Context, tx store.Tx) (err error) {
		q := turndb.New(tx)
		if wanted, err = q.Wanted(ctx, string(t.node)); err != nil {
			return err
		}
		if err := q.End(ctx, turndb.EndParams{Testimony: string(turn.place.testimony), N: turn.place.n, Holder: string(turn.holder)}); err != nil {
			return err
		}
		return q.Leave(ctx, string(t.node))
	})
	if err == nil {
		t.drop(turn)
		t.heard(wanted)
	}
	return err
}

func (t *Turns) drop(turn *Turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[string(turn.holder)] == turn {
		delete(t.held, string(turn.holder))
	}
	if t.here[turn.place] == turn {
		delete(t.here, turn.place)
	}
}
