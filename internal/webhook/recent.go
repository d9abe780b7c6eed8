package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook/webhookdb"
)

// Delivery is how an event fares at an endpoint.
type Delivery struct {
	Event    id.ID // the webhook-id
	Type     Type
	About    id.ID
	Day      int64
	State    Progress
	Attempts int64  // that have begun
	Outcome  string // of the last one: answered, timeout or unreachable; empty: none yet
	Status   int64  // what the receiver answered last; 0: nothing
}

// Progress is how far a delivery is.
type Progress string

// How far deliveries are.
const (
	Waiting   Progress = "waiting"
	Delivered Progress = "delivered"
	Dead      Progress = "dead" // tried ten times: it is sent again when the partner asks
)

// Newest is the cursor before the newest delivery.
func Newest() Cursor { return Cursor{Day: 1 << 62} }

// Deliveries lists those of an endpoint behind a cursor, the newest day first.
func (q *Queue) Deliveries(ctx context.Context, tx store.Tx, partner, endpoint id.ID, after Cursor, limit int64) ([]Delivery, error) {
	if _, err := find(ctx, tx, partner, endpoint); err != nil {
		return nil, err
	}
	rows, err := webhookdb.New(tx).Deliveries(ctx, webhookdb.DeliveriesParams{
		Endpoint: string(endpoint), Day: after.Day, Event: string(after.Event), Page: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	out := make([]Delivery, 0, len(rows))
	for _, r := range rows {
		out = append(out, Delivery{id.ID(r.Event), Type(r.Type), id.ID(r.Subject), r.Day, Progress(r.State), r.Attempts, r.Outcome, r.Status})
	}
	return out, nil
}

// Replay sends an event to an endpoint again, as if for the first time, under its
// webhook-id. One that waits anyway is left as it is.
func (q *Queue) Replay(ctx context.Context, tx store.Tx, partner, endpoint, event id.ID) error {
	if _, err := find(ctx, tx, partner, endpoint); err != nil {
		return err
	}
	db := webhookdb.New(tx)
	_, err := db.Delivery(ctx, webhookdb.DeliveryParams{Endpoint: string(endpoint), Event: string(event)})
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err == nil {
		_, err = db.Replay(ctx, webhookdb.ReplayParams{Endpoint: string(endpoint), Event: string(event)})
	}
	if err != nil {
		return fmt.Errorf("replay event: %w", err)
	}
	q.wakeAfter(tx)
	return nil
}

// ReplayDead sends again what is dead, of events since a day, and tells how many.
func (q *Queue) ReplayDead(ctx context.Context, tx store.Tx, partner, endpoint id.ID, since int64) (int64, error) {
	if _, err := find(ctx, tx, partner, endpoint); err != nil {
		return 0, err
	}
	n, err := webhookdb.New(tx).ReplayDead(ctx, webhookdb.ReplayDeadParams{Endpoint: string(endpoint), Since: since})
	if err != nil {
		return 0, fmt.Errorf("replay events: %w", err)
	}
	q.wakeAfter(tx)
	return n, nil
}

// Test sends an event of its own to an endpoint, and gives its webhook-id.
func (q *Queue) Test(ctx context.Context, tx store.Tx, partner, endpoint id.ID) (id.ID, error) {
	if _, err := find(ctx, tx, partner, endpoint); err != nil {
		return "", err
	}
	name, err := q.put(ctx, tx, partner, Event{Ping, endpoint}, []string{string(endpoint)})
	if err != nil {
		return "", fmt.Errorf("test endpoint: %w", err)
	}
	return name, nil
}

func (q *Queue) wakeAfter(tx store.Tx) {
	store.AtEnd(tx, func(err error) {
		if err == nil {
			q.crew.wake()
		}
	})
}
