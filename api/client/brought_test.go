package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/delivery"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// field is a vault with a partner whose program brings things, and a woman whom it
// registered while she was present.
type field struct {
	*testing.T
	v       *vaulttest.Vault
	partner *partnertest.Partner
	program *client.Client
	her     *client.Client
	place   client.Place // that the caseworker scanned
}

func newField(t *testing.T, e store.Engine) *field {
	v := vaulttest.New(t, vaulttest.On(e))
	w := partnertest.New(v)
	f := &field{T: t, v: v, partner: w.Partner()}
	f.program = f.partner.Program().Client
	inv, err := f.program.InvitePresent(t.Context())
	f.must(err)
	f.her = v.Client(v.Keys())
	f.must(f.her.Enrol(t.Context(), statement.Participant, inv.Invitation))
	f.place = client.Place{Recipient: f.her.Recipient(), Code: client.InvitedTray(inv.Invitation)}
	return f
}

func (f *field) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *field) photo() (client.Content, []byte) {
	f.Helper()
	files, err := samples.Files("")
	f.must(err)
	in, err := files.Open(samples.Photo)
	f.must(err)
	defer in.Close()
	b, err := io.ReadAll(in)
	f.must(err)
	return client.Bytes(samples.Photo, "", b), b
}

// keep is a sink that keeps what it gets.
type keep struct{ bytes.Buffer }

func (k *keep) Begin(client.PartInfo, int64) (io.Writer, error) { return k, nil }

func engines(t *testing.T, do func(t *testing.T, e store.Engine)) {
	for _, e := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(e), func(t *testing.T) { do(t, e) })
	}
}

// A caseworker registers a woman who is present and delivers a photo sealed to her.
// She opens and adopts it, lets a researcher read it, and takes it back; the partner
// is told, and she sees that it has answered.
func TestWhatACaseworkerBringsBecomesHers(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		f, ctx := newField(t, e), t.Context()
		content, photo := f.photo()
		item, err := f.program.Deliver(ctx, client.Delivery{To: f.place, Content: content})
		f.must(err)
		again, err := f.program.Deliver(ctx, client.Delivery{To: f.place, Content: content, Item: item})
		if !errors.Is(err, client.ErrBrought) || again != item {
			t.Errorf("bringing it twice: %s, %v", again, err)
		}
		list, err := f.her.Items(ctx)
		f.must(err)
		if len(list) != 1 || list[0].Err != nil || list[0].Name != "Women for Memory" || list[0].Assurance != delivery.PartnerDevice || list[0].Readable {
			t.Fatalf("%+v", list[0])
		}
		var seen keep
		_, err = f.her.OpenItem(ctx, item, &seen)
		f.must(err)
		if !bytes.Equal(seen.Bytes(), photo) {
			t.Errorf("she sees %d bytes of %d", seen.Len(), len(photo))
		}
		tid, err := f.her.Create(ctx, client.Testimony{Title: "صورة"})
		f.must(err)
		out, err := f.her.AdoptItem(ctx, item, tid, nil)
		f.must(err)
		shown, err := f.her.Show(ctx, tid)
		f.must(err)
		if b := shown.Details[0].Brought; out.N != 1 || b == nil || b.Assurance != delivery.PartnerDevice || b.Partner != f.partner.ID || b.Readable {
			t.Errorf("%+v, %+v", out, shown.Details[0])
		}
		var own keep
		f.must(f.her.OpenOwn(ctx, tid, 1, &own))
		if !bytes.Equal(own.Bytes(), photo) {
			t.Error("her part holds something else")
		}
		f.state(item, api.DeliveryWaiting)
		f.must(f.her.Erase(ctx, tid))
		f.state(item, api.DeliveryWithdrawn)
		f.answered(item, false)
		_, err = f.program.Acknowledge(ctx, item)
		f.must(err)
		f.answered(item, true)
	})
}

func (f *field) state(item api.ID, want api.DeliveryState) {
	f.Helper()
	d, err := f.program.Delivery(f.Context(), item)
	f.must(err)
	if d.State != want {
		f.Errorf("the partner sees %s, want %s", d.State, want)
	}
}

func (f *field) answered(item api.ID, want bool) {
	f.Helper()
	list, err := f.her.Returns(f.Context())
	f.must(err)
	if len(list) != 1 || list[0].Item != item || (list[0].Acknowledged != 0) != want {
		f.Errorf("she sees %+v", list)
	}
}

// Plaintext that a partner hands over says for ever that the vault sealed it.
func TestPlaintextThatIsDeliveredSaysSo(t *testing.T) {
	f, ctx := newField(t, store.SQLite), t.Context()
	_, err := f.program.DeliverPlain(ctx, client.Delivery{To: f.place, Content: client.Bytes("a.txt", "text/plain", []byte("she read it out"))})
	f.must(err)
	list, err := f.her.Items(ctx)
	f.must(err)
	if len(list) != 1 || list[0].Err != nil || list[0].Assurance != delivery.ByVault || !list[0].Readable {
		t.Fatalf("%+v", list[0])
	}
	tid, err := f.her.Create(ctx, client.Testimony{Title: "x"})
	f.must(err)
	_, err = f.her.AdoptItem(ctx, list[0].ID, tid, nil)
	f.must(err)
	shown, err := f.her.Show(ctx, tid)
	f.must(err)
	if d := shown.Details[0]; !d.Arrived || d.Brought == nil || d.Brought.Assurance != delivery.ByVault {
		t.Errorf("%+v", d)
	}
}

