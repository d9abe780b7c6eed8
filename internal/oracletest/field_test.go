package oracletest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/delivery"
	blanks "github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
)

// itemPayload is where a large item is brought to.
const itemPayload = "/v1/deliveries/{item}/payload"

// field is two partners, and what one of them has brought and set up.
type field struct {
	world           *partnertest.World
	partner, other  *partnertest.Partner
	program, others *partnertest.Program
	narrow          *partnertest.Program // of the other, and may next to nothing
	pen             *peopletest.Person   // signs for those who cannot

	code         string // of her open tray
	tray, closed api.ID
	waiting      api.ID // items
	underWay     api.ID
	refused      api.ID
	withdrawn    api.ID
	held         *peopletest.Person // the partner's collection
	heldCode     string             // of its tray
	form, gone   api.ID
	phone, ended *api.IssuedCollector
	webhook      api.ID
	consultation api.ID
}

// bring makes the partners, and lets one of them do all that partners do.
func (w *world) bring() {
	w.t.Helper()
	f := &field{world: partnertest.New(w.vault), pen: w.door.Participant()}
	w.field = f
	f.partner, f.other = f.world.Partner(), f.world.Partner()
	f.program, f.others, f.narrow = f.partner.Program(), f.other.Program(), f.other.Program(partner.Register)
	w.deliver()
	w.collect()
	ctx := w.t.Context()
	hook, err := f.program.CreateWebhook(ctx, api.WebhookWish{URL: "https://hooks.example.org/vault", Off: true})
	w.must(err)
	f.webhook = hook.Webhook
	f.consultation, err = f.partner.Officers[0].OpenConsultation(ctx, f.partner.ID, call(), w.inDays(20))
	w.must(err)
}

func (w *world) inDays(n int64) int64 { return statement.DayOf(w.vault.Clock.Now()) + n*statement.Day }

func call() *client.Call {
	return &client.Call{
		Names: []client.CallText{{Language: "en", Text: "What is security?"}}, Prompts: []client.CallPrompts{{Language: "en", Texts: []string{"Tell"}}},
		Purposes: []statement.Purpose{"BeingHeard"}, Terms: client.CallTerms{Attribution: statement.ChathamHouse, Access: statement.View, Days: 30},
		Support: []client.CallText{{Language: "en", Text: "A helpline"}},
	}
}

// deliver puts an item of each fate into trays of hers.
func (w *world) deliver() {
	w.t.Helper()
	f, ctx := w.field, w.t.Context()
	shut, err := w.her.OpenTray(ctx, f.partner.ID)
	w.must(err)
	w.must(w.her.CloseTray(ctx, shut.Tray))
	open, err := w.her.OpenTray(ctx, f.partner.ID)
	w.must(err)
	f.tray, f.closed, f.code = open.Tray, shut.Tray, open.Code
	for _, item := range []*api.ID{&f.waiting, &f.refused, &f.withdrawn} {
		*item, err = f.program.Deliver(ctx, client.Delivery{To: client.Place{Recipient: w.her.Recipient(), Code: f.code}, Content: client.Bytes("a.txt", "text/plain", []byte("a"))})
		w.must(err)
	}
	w.must(w.her.RefuseItem(ctx, f.refused))
	f.underWay = w.draw()
	begin := question{caller{who: "its program", Person: w.door.With(f.program.Client, nil), program: f.program}, route{http.MethodPost, itemPayload}, place{item: f.underWay, code: f.code}}
	if a := w.ask(begin, w.sent(begin)); a.status != http.StatusCreated {
		w.t.Fatalf("begin an item: %+v", a)
	}
	tid, err := w.her.Create(ctx, client.Testimony{Title: "x"})
	w.must(err)
	_, err = w.her.AdoptItem(ctx, f.withdrawn, tid, nil)
	w.must(err)
	w.must(w.her.Erase(ctx, tid))
}

