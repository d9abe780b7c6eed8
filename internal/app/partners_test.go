package app_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

func draw(t *testing.T) api.ID {
	t.Helper()
	v, err := id.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// officer is an account that enrolled as a partner.
func (w *witness) officer(steward *client.Client) *client.Client {
	w.t.Helper()
	inv, err := steward.Invite(w.t.Context(), statement.Partner)
	w.must(err)
	c := w.client(w.v.Keys())
	w.must(c.Enrol(w.t.Context(), statement.Partner, inv.Invitation))
	return c
}

// partner agrees with an organisation, lets its program in and ends all of it.
func (w *witness) partner(p people) {
	ctx, now := w.t.Context(), w.v.Clock.Now()
	one, two := w.officer(p.steward), w.officer(p.steward)
	partner, program := draw(w.t), draw(w.t)
	agreed, err := p.steward.AgreeWith(ctx, client.Agreement{Partner: partner, Name: "Women for Memory", Officers: []api.Account{one.Account(), two.Account()},
		Scopes: statement.Scopes(), From: now.Unix(), Until: now.Add(30 * 24 * time.Hour).Unix()})
	w.must(err)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	key, err := client.NewProgram(program, private)
	w.must(err)
	r := client.Registration{Partner: partner, Client: program, JWK: key.JWK(), Scopes: statement.Scopes(), From: now.Unix(), Until: now.Add(24 * time.Hour).Unix()}
	for _, o := range []*client.Client{one, two} {
		_, err = o.Register(ctx, r)
		w.must(err)
	}
	c, err := client.New(client.Config{Server: w.v.URL, Vault: w.v.ID, Program: key, HTTP: &http.Client{Transport: w}})
	w.must(err)
	_, err = c.Partner(ctx)
	w.must(err)
	_, err = c.InvitePresent(ctx)
	w.must(err)
	w.hook(c)
	w.bring(c, one, partner)
	w.phone(c, one, partner)
	record := "/v1/partners/" + string(partner)
	for _, path := range []string{"/v1/partners", record, record + "/clients", record + "/clients/" + string(program)} {
		w.raw(p.steward, 200, "GET", path, "")
	}
	_, err = p.steward.OverdueWithdrawals(ctx)
	w.must(err)
	w.raw(one, 404, "GET", "/v1/overdue-withdrawals", "")
	w.raw(p.steward, 400, "GET", "/v1/overdue-withdrawals?after=x", "")
	w.raw(nil, 200, "GET", "/.well-known/oauth-authorization-server", "")
	w.must(one.Retire(ctx, partner, program, key.Key()))
	_, err = p.steward.Halt(ctx, partner, agreed.Agreement)
	w.must(err)
}