// A partner's holdings go into a collection, whose items say that the partner could
// read them; one is claimed, and the collection has it no more.
func TestACollectionsItemIsClaimed(t *testing.T) {
	engines(t, func(t *testing.T, e store.Engine) {
		f, ctx := newField(t, e), t.Context()
		keys := f.v.Keys()
		opened, err := f.partner.Officers[0].OpenCollection(ctx, f.partner.ID, keys, f.v.Clock.Now().Add(90*24*time.Hour).Unix())
		f.must(err)
		c := f.v.Client(keys)
		if what, err := c.Collection(ctx); err != nil || what.Collection != opened.Collection.Collection || !what.Readable {
			t.Errorf("%+v, %v", what, err)
		}
		if _, err := f.her.Collection(ctx); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("she is a collection: %v", err)
		}
		content, photo := f.photo()
		held, done, err := c.Collect(ctx, samples.Photo, content)
		f.must(err)
		again, there, err := c.Collect(ctx, samples.Photo, content)
		f.must(err)
		if done || !there || again != held {
			t.Errorf("collected %s and then %s, %v, %v", held, again, done, there)
		}
		shown, err := c.Show(ctx, held)
		f.must(err)
		if !shown.Collected {
			t.Error("it does not say that the partner could read it")
		}
		items, err := c.ClaimFor(ctx, f.program, held, f.place)
		f.must(err)
		tid, err := f.her.Create(ctx, client.Testimony{Title: "ماضٍ"})
		f.must(err)
		var seen keep
		out, err := f.her.AdoptItem(ctx, items[0], tid, &seen)
		f.must(err)
		if out.Destroyed != held || !bytes.Equal(seen.Bytes(), photo) {
			t.Errorf("%+v, %d bytes of %d", out, seen.Len(), len(photo))
		}
		hers, err := f.her.Show(ctx, tid)
		f.must(err)
		if b := hers.Details[0].Brought; b == nil || !b.Claimed || !b.Readable {
			t.Errorf("%+v", hers.Details[0])
		}
		if list, err := c.List(ctx); err != nil || len(list) != 0 {
			t.Errorf("the collection still has %v, %v", list, err)
		}
		if _, done, err := c.Collect(ctx, samples.Photo, content); err != nil || !done {
			t.Errorf("collecting what was claimed: %v, %v", done, err)
		}
	})
}

// No token of a partner's, and no keys of its collection, get a byte of what was
// sealed to her, whatever route they are tried on; nor does anybody learn from the
// answers whether a code or an item is there.
func TestAPartnerNeverReadsWhatWasSealedToHer(t *testing.T) {
	f, ctx := newField(t, store.SQLite), t.Context()
	content, _ := f.photo()
	item, err := f.program.Deliver(ctx, client.Delivery{To: f.place, Content: content})
	f.must(err)
	keys := f.v.Keys()
	_, err = f.partner.Officers[0].OpenCollection(ctx, f.partner.ID, keys, f.v.Clock.Now().Add(90*24*time.Hour).Unix())
	f.must(err)
	collection := f.v.Client(keys)
	nothing, err := f.program.NewItem()
	f.must(err)
	for name, as := range map[string]*client.Client{"program": f.program, "collection": collection, "officer": f.partner.Officers[0]} {
		for _, path := range []string{"/v1/items/%/content", "/v1/items/%", "/v1/deliveries/%/content", "/v1/deliveries/%/plaintext",
			"/v1/testimonies/%/parts/1/content", "/v1/testimonies/%", "/v1/inbox/%/parts/1/content", "/v1/inbox/%"} {
			is := f.raw(ctx, as, "GET", strings.Replace(path, "%", string(item), 1))
			not := f.raw(ctx, as, "GET", strings.Replace(path, "%", string(nothing), 1))
			if is.status < 400 || is != not {
				t.Errorf("%s: %s of an item that is there: %d, and of one that is not: %d\n%s\n%s", name, path, is.status, not.status, is.body, not.body)
			}
		}
	}
	if _, err := collection.OpenItem(ctx, item, nil); err == nil {
		t.Error("the collection opened it")
	}
	for name, code := range map[string]string{"unknown": string(nothing), "nonsense": "x", "none": ""} {
		_, err := f.program.Deliver(ctx, client.Delivery{To: client.Place{Recipient: f.place.Recipient, Code: code}, Content: content})
		var p *api.Problem
		if !errors.As(err, &p) || p.Name() != api.ProblemNotFound {
			t.Errorf("%s code: %v", name, err)
		}
	}
}

// answer is all that somebody learns.
type answer struct {
	status int
	body   string
}

func (f *field) raw(ctx context.Context, as *client.Client, method, path string) answer {
	f.Helper()
	req, err := http.NewRequestWithContext(ctx, method, f.v.URL+path, http.NoBody)
	f.must(err)
	_, err = as.Vault(ctx) // for a fresh nonce
	f.must(err)
	token, err := as.Token(ctx)
	f.must(err)
	proof, err := token.Proof(rand.Reader, as.Time().Unix(), method, req.URL.String(), "")
	f.must(err)
	req.Header.Set("Authorization", api.SchemeDPoP+" "+token.Access())
	req.Header.Set(api.HeaderDPoP, proof)
	resp, err := http.DefaultClient.Do(req)
	f.must(err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	f.must(err)
	return answer{resp.StatusCode, string(b)}
}
