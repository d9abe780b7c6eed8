package custody

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/custody/custodydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

const deniedLabel = "denied"

// maxPending bounds the attempts that wait to be written; what is beyond it is
// counted as further times of attempts already waiting, or dropped and logged.
const maxPending = 4096

// Attempt is a refused try at a testimony or, when Testimony is empty, at what a
// grant gives. Whether the thing exists is found out when it is written.
type Attempt struct {
	Testimony id.ID
	Actor     id.Thumbprint
	N         int64
	Grant     id.ID
	What      string // the name of an operation, never the request's own words
}

// Denials notes refused attempts after their answer has left, one row per
// testimony, day, actor and thing: so that refusing something that exists takes
// exactly as long as refusing something that does not.
type Denials struct {
	db   *store.DB
	keys shred.Keys
	now  func() time.Time
	log  *slog.Logger

	mu      sync.Mutex
	pending map[pendingAttempt]int64
	wake    chan struct{}
}

type pendingAttempt struct {
	Attempt
	day int64
}

// NewDenials makes a collector; Run writes what it collects.
func NewDenials(db *store.DB, keys shred.Keys, now func() time.Time, log *slog.Logger) *Denials {
	return &Denials{db: db, keys: keys, now: now, log: log, pending: map[pendingAttempt]int64{}, wake: make(chan struct{}, 1)}
}

// Note takes an attempt without waiting for anything.
func (d *Denials) Note(a Attempt) {
	p := pendingAttempt{a, statement.DayOf(d.now())}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.pending[p]; !there && len(d.pending) >= maxPending {
		d.log.Warn("refused attempts come faster than they can be recorded; one is lost")
		return
	}
	d.pending[p]++
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run writes attempts until ctx ends, and then once more.
func (d *Denials) Run(ctx context.Context, every time.Duration) {
	for {
		select {
		case <-ctx.Done():
			d.Flush(context.WithoutCancel(ctx))
			return
		case <-d.wake:
		}
		d.Flush(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(every): // lets attempts coalesce
		}
	}
}

// Flush writes everything that waits; what cannot be written waits on.
func (d *Denials) Flush(ctx context.Context) {
	d.mu.Lock()
	batch := d.pending
	d.pending = map[pendingAttempt]int64{}
	d.mu.Unlock()
	for p, times := range batch {
		err := d.db.Update(ctx, func(ctx context.Context, tx store.Tx) error { return d.write(ctx, tx, p, times) })
		if err != nil && !errors.Is(err, shred.ErrShredded) {
			d.log.Error("record a refused attempt", "error", err)
			d.keep(p, times)
		}
	}
}

func (d *Denials) keep(p pendingAttempt, times int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, there := d.pending[p]; there || len(d.pending) < maxPending {
		d.pending[p] += times
	}
}

func (d *Denials) write(ctx context.Context, tx store.Tx, p pendingAttempt, times int64) error {
	testimony, err := d.concerns(ctx, tx, p.Attempt)
	if err != nil || testimony == "" {
		return err
	}
	key, err := d.keys.Load(ctx, tx, testimony)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(Event{Kind: Denied, Actor: p.Actor, N: p.N, Grant: p.Grant, Detail: p.What})
	if err != nil {
		return fmt.Errorf("record a refused attempt: %w", err)
	}
	sealed, err := key.Seal(deniedLabel, plain)
	if err != nil {
		return err
	}
	return custodydb.New(tx).Deny(ctx, custodydb.DenyParams{
		Testimony: string(testimony), Day: p.day, Kind: key.Name(deniedLabel, string(plain)), Times: times, Event: sealed,
	})
}

// concerns finds the testimony that an attempt was at: none when there is no
// such thing, or when it is the owner's own.
func (d *Denials) concerns(ctx context.Context, tx store.Tx, a Attempt) (id.ID, error) {
	q, testimony := custodydb.New(tx), string(a.Testimony)
	if testimony == "" {
		var err error
		if testimony, err = q.TestimonyOf(ctx, string(a.Grant)); err != nil {
			return "", notThere(err)
		}
	}
	owner, err := q.OwnerOf(ctx, testimony)
	if err != nil || owner == string(a.Actor) {
		return "", notThere(err)
	}
	return id.ID(testimony), nil
}

func notThere(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return fmt.Errorf("find what was refused: %w", err)
}
