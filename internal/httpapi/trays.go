package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/idempotency"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/tray"
)

// Trays are the routes by which partners bring something and a woman takes it.
type Trays struct {
	Trays  *tray.Trays
	Denied *custody.Denials

	seats seats
}

// traysPage is how many items one answer lists: each brings a note along.
const traysPage = 100

// Routes lists them.
func (t *Trays) Routes() []Route {
	const created = http.StatusCreated
	return append(append(t.hers(), t.uploads()...), []Route{
		{Method: "PUT", Path: "/v1/deliveries/{item}", Begins: true, Auth: PartnerClient, Scope: "deliver", Body: t.Trays.Limits.ItemSize, Handler: plain(t.put)},
		{Method: "PUT", Path: "/v1/deliveries/{item}/plaintext", Begins: true, Auth: PartnerClient, Scope: "deliver", Body: t.Trays.Limits.ItemSize, Handler: plain(t.drop)},
		{Method: "GET", Path: "/v1/deliveries", Auth: PartnerClient, Scope: "follow", Handler: Read(t.deliveries)},
		{Method: "GET", Path: "/v1/deliveries/{item}", Auth: PartnerClient, Scope: "follow", Handler: Read(t.delivery)},
		{Method: "POST", Path: "/v1/deliveries/{item}/acknowledgements", Auth: PartnerClient, Scope: "follow", Body: smallBody, Handler: Create(created, t.acknowledge)},
	}...)
}

// hers are those of whoever owns trays.
func (t *Trays) hers() []Route {
	const ok, created = http.StatusOK, http.StatusCreated
	return []Route{
		{Method: "POST", Path: "/v1/trays", Begins: true, Auth: SignedIn, Body: smallBody, Handler: Create(created, t.open)},
		{Method: "GET", Path: "/v1/trays", Auth: SignedIn, Handler: Read(t.list)},
		{Method: "POST", Path: "/v1/trays/{tray}/closing", Auth: SignedIn, Body: smallBody, Handler: Take(ok, t.shut)},
		{Method: "GET", Path: "/v1/items", Auth: SignedIn, Handler: Read(t.items)},
		{Method: "GET", Path: "/v1/items/{item}/content", Auth: SignedIn, Handler: t.content},
		{Method: "POST", Path: "/v1/items/{item}/adoption", Auth: SignedIn, Body: smallBody, Handler: CreateThen(ok, t.adopt, t.adopted)},
		{Method: "POST", Path: "/v1/items/{item}/refusal", Auth: SignedIn, Body: smallBody, Handler: Take(ok, t.refuse)},
		{Method: "GET", Path: "/v1/returns", Auth: SignedIn, Handler: Read(t.returns)},
	}
}

func (r *Request) bringer() tray.Bringer {
	return tray.Bringer{Partner: r.Partner.Partner, Client: r.Partner.Client}
}

func (t *Trays) open(r *Request, in api.NewTray, keep idempotency.Commit) (api.OpenedTray, error) {
	spell := func(o tray.Opened) api.OpenedTray { return api.OpenedTray{Tray: o.Tray, Code: o.Code, Until: o.Until} }
	out, err := t.Trays.Open(r.Context(), r.Caller, in.Partner, as(keep, spell))
	return spell(out), err
}

func (t *Trays) list(r *Request) (api.Trays, error) {
	after, err := r.afterID()
	if err != nil {
		return api.Trays{}, err
	}
	list, err := t.Trays.List(r.Context(), r.Caller, after, traysPage)
	out := api.Trays{}
	for _, one := range list {
		out.Trays = append(out.Trays, api.Tray{Tray: one.ID, Partner: one.Partner, Day: one.OpenedDay, Until: one.Until, Closed: one.Closed, Items: one.Items})
	}
	if len(list) == traysPage {
		r.Next(string(list[traysPage-1].ID))
	}
	return out, err
}

