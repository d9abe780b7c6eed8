package partnertest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// liar is a vault that changes what it says of partners and programs.
type liar struct {
	partner func(*api.PartnerRecord)
	client  func(*api.ClientRecord)
}

// RoundTrip implements [http.RoundTripper].
func (l liar) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(req.URL.Path, "/v1/partners/") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if strings.Contains(req.URL.Path, "/clients/") {
		body, err = changed(body, l.client)
	} else {
		body, err = changed(body, l.partner)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, err
}

func changed[T any](body []byte, change func(*T)) ([]byte, error) {
	var v T
	if err := json.Unmarshal(body, &v); err != nil || change == nil {
		return body, err
	}
	change(&v)
	return json.Marshal(v)
}

// A program's key is believed for two officers' and the stewards' signatures, and for
// nothing else that a vault says.
func TestAKeyIsVouchedForBySignaturesAlone(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	p, evil := w.Partner(partner.Deliver, partner.Follow), w.Partner()
	g, other := p.Program(partner.Deliver), evil.Program()
	key := tokenKey(t, g)
	keys := v.Keys()
	her := v.Client(keys)
	if err := her.Enrol(t.Context(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	found, err := her.VouchedKey(t.Context(), p.ID, g.ID, key)
	if err != nil || !found.Live(v.Clock.Now().Unix()) || found.Partner.Name != "Women for Memory" || !slices.Equal(found.Scopes, []api.Scope{partner.Deliver}) || len(found.Partner.Vouched) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	var foreign api.ClientRecord
	answer := raw(t, v, tokenOf(t, her), "GET", "/v1/partners/"+string(evil.ID)+"/clients/"+string(other.ID), "")
	if err := json.Unmarshal([]byte(text(t, answer)), &foreign); err != nil || len(foreign.Clients) != 2 {
		t.Fatalf("%+v, %v", foreign, err)
	}
	said, err := p.Officers[0].Sign(t.Context(), "agree", agreeBody(t, p.Agreement))
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]liar{
		"no steward's voice":        {partner: func(r *api.PartnerRecord) { r.Agrees = nil }},
		"an officer agrees":         {partner: func(r *api.PartnerRecord) { r.Agrees = []string{said} }},
		"a voice that was changed":  {partner: func(r *api.PartnerRecord) { r.Agrees[0] = r.Agrees[0][:len(r.Agrees[0])-4] + "AAAA" }},
		"one officer":               {client: func(r *api.ClientRecord) { r.Clients = r.Clients[:1] }},
		"one officer, twice":        {client: func(r *api.ClientRecord) { r.Clients = []string{r.Clients[0], r.Clients[0]} }},
		"nothing":                   {client: func(r *api.ClientRecord) { *r = api.ClientRecord{Client: r.Client, Live: []api.Account{key}} }},
		"another program's voices":  {client: func(r *api.ClientRecord) { r.Clients = foreign.Clients }},
		"an agreement of no voices": {partner: func(r *api.PartnerRecord) { r.Agrees, r.InForce = nil, &p.Name }},
	} {
		c, err := client.New(client.Config{Server: v.URL, Vault: v.ID, Keys: keys, Now: v.Clock.Now, HTTP: &http.Client{Transport: l}})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.VouchedKey(t.Context(), p.ID, g.ID, key); !errors.Is(err, client.ErrNoPartner) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := her.VouchedKey(t.Context(), p.ID, g.ID, tokenKey(t, other)); !errors.Is(err, client.ErrNoPartner) {
		t.Errorf("another's key: %+v, %v", got, err)
	}
}

// Whoever checks a key sees that it was retired, or its partner halted, and still who
// vouched for it when it was good.
func TestAnEndedKeyShowsItsEnd(t *testing.T) {
	v := vaulttest.New(t)
	w := partnertest.New(v)
	p := w.Partner()
	one, two := p.Program(), p.Program()
	her := v.Client(v.Keys())
	if err := her.Enrol(t.Context(), statement.Participant, ""); err != nil {
		t.Fatal(err)
	}
	p.Retire(one)
	if got, err := her.VouchedKey(t.Context(), p.ID, one.ID, tokenKey(t, one)); err != nil || !got.Key.Retired || got.Live(v.Clock.Now().Unix()) {
		t.Errorf("retired: %+v, %v", got, err)
	}
	renewed := p.Agreement
	renewed.From, renewed.Until = renewed.Until, renewed.Until+3600
	p.Agree(renewed)
	if n, err := w.Steward.HaltPartner(t.Context(), p.ID); err != nil || n != 2 {
		t.Fatalf("%d halted, %v, want the one in force and the one signed in advance", n, err)
	}
	if got, err := her.VouchedKey(t.Context(), p.ID, two.ID, tokenKey(t, two)); err != nil || !got.Partner.Halted || got.Live(v.Clock.Now().Unix()) {
		t.Errorf("halted: %+v, %v", got, err)
	}
	v.Clock.Forward(366 * 24 * time.Hour)
	if _, err := two.Partner(t.Context()); !errors.Is(err, client.ErrProgram) {
		t.Errorf("when the agreement that was signed in advance begins: %v", err)
	}
	for by, c := range map[string]*client.Client{"steward": w.Steward} {
		list, err := c.Partners(t.Context())
		if err != nil || len(list) != 2 || !list[0].Halted || !list[1].Halted {
			t.Errorf("to a %s: %+v, %v", by, list, err)
		}
	}
}

func tokenKey(t *testing.T, g *partnertest.Program) api.Account {
	t.Helper()
	k, err := g.Public.Parse()
	if err != nil {
		t.Fatal(err)
	}
	return k.Thumbprint()
}

func agreeBody(t *testing.T, a client.Agreement) []byte {
	t.Helper()
	officers := slices.Sorted(slices.Values(a.Officers))
	scopes := slices.Sorted(slices.Values(a.Scopes))
	b, err := json.Marshal(statement.Agree{Partner: a.Partner, Name: a.Name, Officers: officers, Scopes: scopes, From: a.From, Until: a.Until})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