// collect opens a collection with a form, one that was withdrawn, a phone, and one
// that may send no more.
func (w *world) collect() {
	w.t.Helper()
	f, ctx := w.field, w.t.Context()
	f.held, f.heldCode = w.collection(f.partner)
	f.gone = w.handOut(f.program, f.heldCode, "words")
	w.must(f.program.WithdrawForm(ctx, f.gone))
	f.form = w.handOut(f.program, f.heldCode, "notes")
	for _, phone := range []**api.IssuedCollector{&f.phone, &f.ended} {
		var err error
		*phone, err = f.program.AddCollector(ctx, f.heldCode, 0)
		w.must(err)
	}
	w.must(f.program.RevokeCollector(ctx, f.ended.Collector))
}

// collection opens one, and gives its account and its tray's code.
func (w *world) collection(p *partnertest.Partner) (*peopletest.Person, string) {
	w.t.Helper()
	keys := w.vault.Keys()
	opened, err := p.Officers[0].OpenCollection(w.t.Context(), p.ID, keys, w.vault.Clock.Now().Add(60*24*time.Hour).Unix())
	w.must(err)
	return w.door.With(w.vault.Client(keys), keys), opened.Code
}

func (w *world) handOut(program *partnertest.Program, code, name string) api.ID {
	w.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	w.must(err)
	doc, err := blanks.Make(blanks.Choice{Form: "telling", Language: "en", Key: &key.PublicKey, ID: name, Version: "1", Title: "Notes"})
	w.must(err)
	form, err := program.AddForm(w.t.Context(), code, doc)
	w.must(err)
	return form.Form
}

// joins lets those who work for partners ask as well.
func (w *world) joins() {
	f := w.field
	w.people = append(w.people,
		caller{who: "an officer of the partner", Person: w.door.With(f.partner.Officers[0], f.partner.Keys[0])},
		caller{who: "an officer of another partner", Person: w.door.With(f.other.Officers[0], f.other.Keys[0])},
		caller{who: "a collection of the partner", Person: f.held})
}

// programs are those of the partner who has nothing.
func (w *world) programs() []caller {
	f := w.field
	return []caller{
		{who: "another partner's program", Person: w.door.With(f.others.Client, nil), program: f.others},
		{who: "a program without the scope", Person: w.door.With(f.narrow.Client, nil), program: f.narrow, narrow: true},
	}
}

// places are all that partners have, and some names of one thing where another is
// asked for.
func (f *field) places() []place {
	p := place{tray: f.tray, item: f.waiting, webhook: f.webhook, consultation: f.consultation, partner: f.partner.ID, client: f.program.ID, form: f.form,
		collector: f.phone.Collector, code: f.code, token: f.phone.Token, there: true, registered: true}
	over, late, mixed, code, begun := p, p, p, p, p
	begun.item = f.underWay
	over.tray, over.item, over.form, over.collector, over.token, over.code = f.closed, f.refused, f.gone, f.ended.Collector, f.ended.Token, f.heldCode
	late.item, late.client, late.registered = f.withdrawn, f.others.ID, false
	mixed.tray, mixed.item, mixed.webhook, mixed.form, mixed.collector = f.waiting, f.tray, f.waiting, f.phone.Collector, f.form
	mixed.partner, mixed.client, mixed.there, mixed.registered = f.tray, f.program.ID, false, false
	code.item = "aaaaaaaaaaaaaaaaaaaaaaaaaa" // nothing, brought with a code of hers
	return []place{p, over, late, mixed, code, begun}
}

// vouched tells what is said of partners: that one is there and who its officers and
// programs are, to everybody who has enrolled, who could not check a note without;
// its list of programs to stewards and its own officers.
func vouched(q question) bool {
	enrolled := q.by.program == nil && q.by.who != "an unknown key"
	there := q.at.there && enrolled
	if strings.HasSuffix(q.to.path, "/clients") {
		return there && (q.by.who == "the steward" || q.by.who == "an officer of the partner")
	}
	if strings.HasSuffix(q.to.path, "/{client}") {
		return there && q.at.registered
	}
	return there
}