func (t *Trays) shut(r *Request, _ api.Empty) (api.ClosedTray, error) {
	name, err := r.ID("tray")
	if err != nil {
		return api.ClosedTray{}, err
	}
	return api.ClosedTray{Tray: name}, t.Trays.Close(r.Context(), r.Caller, name)
}

func (t *Trays) items(r *Request) (api.Items, error) {
	after, err := r.afterID()
	if err != nil {
		return api.Items{}, err
	}
	list, err := t.Trays.Items(r.Context(), r.Caller, after, traysPage)
	out := api.Items{}
	for _, one := range list {
		out.Items = append(out.Items, api.Item{Item: one.ID, Tray: one.Tray, Partner: one.Said.Partner, Day: one.ArrivedDay, Until: one.Until, Length: one.Said.Length,
			Assurance: one.Said.Assurance, Readable: one.Said.Readable(), Note: one.Note})
	}
	if len(list) == traysPage {
		r.Next(string(list[traysPage-1].ID))
	}
	return out, err
}

func (t *Trays) content(r *Request) error {
	item, err := r.ID("item")
	if err != nil {
		return err
	}
	f, err := t.Trays.Content(r.Context(), r.Caller, item)
	if err != nil {
		return err
	}
	return r.deliver(f)
}

func (t *Trays) adopt(r *Request, in api.Signed, keep idempotency.Commit) (api.Adoption, error) {
	item, err := r.ID("item")
	if err != nil {
		return api.Adoption{}, err
	}
	spell := func(a tray.Adopted) api.Adoption {
		return api.Adoption{Accepted: accepted(a.Accepted), Destroyed: a.Destroyed}
	}
	out, err := t.Trays.Adopt(r.Context(), r.Caller, item, in.Statement, as(keep, spell))
	return spell(out), err
}

// adopted repeats what follows the commit, for an answer that is given from memory.
func (t *Trays) adopted(r *Request, out *api.Adoption) error {
	return t.Trays.Finish(r.Context(), tray.Adopted{Destroyed: out.Destroyed})
}

func (t *Trays) refuse(r *Request, _ api.Empty) (api.Refusal, error) {
	item, err := r.ID("item")
	if err != nil {
		return api.Refusal{}, err
	}
	return api.Refusal{Item: item}, t.Trays.Refuse(r.Context(), r.Caller, item)
}

func (t *Trays) returns(r *Request) (api.Returns, error) {
	day, after, err := r.afterReturn()
	if err != nil {
		return api.Returns{}, err
	}
	list, err := t.Trays.Endings(r.Context(), r.Caller, day, after, traysPage)
	out := api.Returns{}
	for _, e := range list {
		out.Returns = append(out.Returns, api.Returned{Item: e.Item, Partner: e.Partner, Day: e.Day, Due: e.Due, Acknowledged: e.Acknowledged, Late: e.Late})
	}
	if len(list) == traysPage {
		last := list[traysPage-1]
		r.Next(strconv.FormatInt(last.Day, 10) + "." + string(last.Item))
	}
	return out, err
}

// put takes a sealed item. Its id, which the note names, makes it once however often
// it is sent.
func (t *Trays) put(r *Request) error {
	item, err := r.ID("item")
	if err != nil {
		return err
	}
	if err := r.checkBytes(); err != nil {
		return err
	}
	s, err := t.sealed(r, item)
	if err != nil {
		return err
	}
	s.Length, s.Body = r.Length(), r.Body()
	out, err := t.Trays.Put(r.Context(), r.bringer(), s)
	if err != nil {
		return err
	}
	return r.JSON(http.StatusCreated, brought(out))
}

// sealed reads what an item is from the headers of a request.
func (t *Trays) sealed(r *Request, item id.ID) (tray.Sealed, error) {
	var header api.Bytes
	if err := header.UnmarshalText([]byte(once(r.Header(), api.HeaderSealed))); err != nil {
		return tray.Sealed{}, errBadRequest
	}
	return tray.Sealed{Code: once(r.Header(), api.HeaderTray), Item: item, Note: once(r.Header(), api.HeaderDelivery), Header: header,
		Erasure: once(r.Header(), api.HeaderErasure)}, nil
}

