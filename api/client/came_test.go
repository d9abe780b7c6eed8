package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
)

// reader is an accredited researcher, whose answers of one kind a liar changes.
func (f *field) reader(lie func(*http.Request, []byte) []byte) *client.Client {
	f.Helper()
	keys := f.v.Keys()
	r := f.v.Client(keys)
	f.must(r.Enrol(f.Context(), statement.Researcher, ""))
	f.must(r.Apply(f.Context(), "Dr. Leyla", "Institute for Listening", "to listen"))
	_, err := f.v.StewardClient().Accredit(f.Context(), r.Account(), 90)
	f.must(err)
	return f.liar(keys, lie)
}

// liar is the same person at a vault whose answers are changed on their way.
func (f *field) liar(keys *client.Keys, lie func(*http.Request, []byte) []byte) *client.Client {
	f.Helper()
	c, err := client.New(client.Config{Server: f.v.URL, Vault: f.v.ID, Keys: keys, Now: f.v.Clock.Now, HTTP: &http.Client{Transport: lying(lie)}})
	f.must(err)
	return c
}

type lying func(*http.Request, []byte) []byte

// RoundTrip implements [http.RoundTripper].
func (l lying) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), api.MediaJSON) {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	body = l(req, body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// toldOf changes what the vault says of how parts came.
func toldOf(f *field, change func(*api.InboxPart)) func(*http.Request, []byte) []byte {
	return func(r *http.Request, body []byte) []byte {
		if r.URL.Path != "/v1/inbox" {
			return body
		}
		var page api.Inbox
		f.must(json.Unmarshal(body, &page))
		for i := range page.Grants {
			for j := range page.Grants[i].Parts {
				change(&page.Grants[i].Parts[j])
			}
		}
		out, err := json.Marshal(page)
		f.must(err)
		return out
	}
}

// A reader learns how a part came by her signature, and who brought it only where she
// lets it be seen; and does not believe a vault that hides or changes it.
func TestAReaderLearnsHowAPartCame(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		f, ctx := newField(t, e), t.Context()
		change := func(*api.InboxPart) {}
		r := f.reader(func(q *http.Request, b []byte) []byte { return toldOf(f, change)(q, b) })
		item, err := f.program.Deliver(ctx, client.Delivery{To: f.place, Gateway: true, Content: client.Bytes("a.txt", "text/plain", []byte("hers"))})
		f.must(err)
		tid, err := f.her.Create(ctx, client.Testimony{Title: "x", Parts: []client.Content{client.Bytes("b.txt", "text/plain", []byte("her own"))}})
		f.must(err)
		_, err = f.her.AdoptItem(ctx, item, tid, nil)
		f.must(err)
		for _, named := range []bool{false, true} {
			change = func(*api.InboxPart) {}
			g, err := f.her.Grant(ctx, client.Offer{Testimony: tid, Parts: []int64{1, 2}, To: r.Account(), NamePartner: named})
			f.must(err)
			came := f.came(r, nil)
			if len(came) != 1 || came[2].Assurance != delivery.Gateway || !came[2].Readable || !came[2].Signed || (came[2].Partner == f.partner.ID) != named || (came[2].Day != 0) != named {
				t.Errorf("named %v: %+v", named, came)
			}
			v, err := r.BroughtBy(ctx, came[2])
			if named && (err != nil || v.Partner.Name != "Women for Memory") || !named && !errors.Is(err, client.ErrNotFound) {
				t.Errorf("named %v: who brought it: %+v, %v", named, v, err)
			}
			for what, lie := range map[string]func(*api.ToldDelivery){
				"something better": func(d *api.ToldDelivery) { d.Assurance, d.Readable = delivery.PartnerDevice, false },
				"a claim":          func(d *api.ToldDelivery) { d.Claimed = true },
				"no note":          func(d *api.ToldDelivery) { d.Note = "" },
				"another note":     func(d *api.ToldDelivery) { d.Note += "A" },
			} {
				if !named && strings.HasSuffix(what, "note") {
					continue
				}
				change = func(p *api.InboxPart) {
					if p.Delivered != nil {
						lie(p.Delivered)
					}
				}
				if f.came(r, client.ErrGrantForged); t.Failed() {
					t.Fatalf("named %v: %s", named, what)
				}
			}
			change = func(p *api.InboxPart) { p.Delivered = nil }
			f.came(r, client.ErrGrantForged)
			// That her own part was brought is the vault's word, and said so.
			change = func(p *api.InboxPart) {
				if p.N == 1 {
					p.Delivered = &api.ToldDelivery{Assurance: delivery.FieldForm, Readable: true, Partner: f.partner.ID}
				}
			}
			if came := f.came(r, nil); came[1].Signed || came[1].Partner != "" {
				t.Errorf("her own part: %+v", came[1])
			}
			_, err = f.her.Revoke(ctx, tid, g.ID)
			f.must(err)
		}
	})
}

