package app_test

import (
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// trust sets a policy, is answered, lets trustees vote and the reader in, and
// collects what is refused on the way.
func (w *witness) trust(p people, tid api.ID) {
	ctx := w.t.Context()
	w.must(p.her.Lift(ctx, "")) // what somebody with her code had paused
	var trustees []*client.Client
	terms := client.PolicyTerms{Testimony: tid, To: p.reader.Account(), Threshold: 2}
	for range 2 {
		c := w.client(w.v.Keys())
		w.must(c.Enrol(ctx, statement.Participant, ""))
		w.must(c.Introduce(ctx, true))
		trustees, terms.Trustees = append(trustees, c), append(terms.Trustees, c.Account())
	}
	policy, err := p.her.SetPolicy(ctx, terms)
	w.must(err)
	g, err := p.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{2}, To: p.reader.Account(), Policy: policy.ID})
	w.must(err)
	shares := fmt.Sprintf("/v1/inbox/%s/shares", g.ID)
	w.raw(p.reader, 404, "GET", shares, "")
	for _, c := range trustees {
		w.must(c.Agree(ctx, policy.ID))
		w.must(c.Release(ctx, policy.ID, nil))
	}
	_, err = p.reader.Open(ctx, g.ID, 2, client.SinkFunc(nowhere))
	w.must(err)
	w.must(trustees[0].Decline(ctx, policy.ID))
	w.raw(p.reader, 404, "GET", shares, "")
	if list, err := p.her.Policies(ctx, tid); err != nil || len(list) != 1 {
		w.t.Fatalf("%v, %v", list, err)
	}
	silent := client.PolicyTerms{Testimony: tid, To: p.reader.Account(), Silence: 30, Wait: 7}
	_, err = p.her.SetPolicy(ctx, silent)
	w.must(err)
	w.must(p.her.CheckIn(ctx))
	_, err = p.her.Silences(ctx)
	w.must(err)
	_, err = p.her.Revoke(ctx, tid, g.ID)
	w.must(err)
	w.untrusted(p, trustees[0], policy)
}

// untrusted collects refusals.
func (w *witness) untrusted(p people, trustee *client.Client, policy *client.Policy) {
	ctx := w.t.Context()
	stranger, one := w.client(w.v.Keys()), "/v1/trusts/"+string(policy.ID)
	w.raw(stranger, 200, "GET", "/v1/trusts", "")
	w.raw(stranger, 200, "GET", "/v1/account", "")
	w.raw(stranger, 404, "GET", "/v1/introductions/"+string(trustee.Account()), "")
	w.raw(stranger, 403, "PUT", "/v1/introduction", `{"open":true}`)
	w.raw(p.her, 404, "GET", "/v1/introductions/"+string(stranger.Account()), "")
	w.raw(trustee, 404, "GET", "/v1/introductions/"+string(p.her.Account()), "")
	w.raw(p.reader, 404, "GET", "/v1/testimonies/"+string(policy.Testimony)+"/policies", "")
	of := api.HashOf(nil)
	body := fmt.Sprintf(`{"of":"%s","of_sha256":"%s","answer":"agreed"}`, policy.ID, of)
	for who, status := range map[*client.Client]int{p.reader: 404, trustee: 422} {
		s, err := who.Sign(ctx, "trust", []byte(body))
		w.must(err)
		w.raw(who, status, "POST", one+"/answers", `{"statement":"`+s+`"}`, api.HeaderIdempotencyKey, someKey)
	}
	s, err := p.her.Sign(ctx, "checkin", []byte("{}"))
	w.must(err)
	w.raw(p.her, 422, "POST", "/v1/trusts/"+string(policy.ID)+"/answers", `{"statement":"`+s+`"}`, api.HeaderIdempotencyKey, someKey)
}
