package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// Hooks are the routes about webhooks. Answers that are kept for repetitions hold ids
// only: an address or a shared key must not stand in a table.
type Hooks struct {
	Queue    *webhook.Queue
	Registry *partner.Registry // of who is a steward
}

// Routes lists them.
func (h *Hooks) Routes() []Route {
	const created, all, one = http.StatusCreated, "/v1/webhooks", "/v1/webhooks/{webhook}"
	return []Route{
		{Method: "GET", Path: all, Auth: PartnerClient, Scope: partner.Hooks, Handler: Read(h.list)},
		{Method: "POST", Path: all, Auth: PartnerClient, Scope: partner.Hooks, Body: smallBody, Handler: Create(created, h.create)},
		{Method: "GET", Path: one, Auth: PartnerClient, Scope: partner.Hooks, Handler: Read(h.show)},
		{Method: "PUT", Path: one, Auth: PartnerClient, Scope: partner.Hooks, Body: smallBody, Handler: Take(http.StatusOK, h.change)},
		{Method: "DELETE", Path: one, Auth: PartnerClient, Scope: partner.Hooks, Handler: h.delete},
		{Method: "POST", Path: one + "/rotations", Auth: PartnerClient, Scope: partner.Hooks, Body: smallBody, Handler: Create(created, h.rotate)},
		{Method: "POST", Path: one + "/tests", Auth: PartnerClient, Scope: partner.Hooks, Body: smallBody, Handler: Create(created, h.test)},
		{Method: "POST", Path: one + "/replays", Auth: PartnerClient, Scope: partner.Hooks, Body: smallBody, Handler: Create(created, h.replay)},
		{Method: "GET", Path: one + "/deliveries", Auth: PartnerClient, Scope: partner.Hooks, Handler: Read(h.deliveries)},
		{Method: "GET", Path: "/v1/owed-withdrawals", Auth: PartnerClient, Scope: partner.Follow, Handler: Read(h.withdrawals)},
		{Method: "GET", Path: "/v1/overdue-withdrawals", Auth: SignedIn, Handler: Read(h.overdue)},
	}
}

func (h *Hooks) list(r *Request) (out api.Webhooks, err error) {
	err = h.Queue.DB.View(r.Context(), func(ctx context.Context, tx store.Tx) error {
		out = api.Webhooks{}
		all, err := h.Queue.Endpoints(ctx, tx, r.Partner.Partner)
		for _, e := range all {
			out.Webhooks = append(out.Webhooks, spelled(e))
		}
		return err
	})
	return out, err
}

func (h *Hooks) show(r *Request) (out api.Webhook, err error) {
	return h.endpoint(r, h.Queue.DB.View, h.Queue.Endpoint)
}

func (h *Hooks) change(r *Request, in api.WebhookWish) (out api.Webhook, err error) {
	return h.endpoint(r, h.Queue.DB.Update, func(ctx context.Context, tx store.Tx, partner, endpoint id.ID) (webhook.Endpoint, error) {
		return h.Queue.Change(ctx, tx, partner, endpoint, wish(in))
	})
}

// endpoint answers with an endpoint that do finds or changes.
func (h *Hooks) endpoint(r *Request, run func(context.Context, store.Work) error, do func(context.Context, store.Tx, id.ID, id.ID) (webhook.Endpoint, error)) (out api.Webhook, err error) {
	name, err := r.ID("webhook")
	if err != nil {
		return out, err
	}
	err = run(r.Context(), func(ctx context.Context, tx store.Tx) error {
		e, err := do(ctx, tx, r.Partner.Partner, name)
		out = spelled(e)
		return err
	})
	return out, err
}

func (h *Hooks) create(r *Request, in api.WebhookWish, keep idempotency.Commit) (out api.WebhookMade, err error) {
	err = h.Queue.DB.Update(r.Context(), func(ctx context.Context, tx store.Tx) error {
		e, err := h.Queue.Create(ctx, tx, r.Partner.Partner, wish(in))
		if err != nil {
			return err
		}
		out = api.WebhookMade{Webhook: e.ID}
		return keep.Do(ctx, tx, out)
	})
	return out, err
}

func (h *Hooks) delete(r *Request) error {
	name, err := r.ID("webhook")
	if err != nil {
		return err
	}
	err = h.Queue.DB.Insist(r.Context(), func(ctx context.Context, tx store.Tx) error {
		return h.Queue.Delete(ctx, tx, r.Partner.Partner, name)
	})
	if err == nil {
		r.Writer(http.StatusNoContent)
	}
	return err
}

func (h *Hooks) rotate(r *Request, in api.WebhookRotation, keep idempotency.Commit) (out api.WebhookMade, err error) {
	err = h.act(r, func(ctx context.Context, tx store.Tx, name id.ID) error {
		e, err := h.Queue.Rotate(ctx, tx, r.Partner.Partner, name, in.AtOnce)
		if err != nil {
			return err
		}
		out = api.WebhookMade{Webhook: e.ID}
		return keep.Do(ctx, tx, out)
	})
	return out, err
}

func (h *Hooks) test(r *Request, _ api.Empty, keep idempotency.Commit) (out api.WebhookTest, err error) {
	err = h.act(r, func(ctx context.Context, tx store.Tx, name id.ID) error {
		event, err := h.Queue.Test(ctx, tx, r.Partner.Partner, name)
		if err != nil {
			return err
		}
		out = api.WebhookTest{Event: event}
		return keep.Do(ctx, tx, out)
	})
	return out, err
}

