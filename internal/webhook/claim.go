package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/relatingfield/vault/internal/clock"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook/webhookdb"
)

// A claim is a lease: its rows are due again when it ends, so what a node that died was
// sending is sent again by another, and nothing has to be cleaned up. A node sends
// nothing of a claim after sending, by a clock that nobody sets; the rest is for the
// last answer and for nodes whose clocks differ by what is tolerated. So nothing is
// sent twice but by a crash, by a clock that jumped, or because the outcome could not
// be written in time.
const (
	sending = 40 * time.Second
	lease   = sending + Timeout + clock.Tolerance
)

// letter is one delivery that was claimed.
type letter struct {
	event    id.ID
	attempts int64 // this one counted
	body     []byte
}

// batch is what a node has claimed for one endpoint.
type batch struct {
	endpoint id.ID
	holder   id.ID
	given    int64
	target   *url.URL
	keys     []key
	hmac     bool
	letters  []letter
	until    time.Time // nothing is sent after it, by a clock that nobody sets
}

// claim takes what is due, for as many endpoints as may be served.
func (q *Queue) claim(ctx context.Context) ([]*batch, error) {
	chosen, err := q.choose(ctx)
	if err != nil || len(chosen) == 0 {
		return nil, err
	}
	var all []*batch
	err = q.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		all = nil
		for _, b := range chosen {
			again := *b // the closure may run twice
			if err := q.claimFor(ctx, tx, &again); err != nil {
				return err
			}
			all = append(all, &again)
		}
		return nil
	})
	if err != nil {
		for _, b := range chosen {
			q.crew.leave(b.endpoint, b.given)
		}
		return nil, fmt.Errorf("claim deliveries: %w", err)
	}
	var out []*batch
	for _, b := range all {
		if len(b.letters) > 0 {
			out = append(out, b)
			continue
		}
		q.crew.leave(b.endpoint, b.given)
	}
	return out, nil
}

// choose finds endpoints that have something due and may be served, each time from
// where it ended the last time.
func (q *Queue) choose(ctx context.Context) (out []*batch, err error) {
	q.crew.bell()
	q.crew.mu.Lock()
	after := q.crew.after
	q.crew.mu.Unlock()
	var due []string
	err = q.DB.View(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		due, err = webhookdb.New(tx).Due(ctx, webhookdb.DueParams{NowS: q.Now().Unix(), After: after, Page: 2 * crowd})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for deliveries: %w", err)
	}
	next := ""
	if len(due) == 2*crowd {
		next = due[len(due)-1]
	}
	q.crew.mu.Lock()
	q.crew.after = next
	q.crew.mu.Unlock()
	for _, name := range due {
		endpoint := id.ID(name)
		if n := q.crew.take(endpoint, q.Tick()); n > 0 {
			out = append(out, &batch{endpoint: endpoint, given: n, until: q.Tick().Add(sending)})
		}
	}
	return out, nil
}

// claimFor claims for one endpoint. One whose keys are lost is left alone.
func (q *Queue) claimFor(ctx context.Context, tx store.Tx, b *batch) error {
	db := webhookdb.New(tx)
	r, err := db.Endpoint(ctx, string(b.endpoint))
	if err != nil {
		return ignoreGone(err)
	}
	target, keys, err := q.open(r)
	if errors.Is(err, ErrLost) || errors.Is(err, errSealed) {
		q.Log.Error("an endpoint's address cannot be read, so nothing is sent there", "cause", err)
		q.crew.note(b.endpoint, false, q.Tick())
		return nil
	}
	if err != nil {
		return err
	}
	b.keys, b.hmac = keys, r.Hmac == 1
	if b.target, err = q.Rules.ParseTarget(target); err != nil { // the rules have changed
		b.target = nil
	}
	if b.holder, err = id.New(q.Rand); err != nil {
		return err
	}
	now := q.Now()
	until := now.Add(lease).Unix()
	_, err = db.Claim(ctx, webhookdb.ClaimParams{Endpoint: r.ID, Holder: string(b.holder), UntilS: until, NowS: now.Unix(), Page: b.given})
	if err != nil {
		return err
	}
	rows, err := db.Claimed(ctx, webhookdb.ClaimedParams{Endpoint: r.ID, UntilS: until, Holder: string(b.holder)})
	for _, row := range rows {
		body := bodyOf(Type(row.Type), row.Day, id.ID(row.Subject))
		b.letters = append(b.letters, letter{id.ID(row.Event), row.Attempts, body})
	}
	return err
}

// finish writes what came of deliveries.
func (q *Queue) finish(ctx context.Context, b *batch, results []result) error {
	err := q.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		db, took, failed, gone := webhookdb.New(store.Later(tx)), false, false, false
		for _, r := range results {
			if err := q.finishOne(ctx, db, b, r); err != nil {
				return err
			}
			took, failed, gone = took || r.ok(), failed || !r.ok(), gone || r.status == statusGone
		}
		return q.health(ctx, db, b, took, failed, gone)
	})
	if err != nil {
		return fmt.Errorf("write what came of deliveries: %w", err)
	}
	return nil
}

func (q *Queue) finishOne(ctx context.Context, db *webhookdb.Queries, b *batch, r result) error {
	row := webhookdb.FinishParams{
		Endpoint: string(b.endpoint), Event: string(r.event), Holder: string(b.holder), State: "delivered", Outcome: string(r.outcome), Status: int64(r.status),
	}
	if !r.ok() {
		wait, again, err := next(q.Rand, r.attempts, r.wait)
		if err != nil {
			return err
		}
		row.State = "dead"
		if again {
			row.State, row.DueS = "waiting", q.Now().Add(wait+time.Second-1).Unix() // not before
		}
	}
	return db.Finish(ctx, row)
}

// health notes whether an endpoint takes anything.
func (q *Queue) health(ctx context.Context, db *webhookdb.Queries, b *batch, took, failed, gone bool) error {
	switch {
	case gone:
		return db.Gone(ctx, string(b.endpoint))
	case took:
		return db.Well(ctx, string(b.endpoint))
	case failed:
		return db.Failing(ctx, webhookdb.FailingParams{ID: string(b.endpoint), Day: statement.DayOf(q.Now())})
	}
	return nil
}

// giveBack returns what was not sent.
func (q *Queue) giveBack(ctx context.Context, b *batch, rest []letter) error {
	err := q.DB.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		db := webhookdb.New(store.Later(tx))
		for _, l := range rest {
			err := db.GiveBack(ctx, webhookdb.GiveBackParams{Endpoint: string(b.endpoint), Event: string(l.event), Holder: string(b.holder)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give deliveries back: %w", err)
	}
	return nil
}

// Alone gives back what the last process had, for a vault that has only one: it is gone.
func (q *Queue) Alone(ctx context.Context) error {
	err := q.DB.Insist(ctx, func(ctx context.Context, tx store.Tx) error { return webhookdb.New(tx).GiveAllBack(ctx) })
	if err != nil {
		return fmt.Errorf("take over the deliveries of the last process: %w", err)
	}
	return nil
}
