package app_test

import (
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// bring delivers to somebody who is present, and follows what becomes of it.
func (w *witness) bring(program, officer *client.Client, partner api.ID) {
	ctx := w.t.Context()
	inv, err := program.InvitePresent(ctx)
	w.must(err)
	her := w.client(w.v.Keys())
	w.must(her.Enrol(ctx, statement.Participant, inv.Invitation))
	opened, err := her.OpenTray(ctx, partner)
	w.must(err)
	to := client.Place{Recipient: her.Recipient(), Code: client.InvitedTray(inv.Invitation)}
	content := client.Bytes("a.txt", "text/plain", []byte("she read it out"))
	item, err := program.Deliver(ctx, client.Delivery{To: to, Content: content})
	w.must(err)
	refused, err := program.DeliverPlain(ctx, client.Delivery{To: to, Content: content})
	w.must(err)
	_, err = her.Trays(ctx)
	w.must(err)
	tid, err := her.Create(ctx, client.Testimony{Title: "x"})
	w.must(err)
	_, err = her.AdoptItem(ctx, item, tid, nil)
	w.must(err)
	w.must(her.RefuseItem(ctx, refused))
	w.must(her.CloseTray(ctx, opened.Tray))
	w.raw(her, 200, "GET", "/v1/testimonies/"+string(tid), "")
	w.must(her.Erase(ctx, tid))
	_, err = program.Acknowledge(ctx, item)
	w.must(err)
	_, _, err = program.Deliveries(ctx, "")
	w.must(err)
	_, err = program.Delivery(ctx, item)
	w.must(err)
	_, err = her.Returns(ctx)
	w.must(err)
	w.misdeliver(program, to, content)
	w.bringLarge(program, to)
	w.consult(program, officer, partner, w.collect(officer, partner))
}

// consult opens a call in both ways, says what belongs to it, and reads it as anybody.
func (w *witness) consult(program, officer *client.Client, partner api.ID, in held) {
	ctx := w.t.Context()
	call := &client.Call{Names: []client.CallText{{Language: "en", Text: "What is security?"}}, Prompts: []client.CallPrompts{{Language: "en", Texts: []string{"Tell"}}},
		Purposes: []statement.Purpose{"BeingHeard"}, Terms: client.CallTerms{Attribution: statement.ChathamHouse, Access: statement.View, Days: 30},
		Support: []client.CallText{{Language: "en", Text: "A helpline"}}}
	until := w.v.Clock.Now().Add(20 * 24 * time.Hour).Unix()
	name, err := officer.OpenConsultation(ctx, partner, call, until)
	w.must(err)
	other, err := program.RegisterConsultation(ctx, call, until)
	w.must(err)
	belong := "/v1/testimonies/" + string(in.testimony) + "/consultation"
	w.raw(in.collection, 404, "POST", belong, `{"consultation":"`+string(partner)+`"}`)
	w.must(in.collection.Belong(ctx, in.testimony, name))
	w.must(in.collection.Belong(ctx, in.testimony, name))
	w.raw(in.collection, 409, "POST", belong, `{"consultation":"`+string(other)+`"}`)
	one, err := w.client(nil).Consultation(ctx, name)
	w.must(err)
	counts, err := w.client(nil).ConsultationCounts(ctx, name)
	w.must(err)
	if !one.Signed || counts.Brought != 0 {
		w.t.Errorf("%+v, %+v", one, counts)
	}
}

// misdeliver does what a program does wrong.
func (w *witness) misdeliver(program *client.Client, to client.Place, content client.Content) {
	for _, wrong := range []client.Place{{Recipient: to.Recipient, Code: strings.Repeat("a", 26)}, {Recipient: w.v.Keys().Recipient, Code: to.Code}} {
		if _, err := program.Deliver(w.t.Context(), client.Delivery{To: wrong, Content: content}); err == nil {
			w.t.Error("it was taken")
		}
	}
	nowhere := "/v1/deliveries/" + strings.Repeat("a", 26)
	w.raw(program, 404, "GET", nowhere, "")
	w.raw(program, 415, "PUT", nowhere, `{}`, api.HeaderTray, strings.Repeat("a", 26), api.HeaderSealed, "AA", api.HeaderDelivery, "a.b.c")
	w.raw(program, 404, "POST", nowhere+"/acknowledgements", `{}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "7", 1))
}

// held is a testimony of a collection.
type held struct {
	collection *client.Client
	testimony  api.ID
}

// collect opens a collection and tries to let somebody read it.
func (w *witness) collect(officer *client.Client, partner api.ID) held {
	ctx, keys := w.t.Context(), w.v.Keys()
	_, err := officer.OpenCollection(ctx, partner, keys, w.v.Clock.Now().Add(20*24*time.Hour).Unix())
	w.must(err)
	_, err = officer.Collections(ctx)
	w.must(err)
	c := w.client(keys)
	_, err = c.Collection(ctx)
	w.must(err)
	t, _, err := c.Collect(ctx, "a", client.Bytes("a.txt", "text/plain", []byte("held for years")))
	w.must(err)
	_, err = c.List(ctx)
	w.must(err)
	_, err = c.Show(ctx, t)
	w.must(err)
	w.raw(c, 403, "POST", "/v1/testimonies/"+string(t)+"/grants", `{"statement":"x","headers":[]}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "8", 1))
	w.raw(c, 403, "POST", "/v1/testimonies/"+string(t)+"/renewals", `{"statement":"x"}`, api.HeaderIdempotencyKey, strings.Replace(someKey, "3", "9", 1))
	return held{c, t}
}
