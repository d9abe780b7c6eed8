// Package webhook tells partners what became of what they brought, by HTTP requests
// to endpoints they have named (Standard Webhooks 1.0.0).
//
// An event is put into a queue in the database within the transaction of what it
// tells: both are there after a crash, or neither. Every node takes from the queue by
// leases and sends until the receiver answers 2xx, ten times over about 75 hours
// (schedule.go). What was not taken then is dead, and is kept to be sent again when
// the partner asks.
//
// Promises: at least once, under one webhook-id; in no order. Events are thin: a type,
// a day and an opaque id, so a receiver that leaks says as little as can be said. Signing
// keys are derived from a secret of the server that is not in the
// database, and the addresses are sealed under it: who has the database forges
// nothing and learns no address. One endpoint's trouble delays no other's. Requests
// leave the machine only to public addresses, checked when the connection is made
// (guard.go). Nothing of a receiver's answer is kept but its status.
//
// A withdrawn consent is owed: the partner has to acknowledge it, and is reminded
// until it does, also where it has no endpoint (owed.go).
//
// Does not ask whether a partner is still a partner: what one must stop using, one
// must hear of, above all when its agreement has ended. Does not authorise: callers do.
//
// Source: docs/webhooks.md, docs/adr/0027.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook/webhookdb"
)

// Purpose is what Roots are derived for: see serverkeys.Keys.MAC.
const Purpose = "webhook"

// Type is what happened.
type Type string

// The types of events, and what their id names.
const (
	Taken     Type = "item.taken"                // an item
	Refused   Type = "item.refused"              // an item
	Expired   Type = "item.expired"              // an item
	Withdrawn Type = "consent.withdrawn"         // an item; must be acknowledged
	Overdue   Type = "consent.withdrawn.overdue" // the same item: it was not acknowledged in time
	Halted    Type = "partner.halted"            // the partner
	Expiring  Type = "collection.expiring"       // a collection
	Rejected  Type = "submission.refused"        // a form, or what collects them
	Ping      Type = "endpoint.test"             // the endpoint; only when asked for
)

// Types are those that an endpoint can choose from.
func Types() []Type {
	return []Type{Taken, Refused, Expired, Withdrawn, Overdue, Halted, Expiring, Rejected}
}

// Errors of this package.
var (
	ErrNotFound = custody.ErrNotFound
	ErrTarget   = errors.New("webhooks do not go there")
	ErrTypes    = errors.New("there is no such type of event")
	ErrMany     = errors.New("a partner has 8 endpoints at most: delete one first")
	ErrRotating = errors.New("two keys sign already: wait until the older one has ended, or end it at once")
	ErrLost     = errors.New("the address was sealed under a key that the server no longer has: delete the endpoint and make it anew")
)

// mostEndpoints is how many a partner can have.
const mostEndpoints = 8

// Event is something to tell a partner. ID is the opaque id of what it is about.
type Event struct {
	Type Type
	ID   id.ID
}

// Queue is the queue as one node sees it. Its methods may be called by any number of
// goroutines.
type Queue struct {
	DB    *store.DB
	Roots []secret.Bytes // secrets of Purpose, the one to derive with first
	Rules Rules
	Line  *Line // how to get there

	Journal *journal.Journal

	Keep      time.Duration // how long events are kept, and what is dead can be sent again
	AckWithin time.Duration // after which a withdrawal that is not acknowledged is overdue
	Overlap   time.Duration // how long an old key signs beside a new one

	Now  func() time.Time
	Tick func() time.Time // of a clock that nobody sets
	Rand io.Reader
	Log  *slog.Logger

	crew crew
}

func (q *Queue) today() int64 { return statement.DayOf(q.Now()) }

// Put tells a partner something within tx: at once, so whoever calls it decides when the
// partner may know (package tray lets the day pass in which a participant did it). Where there is nobody to be told, nothing is
// kept, but for what has to be acknowledged.
func (q *Queue) Put(ctx context.Context, tx store.Tx, partner id.ID, e Event) error {
	if _, err := id.Parse(string(e.ID)); err != nil || !slices.Contains(Types(), e.Type) {
		return fmt.Errorf("put event: %w", ErrTypes)
	}
	rows, err := webhookdb.New(tx).Listening(ctx, string(partner))
	if err != nil {
		return fmt.Errorf("put event: find endpoints: %w", err)
	}
	var to []string
	for _, r := range rows {
		if r.Types == "" || slices.Contains(strings.Split(r.Types, ","), string(e.Type)) {
			to = append(to, r.ID)
		}
	}
	if len(to) == 0 && e.Type != Withdrawn {
		return nil
	}
	if _, err := q.put(ctx, tx, partner, e, to); err != nil {
		return fmt.Errorf("put event: %w", err)
	}
	return nil
}

// put writes an event and its deliveries. The writes wait for nothing: they are of new
// rows under a name drawn by chance.
func (q *Queue) put(ctx context.Context, tx store.Tx, partner id.ID, e Event, to []string) (id.ID, error) {
	name, err := id.New(q.Rand)
	if err != nil {
		return "", err
	}
	later, day := webhookdb.New(store.Later(tx)), q.today()
	row := webhookdb.AddEventParams{ID: string(name), Partner: string(partner), Type: string(e.Type), Subject: string(e.ID), Day: day}
	if e.Type == Withdrawn {
		row.Owed = 1
	}
	if err := later.AddEvent(ctx, row); err != nil {
		return "", err
	}
	for _, endpoint := range to {
		err := later.AddDelivery(ctx, webhookdb.AddDeliveryParams{Endpoint: endpoint, Event: string(name), Day: day})
		if err != nil {
			return "", err
		}
	}
	q.wakeAfter(tx)
	return name, nil
}
