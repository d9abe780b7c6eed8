package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/journal"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook/webhookdb"
)

// State is whether an endpoint gets anything.
type State string

// The states. What is put while an endpoint is not on waits for it, until it is too
// old to be kept.
const (
	On   State = "on"
	Off  State = "off"  // by the partner
	Gone State = "gone" // the receiver answered 410
)

// Wish is what a partner says of an endpoint.
type Wish struct {
	URL   string
	Types []Type // none: all
	HMAC  bool   // sign with a shared key beside the public one, for receivers that know nothing else
	Off   bool
}

// Endpoint is where a partner wants to hear of things.
type Endpoint struct {
	ID         id.ID
	URL        secret.Bytes // its path may hold a token; empty where it is lost (ErrLost)
	Types      []Type
	HMAC       bool
	State      State
	Day        int64 // of its beginning
	FailingDay int64 // since when nothing was taken; 0: it is well
	Keys       []Key // that sign, newest first
}

// Key is one of them as a receiver gets it.
type Key struct {
	Public string       // whpk_…
	Shared secret.Bytes // whsec_…; empty without HMAC
	Until  int64        // Unix seconds; 0: no end is known
}

// Create makes an endpoint of a partner.
func (q *Queue) Create(ctx context.Context, tx store.Tx, partner id.ID, w Wish) (Endpoint, error) {
	db := webhookdb.New(tx)
	types, err := w.check(q.Rules)
	if err != nil {
		return Endpoint{}, err
	}
	n, err := db.CountEndpoints(ctx, string(partner))
	if err != nil {
		return Endpoint{}, fmt.Errorf("count endpoints: %w", err)
	}
	if n >= mostEndpoints {
		return Endpoint{}, ErrMany
	}
	name, err := id.New(q.Rand)
	if err != nil {
		return Endpoint{}, err
	}
	sealed, err := seal(q.Rand, q.Roots[0], name, w.URL)
	if err != nil {
		return Endpoint{}, fmt.Errorf("make endpoint: %w", err)
	}
	err = db.AddEndpoint(ctx, webhookdb.AddEndpointParams{
		ID: string(name), Partner: string(partner), Target: sealed, Types: types, Hmac: number(w.HMAC), State: string(w.state()), Day: q.today(), Root: rootName(q.Roots[0]),
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("make endpoint: %w", err)
	}
	return q.Endpoint(ctx, tx, partner, name)
}

// check spells the types as a row has them.
func (w Wish) check(r Rules) (types string, err error) {
	if _, err := r.ParseTarget(w.URL); err != nil {
		return "", err
	}
	var list []string
	for _, t := range w.Types {
		if !slices.Contains(Types(), t) || slices.Contains(list, string(t)) {
			return "", ErrTypes
		}
		list = append(list, string(t))
	}
	return strings.Join(list, ","), nil
}

func (w Wish) state() State {
	if w.Off {
		return Off
	}
	return On
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Endpoints lists those of a partner, oldest first.
func (q *Queue) Endpoints(ctx context.Context, tx store.Tx, partner id.ID) ([]Endpoint, error) {
	rows, err := webhookdb.New(tx).Endpoints(ctx, string(partner))
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	out := make([]Endpoint, 0, len(rows))
	for _, r := range rows {
		e, err := q.read(r)
		if err != nil {
			return nil, fmt.Errorf("list endpoints: %w", err)
		}
		out = append(out, e)
	}
	return out, nil
}

// Endpoint finds one of a partner, or ErrNotFound.
func (q *Queue) Endpoint(ctx context.Context, tx store.Tx, partner, endpoint id.ID) (Endpoint, error) {
	r, err := find(ctx, tx, partner, endpoint)
	if err != nil {
		return Endpoint{}, err
	}
	return q.read(r)
}

func find(ctx context.Context, tx store.Tx, partner, endpoint id.ID) (webhookdb.WebhookEndpoint, error) {
	r, err := webhookdb.New(tx).Endpoint(ctx, string(endpoint))
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.Partner != string(partner) {
		return r, ErrNotFound
	}
	if err != nil {
		return r, fmt.Errorf("find endpoint: %w", err)
	}
	return r, nil
}

// read opens a row.
func (q *Queue) read(r webhookdb.WebhookEndpoint) (Endpoint, error) {
	e := Endpoint{ID: id.ID(r.ID), HMAC: r.Hmac == 1, State: State(r.State), Day: r.Day, FailingDay: r.FailingDay}
	for _, t := range strings.FieldsFunc(r.Types, func(c rune) bool { return c == ',' }) {
		e.Types = append(e.Types, Type(t))
	}
	target, keys, err := q.open(r)
	if errors.Is(err, ErrLost) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	e.URL = secret.Of([]byte(target))
	for i, k := range keys {
		shown := Key{Public: k.public()}
		if e.HMAC {
			shown.Shared = k.shared()
		}
		if i > 0 {
			shown.Until = r.OldUntilS
		}
		e.Keys = append(e.Keys, shown)
	}
	return e, nil
}

// open gives the address and the keys that sign now, newest first, or ErrLost.
func (q *Queue) open(r webhookdb.WebhookEndpoint) (target string, keys []key, err error) {
	root, err := q.rootNamed(r.Root)
	if err != nil {
		return "", nil, err
	}
	if target, err = unseal(root, id.ID(r.ID), r.Target); err != nil {
		return "", nil, err
	}
	k, err := keyOf(root, id.ID(r.ID), r.Generation)
	if err != nil {
		return "", nil, err
	}
	keys = append(keys, k)
	before, err := q.rootNamed(r.OldRoot)
	if err != nil || r.OldUntilS <= q.Now().Unix() {
		return target, keys, nil // there is none, or its secret is gone: the new one signs alone
	}
	k, err = keyOf(before, id.ID(r.ID), r.Generation-1)
	return target, append(keys, k), err
}

// Change replaces what a partner has said of an endpoint. One that was gone is on again.
func (q *Queue) Change(ctx context.Context, tx store.Tx, partner, endpoint id.ID, w Wish) (Endpoint, error) {
	types, err := w.check(q.Rules)
	if err != nil {
		return Endpoint{}, err
	}
	r, err := find(ctx, tx, partner, endpoint)
	if err != nil {
		return Endpoint{}, err
	}
	root, err := q.rootNamed(r.Root)
	if err != nil {
		return Endpoint{}, err
	}
	sealed, err := seal(q.Rand, root, endpoint, w.URL)
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint: %w", err)
	}
	before, err := unseal(root, endpoint, r.Target)
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint: %w", err)
	}
	err = webhookdb.New(tx).ChangeEndpoint(ctx, webhookdb.ChangeEndpointParams{ID: r.ID, Target: sealed, Types: types, Hmac: number(w.HMAC), State: string(w.state())})
	if err == nil && (w.Off || w.URL != before) {
		err = q.unhook(ctx, tx, endpoint)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("change endpoint: %w", err)
	}
	return q.Endpoint(ctx, tx, partner, endpoint)
}

