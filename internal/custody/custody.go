// Package custody keeps what happened to each testimony, in order, for her and
// nobody else.
//
// Record writes in the transaction of the act itself, so an act without its
// event, or an event without its act, cannot exist. Events are sealed under the
// testimony's shred key: the database shows how many there are, not what they
// say. Refused attempts are kept apart (see Denials), because they must not
// delay the answer that refuses.
package custody

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/custody/custodydb"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/shred"
	"github.com/relatingfield/vault/internal/store"
)

// ErrNotFound reports a testimony that does not exist, is another's, or is erased.
var ErrNotFound = errors.New("no such testimony")

// Kind is what happened.
type Kind string

// The kinds of events. Opened is the delivery of a header to a reader, Replied a
// reader's answer to the end of a grant.
const (
	Created  Kind = "created"
	Card     Kind = "card"
	Begun    Kind = "begun"
	Added    Kind = "added"
	Received Kind = "received"
	Adopted  Kind = "adopted"
	Mode     Kind = "mode" // Detail: listening or evidence
	Granted  Kind = "granted"
	Renewed  Kind = "renewed"
	Narrowed Kind = "narrowed"
	Answered Kind = "answered"
	Revoked  Kind = "revoked"
	Relocked Kind = "relocked"
	Opened   Kind = "opened"
	Paused   Kind = "paused"
	Lifted   Kind = "lifted"
	Denied   Kind = "denied"
	Replied  Kind = "replied"

	Rewrapped Kind = "rewrapped" // her words were changed
)

// The kinds that concern release policies. Voted is a trustee's share for the
// reader, Released its delivery.
const (
	PolicySet Kind = "policy"
	Agreed    Kind = "agreed"
	Declined  Kind = "declined"
	Voted     Kind = "voted"
	Released  Kind = "released"
)

// The kinds that tell what the vault found out about its own disks. N is the part.
const (
	Damaged Kind = "damaged" // what is stored of it is not what was stored
	Healed  Kind = "healed"  // it is again what was stored
)

// Vault is the actor of what nobody did.
const Vault id.Thumbprint = "vault"

// Event is one entry of the feed. Her own acts have a day; what readers do has
// the second, because she may need to know.
type Event struct {
	Seq    int64         `json:"-"`
	Kind   Kind          `json:"kind"`
	At     int64         `json:"at"` // Unix seconds; a whole day for her own acts
	Actor  id.Thumbprint `json:"actor"`
	N      int64         `json:"n,omitempty"`      // part, when one is meant
	Grant  id.ID         `json:"grant,omitempty"`  // grant, when one is meant
	Policy id.ID         `json:"policy,omitempty"` // policy, when one is meant
	Times  int64         `json:"times,omitempty"`  // of a refused attempt on that day
	Detail string        `json:"detail,omitempty"`
}

// Record appends events to the testimony's feed within tx, in order.
func Record(ctx context.Context, tx store.Tx, testimony id.ID, key *shred.Key, events ...Event) error {
	last, err := Number(ctx, tx, testimony, len(events))
	if err != nil {
		return err
	}
	return Write(ctx, tx, testimony, key, last, events...)
}

// Number is the first half of Record: it takes so many places in the testimony's
// feed and gives the last of them. The same transaction must Write them.
func Number(ctx context.Context, tx store.Tx, testimony id.ID, events int) (last int64, err error) {
	last, err = custodydb.New(tx).Number(ctx, custodydb.NumberParams{More: int64(events), ID: string(testimony)})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, ErrNotFound
	}
	if err != nil {
		return 0, fmt.Errorf("number events: %w", err)
	}
	return last, nil
}

// Write is the second half of Record: events whose places end at last.
func Write(ctx context.Context, tx store.Tx, testimony id.ID, key *shred.Key, last int64, events ...Event) error {
	for i, ev := range events {
		if err := write(ctx, tx, testimony, key, last-int64(len(events)-1-i), ev); err != nil {
			return fmt.Errorf("record %s: %w", ev.Kind, err)
		}
	}
	return nil
}

func write(ctx context.Context, tx store.Tx, testimony id.ID, key *shred.Key, seq int64, ev Event) error {
	plain, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	sealed, err := key.Seal(label(seq), plain)
	if err != nil {
		return err
	}
	return custodydb.New(store.Later(tx)).Record(ctx, custodydb.RecordParams{Testimony: string(testimony), Seq: seq, Event: sealed})
}

func label(seq int64) string { return fmt.Sprintf("event %d", seq) }

// Destroy deletes the feed of a testimony that is being erased.
func Destroy(ctx context.Context, tx store.Tx, testimony id.ID) error {
	q := custodydb.New(tx)
	if err := q.DestroyEvents(ctx, string(testimony)); err != nil {
		return fmt.Errorf("destroy events: %w", err)
	}
	if err := q.DestroyDenials(ctx, string(testimony)); err != nil {
		return fmt.Errorf("destroy refused attempts: %w", err)
	}
	return nil
}

// Feed reads feeds.
type Feed struct {
	DB   *store.DB
	Keys shred.Keys
}

// Read gives at most limit events behind seq after, oldest first, to the owner,
// and the seq of the newest there is.
func (f Feed) Read(ctx context.Context, caller id.Thumbprint, testimony id.ID, after, limit int64) (out []Event, last int64, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		var key *shred.Key
		var err error
		if key, last, err = f.own(ctx, tx, caller, testimony); err != nil {
			return err
		}
		rows, err := custodydb.New(tx).Events(ctx, custodydb.EventsParams{Testimony: string(testimony), After: after, Page: limit})
		if err != nil {
			return fmt.Errorf("read feed: %w", err)
		}
		for _, r := range rows {
			ev, err := open(key, label(r.Seq), r.Event)
			if err != nil {
				return err
			}
			ev.Seq = r.Seq
			out = append(out, ev)
		}
		return nil
	})
	return out, last, err
}

// Denied gives the refused attempts, coalesced per day, to the owner.
func (f Feed) Denied(ctx context.Context, caller id.Thumbprint, testimony id.ID) ([]Event, error) {
	var out []Event
	err := f.DB.View(ctx, func(ctx context.Context, tx store.Tx) error {
		out = nil
		key, _, err := f.own(ctx, tx, caller, testimony)
		if err != nil {
			return err
		}
		rows, err := custodydb.New(tx).Denials(ctx, string(testimony))
		if err != nil {
			return fmt.Errorf("read refused attempts: %w", err)
		}
		for _, r := range rows {
			ev, err := open(key, deniedLabel, r.Event)
			if err != nil {
				return err
			}
			ev.At, ev.Times = r.Day, r.Times
			out = append(out, ev)
		}
		return nil
	})
	return out, err
}

// own proves that the caller owns the testimony, and gives its key and the seq
// of its newest event.
func (f Feed) own(ctx context.Context, tx store.Tx, caller id.Thumbprint, testimony id.ID) (*shred.Key, int64, error) {
	last, err := custodydb.New(tx).Owned(ctx, custodydb.OwnedParams{ID: string(testimony), Owner: string(caller)})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, 0, ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("look for testimony: %w", err)
	}
	key, err := f.Keys.Load(ctx, tx, testimony)
	if errors.Is(err, shred.ErrShredded) {
		return nil, 0, ErrNotFound
	}
	return key, last, err
}

func open(key *shred.Key, label string, sealed []byte) (Event, error) {
	plain, err := key.Open(label, sealed)
	if err != nil {
		return Event{}, err
	}
	var ev Event
	if err := json.Unmarshal(plain, &ev); err != nil {
		return Event{}, fmt.Errorf("read event: %w", err)
	}
	return ev, nil
}