// drop takes plaintext and seals it while it streams in. Of the body nothing is
// remembered: the item's id makes it once.
func (t *Trays) drop(r *Request) error {
	item, err := r.ID("item")
	if err != nil {
		return err
	}
	if err := r.checkBytes(); err != nil {
		return err
	}
	info, err := partInfo(once(r.Header(), api.HeaderPart))
	if err != nil {
		return err
	}
	d := tray.Dropped{By: r.bringer(), Code: once(r.Header(), api.HeaderTray), Item: item, Assurance: delivery.ByVault, Info: info,
		Consultation: id.ID(once(r.Header(), api.HeaderConsultation)), Length: r.Length(), Body: r.Body()}
	if d.Consultation != "" {
		if _, err := id.Parse(string(d.Consultation)); err != nil {
			return errBadRequest
		}
	}
	out, err := t.Trays.Drop(r.Context(), d, nil)
	if err != nil {
		return err
	}
	return r.JSON(http.StatusCreated, brought(out))
}

func brought(b tray.Brought) api.Brought { return api.Brought{Item: b.Item, Day: b.Day, Note: b.Note} }

func (t *Trays) deliveries(r *Request) (api.Deliveries, error) {
	after, err := r.After()
	if err != nil {
		return api.Deliveries{}, err
	}
	list, err := t.Trays.Deliveries(r.Context(), r.bringer(), after, traysPage)
	out := api.Deliveries{Next: strconv.FormatInt(after, 10)}
	for _, d := range list {
		out.Deliveries, out.Next = append(out.Deliveries, spellDelivery(d)), strconv.FormatInt(d.Change, 10)
	}
	if len(list) == traysPage {
		r.Next(out.Next)
	}
	return out, err
}

func (t *Trays) delivery(r *Request) (api.Delivery, error) {
	item, err := r.ID("item")
	if err != nil {
		return api.Delivery{}, err
	}
	d, err := t.Trays.Delivery(r.Context(), r.bringer(), item)
	return spellDelivery(d), err
}

func (t *Trays) acknowledge(r *Request, _ api.Empty, keep idempotency.Commit) (api.Delivery, error) {
	item, err := r.ID("item")
	if err != nil {
		return api.Delivery{}, err
	}
	d, err := t.Trays.Acknowledge(r.Context(), r.bringer(), item, func(ctx context.Context, tx store.Tx, d tray.Delivery) error {
		return keep.Do(ctx, tx, spellDelivery(d))
	})
	return spellDelivery(d), err
}

func spellDelivery(d tray.Delivery) api.Delivery {
	return api.Delivery{Item: d.Item, State: api.DeliveryState(d.State), Brought: d.BroughtDay, Changed: d.ChangedDay, Acknowledged: d.Acknowledged}
}

// afterReturn is the day and name behind which her withdrawals go on.
func (r *Request) afterReturn() (int64, id.ID, error) {
	q, err := r.Query("after")
	if err != nil || q["after"] == "" {
		return 0, "", err
	}
	number, name, _ := strings.Cut(q["after"], ".")
	day, errDay := strconv.ParseInt(number, 10, 64)
	item, errItem := id.Parse(name)
	if errDay != nil || errItem != nil || day < 0 {
		return 0, "", fmt.Errorf("%w: %w", errBadRequest, errors.Join(errDay, errItem))
	}
	return day, item, nil
}

// delivered says how a part came.
func delivered(o tray.Origin) *api.Delivered {
	return &api.Delivered{Partner: o.Said.Partner, Assurance: o.Said.Assurance, Claimed: o.Said.Replaces.Testimony != "", Readable: o.Said.Readable(), Note: o.Note}
}