// Rotate gives an endpoint new keys, of the newest secret of the server. The old ones
// sign beside them until the overlap is over, or no more at all with atOnce.
func (q *Queue) Rotate(ctx context.Context, tx store.Tx, partner, endpoint id.ID, atOnce bool) (Endpoint, error) {
	r, err := find(ctx, tx, partner, endpoint)
	if err != nil {
		return Endpoint{}, err
	}
	target, keys, err := q.open(r)
	if err != nil {
		return Endpoint{}, fmt.Errorf("rotate keys: %w", err)
	}
	if len(keys) > 1 && !atOnce {
		return Endpoint{}, ErrRotating
	}
	sealed, err := seal(q.Rand, q.Roots[0], endpoint, target)
	if err != nil {
		return Endpoint{}, fmt.Errorf("rotate keys: %w", err)
	}
	row := webhookdb.RotateParams{ID: r.ID, Target: sealed, Root: rootName(q.Roots[0])}
	if !atOnce {
		row.OldRoot, row.OldUntilS = r.Root, q.Now().Add(q.Overlap).Truncate(time.Second).Unix()
	}
	err = webhookdb.New(tx).Rotate(ctx, row)
	if err == nil && atOnce {
		err = q.unhook(ctx, tx, endpoint)
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("rotate keys: %w", err)
	}
	return q.Endpoint(ctx, tx, partner, endpoint)
}

// Delete ends an endpoint, with all that waits for it.
func (q *Queue) Delete(ctx context.Context, tx store.Tx, partner, endpoint id.ID) error {
	n, err := webhookdb.New(tx).DeleteEndpoint(ctx, webhookdb.DeleteEndpointParams{ID: string(endpoint), Partner: string(partner)})
	if err != nil {
		return fmt.Errorf("delete endpoint: %w", err)
	}
	if n == 0 {
		return ErrNotFound
	}
	return q.unhook(ctx, tx, endpoint)
}

// unhook notes that nothing is to go where it went: a restored database must not send
// to an address, or with a shared key, that somebody else may have by now.
func (q *Queue) unhook(ctx context.Context, tx store.Tx, endpoint id.ID) error {
	return q.Journal.Write(ctx, tx, journal.Entry{Kind: journal.Unhooked, ID: endpoint})
}

// UnhookAgain switches an endpoint off that the journal names and the database still
// has as it was.
func (q *Queue) UnhookAgain(ctx context.Context, tx store.Tx, _ int64, e journal.Entry) error {
	if err := webhookdb.New(tx).SwitchOff(ctx, string(e.ID)); err != nil {
		return fmt.Errorf("switch endpoint off: %w", err)
	}
	return nil
}