// came is how the parts of the one grant came, or the doubt about it.
func (f *field) came(r *client.Client, want error) map[int64]client.Came {
	f.Helper()
	list, err := r.Inbox(f.Context())
	f.must(err)
	if len(list) != 1 || !errors.Is(list[0].Err, want) {
		f.Fatalf("%+v, want %v", list, want)
	}
	return list[0].Came
}

// A vault that shows her items of others, twice, changed, or again after she took them,
// is not believed, and nothing of what it shows can be opened or adopted.
func TestLiesAboutWhatWasBroughtAreRefused(t *testing.T) {
	f, ctx := newField(t, store.SQLite), t.Context()
	keys := f.v.Keys()
	her := f.v.Client(keys)
	inv, err := f.program.InvitePresent(ctx)
	f.must(err)
	f.must(her.Enrol(ctx, statement.Participant, inv.Invitation))
	to := client.Place{Recipient: her.Recipient(), Code: client.InvitedTray(inv.Invitation)}
	var items []api.ID
	for _, text := range []string{"one", "two"} {
		item, err := f.program.Deliver(ctx, client.Delivery{To: to, Content: client.Bytes("a.txt", "text/plain", []byte(text))})
		f.must(err)
		items = append(items, item)
	}
	foreign := f.foreign()
	var page api.Items
	f.must(json.Unmarshal([]byte(f.raw(ctx, her, "GET", "/v1/items").body), &page))
	notes := map[api.ID]string{}
	for _, i := range page.Items {
		notes[i.Item] = i.Note
	}
	change := func(*api.Items) {}
	liar := f.liar(keys, func(r *http.Request, body []byte) []byte {
		if r.URL.Path != "/v1/items" {
			return body
		}
		var page api.Items
		f.must(json.Unmarshal(body, &page))
		change(&page)
		out, err := json.Marshal(page)
		f.must(err)
		return out
	})
	note := func(text string) func(*api.Items) {
		return func(p *api.Items) { p.Items = []api.Item{{Item: items[0], Note: text}} }
	}
	for what, lie := range map[string]func(*api.Items){
		"somebody else's":    note(foreign),
		"one letter changed": note(notes[items[0]][:200] + "A" + notes[items[0]][201:]),
		"nothing":            note(""),
	} {
		change = lie
		f.doubted(liar, items[0], what)
	}
	// Another item's note is a true note: what it names is not what comes.
	change = note(notes[items[1]])
	if _, err := liar.OpenItem(ctx, items[0], nil); !errors.Is(err, client.ErrPartSwapped) {
		f.Errorf("another item's note: %v", err)
	}
	change = func(*api.Items) {}
	tid, err := her.Create(ctx, client.Testimony{Title: "x"})
	f.must(err)
	_, err = her.AdoptItem(ctx, items[0], tid, nil)
	f.must(err)
	change = note(notes[items[0]])
	f.doubted(liar, items[0], "taken before")
}

// foreign is a note for somebody else.
func (f *field) foreign() string {
	f.Helper()
	_, err := f.program.Deliver(f.Context(), client.Delivery{To: f.place, Content: client.Bytes("b.txt", "text/plain", []byte("hers"))})
	f.must(err)
	var page api.Items
	f.must(json.Unmarshal([]byte(f.raw(f.Context(), f.her, "GET", "/v1/items").body), &page))
	return page.Items[0].Note
}

func (f *field) doubted(c *client.Client, item api.ID, what string) {
	f.Helper()
	list, err := c.Items(f.Context())
	if err != nil || len(list) != 1 || !errors.Is(list[0].Err, client.ErrNote) || list[0].Name != "" {
		f.Errorf("%s: %+v, %v", what, list, err)
	}
	if _, err := c.OpenItem(f.Context(), item, nil); !errors.Is(err, client.ErrNote) {
		f.Errorf("%s was opened: %v", what, err)
	}
}