func (h *Hooks) replay(r *Request, in api.WebhookReplay, keep idempotency.Commit) (out api.WebhookReplayed, err error) {
	if (in.Event == "") == (in.Since == 0) || in.Since < 0 || in.Since%statement.Day != 0 {
		return out, errBadRequest
	}
	err = h.act(r, func(ctx context.Context, tx store.Tx, name id.ID) error {
		out.Count = 1
		err := error(nil)
		if in.Event != "" {
			err = h.Queue.Replay(ctx, tx, r.Partner.Partner, name, in.Event)
		} else {
			out.Count, err = h.Queue.ReplayDead(ctx, tx, r.Partner.Partner, name, in.Since)
		}
		if err != nil {
			return err
		}
		return keep.Do(ctx, tx, out)
	})
	return out, err
}

func (h *Hooks) act(r *Request, do func(ctx context.Context, tx store.Tx, name id.ID) error) error {
	name, err := r.ID("webhook")
	if err != nil {
		return err
	}
	return h.Queue.DB.Update(r.Context(), func(ctx context.Context, tx store.Tx) error { return do(ctx, tx, name) })
}

func (h *Hooks) deliveries(r *Request) (out api.WebhookDeliveries, err error) {
	name, err := r.ID("webhook")
	if err != nil {
		return out, err
	}
	after, err := r.afterEvent(webhook.Newest())
	if err != nil {
		return out, err
	}
	var all []webhook.Delivery
	err = h.Queue.DB.View(r.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		all, err = h.Queue.Deliveries(ctx, tx, r.Partner.Partner, name, after, pageSize)
		return err
	})
	for _, d := range all {
		out.Deliveries = append(out.Deliveries, api.WebhookDelivery{
			Event: d.Event, Type: string(d.Type), About: d.About, Day: d.Day, State: string(d.State), Attempts: d.Attempts, Outcome: d.Outcome, Status: d.Status,
		})
	}
	if len(all) == pageSize {
		r.nextEvent(all[pageSize-1].Day, all[pageSize-1].Event)
	}
	return out, err
}

func (h *Hooks) withdrawals(r *Request) (out api.OwedWithdrawals, err error) {
	after, err := r.afterEvent(webhook.Cursor{})
	if err != nil {
		return out, err
	}
	var all []webhook.Owed
	err = h.Queue.DB.View(r.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		all, err = h.Queue.Owing(ctx, tx, r.Partner.Partner, after, pageSize)
		return err
	})
	for _, o := range all {
		out.Withdrawals = append(out.Withdrawals, api.OwedWithdrawal{Item: o.Item, Day: o.Day, Overdue: o.Overdue})
	}
	if len(all) == pageSize {
		r.nextEvent(all[pageSize-1].Day, all[pageSize-1].Event)
	}
	return out, err
}

// overdue is for stewards: who is late, how often and since when, and nothing that
// tells of a woman or an item.
func (h *Hooks) overdue(r *Request) (out api.OverdueWithdrawals, err error) {
	after, err := r.afterID()
	if err != nil {
		return out, err
	}
	var all []webhook.Late
	err = h.Queue.DB.View(r.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		if err = h.Registry.ForSteward(ctx, tx, r.Caller); err == nil {
			all, err = h.Queue.LatePartners(ctx, tx, after, pageSize)
		}
		return err
	})
	for _, l := range all {
		out.Partners = append(out.Partners, api.LatePartner{Partner: l.Partner, Withdrawals: l.Count, Since: l.Since})
	}
	if len(all) == pageSize {
		r.Next(string(all[pageSize-1].Partner))
	}
	return out, err
}

// afterEvent reads where a list of events goes on: a day and an id with a point between.
func (r *Request) afterEvent(begin webhook.Cursor) (webhook.Cursor, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return begin, err
	}
	day, name, _ := strings.Cut(q["after"], ".")
	n, err := strconv.ParseInt(day, 10, 64)
	event, err2 := id.Parse(name)
	if err != nil || err2 != nil || n < 0 {
		return begin, errBadRequest
	}
	return webhook.Cursor{Day: n, Event: event}, nil
}

func (r *Request) nextEvent(day int64, event id.ID) {
	r.Next(strconv.FormatInt(day, 10) + "." + string(event))
}

func wish(in api.WebhookWish) webhook.Wish {
	out := webhook.Wish{URL: in.URL, HMAC: in.HMAC, Off: in.Off}
	for _, t := range in.Types {
		out.Types = append(out.Types, webhook.Type(t))
	}
	return out
}

func spelled(e webhook.Endpoint) api.Webhook {
	out := api.Webhook{Webhook: e.ID, URL: string(e.URL.Reveal()), HMAC: e.HMAC, State: string(e.State), Day: e.Day, Failing: e.FailingDay}
	for _, t := range e.Types {
		out.Types = append(out.Types, string(t))
	}
	for _, k := range e.Keys {
		out.Keys = append(out.Keys, api.WebhookKey{Public: k.Public, Secret: string(k.Shared.Reveal()), Until: k.Until})
	}
	return out
}