// brought is what a program, or who pretends to be one, would send of what partners
// bring and set up, and anybody about what waits for them.
func (w *world) brought(q question) (body, bool) {
	w.t.Helper()
	p := w.part
	switch q.to.method + " " + q.to.path {
	case "POST /v1/items/{item}/adoption":
		return w.json(api.Signed{Statement: w.says(q.by, statement.Adopt{Testimony: q.at.item, N: 1, Length: p.binding.Length, PayloadSHA256: p.binding.PayloadSHA256,
			Commit: p.binding.Commit, HeaderSHA256: p.binding.HeaderSHA256, ReceivedSHA256: hash(nil)}).Compact()}), true
	case "POST /v1/testimonies/{testimony}/consultation":
		return w.json(api.Belonging{Consultation: q.at.testimony}), true
	case "POST /v1/trays/{tray}/closing", "POST /v1/items/{item}/refusal", "POST /v1/deliveries/{item}/acknowledgements", "POST /v1/webhooks/{webhook}/tests",
		"POST /v1/forms/{form}/withdrawal", "POST /v1/collectors/{collector}/revocation":
		return w.json(api.Empty{}), true
	case "PUT /v1/deliveries/{item}":
		return body{media: api.MediaBytes, bytes: p.payload, header: map[string]string{api.HeaderTray: q.at.code, api.HeaderSealed: api.Bytes(p.header).String(),
			api.HeaderDelivery: w.note(q)}}, true
	case "POST " + itemPayload:
		return body{header: map[string]string{api.HeaderTray: q.at.code, api.HeaderSealed: api.Bytes(p.header).String(), api.HeaderDelivery: w.note(q),
			api.HeaderTusResumable: api.TusVersion, api.HeaderUploadLength: strconv.Itoa(len(p.payload))}}, true
	case "PATCH " + itemPayload:
		return body{media: api.MediaTus, bytes: p.payload, header: map[string]string{api.HeaderTusResumable: api.TusVersion, api.HeaderUploadOffset: "0"}}, true
	case "HEAD " + itemPayload, "DELETE " + itemPayload:
		return body{header: map[string]string{api.HeaderTusResumable: api.TusVersion}}, true
	case "PUT /v1/deliveries/{item}/plaintext":
		return body{media: api.MediaBytes, bytes: []byte("hello"), header: map[string]string{api.HeaderTray: q.at.code, api.HeaderPart: p.info}}, true
	case "PUT /v1/webhooks/{webhook}":
		return w.json(api.WebhookWish{URL: "https://hooks.example.org/other", Off: true}), true
	case "POST /v1/webhooks/{webhook}/rotations":
		return w.json(api.WebhookRotation{AtOnce: true}), true
	case "POST /v1/webhooks/{webhook}/replays":
		return w.json(api.WebhookReplay{Since: w.inDays(-1)}), true
	case "POST /v1/collectors/{collector}/rotation":
		return w.json(api.Rotation{}), true
	case "DELETE /v1/webhooks/{webhook}":
		return body{}, true
	case "HEAD /or/{token}/submission":
		return body{}, true
	case "POST /or/{token}/submission":
		return body{media: "multipart/form-data; boundary=b", bytes: []byte("--b\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"submission.xml\"\r\n" +
			"Content-Type: text/xml\r\n\r\n<data/>\r\n--b--\r\n")}, true
	}
	return body{}, false
}

// note is signed by the program that asks, or by one that has nothing to do with it.
func (w *world) note(q question) string {
	w.t.Helper()
	g, of := w.field.others, w.field.other
	if q.by.program != nil {
		g = q.by.program
	}
	if g == w.field.program {
		of = w.field.partner
	}
	b := w.part.binding
	signed, err := delivery.Sign(delivery.Note{Issuer: string(g.ID), Vault: w.vault.ID.String(), Partner: of.ID, Client: g.ID, Item: q.at.item,
		RecipientSHA256: hash([]byte(w.her.Recipient())), Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256,
		Assurance: delivery.PartnerDevice, Day: w.inDays(0)}, g.Key)
	w.must(err)
	return signed
}
