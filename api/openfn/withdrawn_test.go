package openfn_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/statement"
)

// came is a request as the receiver had it, and what the adaptor is given of it.
type came struct {
	Headers map[string]string `json:"headers"`
	Raw     string            `json:"raw"`
	Keys    []string          `json:"keys"`
	Now     int64             `json:"now,omitempty"`
}

// heard is what the adaptor makes of one.
type heard struct{ ID, Type, Timestamp, About, Failure string }

// receiver is a partner's, on this machine: it believes nothing, and hands on what came.
func receiver(t *testing.T) (url string, requests <-chan came) {
	t.Helper()
	line := make(chan came, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the vault is gone
		}
		c := came{Headers: map[string]string{}, Raw: string(body)}
		for name := range r.Header {
			c.Headers[name] = r.Header.Get(name)
		}
		line <- c
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(s.Close)
	return s.URL, line
}

// withdrawn is an item of the program's that she adopted and took back.
func (w *world) withdrawn(t *testing.T) api.ID {
	t.Helper()
	ctx := t.Context()
	inv, err := w.program.InvitePresent(ctx)
	must(t, err)
	her := w.Vault.Client(w.Vault.Keys())
	must(t, her.Enrol(ctx, statement.Participant, inv.Invitation))
	to := client.Place{Recipient: her.Recipient(), Code: client.InvitedTray(inv.Invitation)}
	item, err := w.program.Deliver(ctx, client.Delivery{To: to, Content: client.Bytes("a.txt", "text/plain", []byte("she read it out"))})
	must(t, err)
	testimony, err := her.Create(ctx, client.Testimony{Title: "x"})
	must(t, err)
	_, err = her.AdoptItem(ctx, item, testimony, nil)
	must(t, err)
	must(t, her.Erase(ctx, testimony))
	return item
}

// She takes back what was brought. A real vault signs the news and sends it; the adaptor
// believes that request and none that differs from it; it owes an answer, gives it, and
// owes nothing more.
func TestTheAdaptorHearsThatSheWithdrewAndAnswers(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	w := newWorld(t, key)
	url, requests := receiver(t)
	hook, err := w.program.CreateWebhook(t.Context(), api.WebhookWish{URL: url, Types: []string{"consent.withdrawn"}})
	must(t, err)
	item := w.withdrawn(t)
	var real came
	select {
	case real = <-requests:
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
	}
	real.Keys = []string{hook.Keys[0].Public}
	verifies(t, w, real, item)

	out := w.live(t, map[string]any{"acknowledge": item})
	if out.Failure != "" || len(out.Owed.Withdrawals) != 1 || out.Owed.Withdrawals[0].Item != item || len(out.Left.Withdrawals) != 0 {
		t.Fatalf("%+v", out)
	}
	if out.Acknowledged.Item != item || out.Acknowledged.Acknowledged == 0 || out.Delivery != out.Acknowledged {
		t.Errorf("acknowledged %+v, then %+v", out.Acknowledged, out.Delivery)
	}
	if out := w.live(t, map[string]any{"acknowledge": w.ID()}); out.Status != http.StatusNotFound || len(out.Owed.Withdrawals) != 0 {
		t.Errorf("what it never brought: %+v", out)
	}
}

// verifies gives the adaptor the request that came and some that somebody else made of it.
func verifies(t *testing.T, w *world, real came, item api.ID) {
	t.Helper()
	with := func(change func(*came)) came {
		c := real
		c.Headers = maps.Clone(real.Headers)
		change(&c)
		return c
	}
	at, err := strconv.ParseInt(real.Headers["Webhook-Timestamp"], 10, 64)
	must(t, err)
	other, _, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	foreign := "whpk_" + base64.StdEncoding.EncodeToString(other)
	names := []string{"as it came", "with an older key beside it", "another item", "an older time", "read long after", "read before it was signed", "another key", "another id", "no signature"}
	all := []came{
		real,
		with(func(c *came) { c.Keys = []string{foreign, real.Keys[0]} }),
		with(func(c *came) { c.Raw = strings.Replace(c.Raw, string(item), string(w.ID()), 1) }),
		with(func(c *came) { c.Headers["Webhook-Timestamp"] = strconv.FormatInt(at-200, 10) }),
		with(func(c *came) { c.Now = at + 301 }),
		with(func(c *came) { c.Now = at - 301 }),
		with(func(c *came) { c.Keys = []string{foreign} }),
		with(func(c *came) { c.Headers["Webhook-Id"] = string(w.ID()) }),
		with(func(c *came) { delete(c.Headers, "Webhook-Signature") }),
	}
	out := w.live(t, map[string]any{"webhooks": all})
	if len(out.Webhooks) != len(all) {
		t.Fatalf("%+v", out)
	}
	day := time.Unix(statement.DayOf(w.Vault.Clock.Now()), 0).UTC().Format(time.RFC3339)
	want := heard{ID: real.Headers["Webhook-Id"], Type: "consent.withdrawn", Timestamp: day, About: string(item)}
	for i, got := range out.Webhooks {
		if i >= 2 {
			want = heard{Failure: "webhook"}
		}
		if got != want {
			t.Errorf("%s: %+v", names[i], got)
		}
	}
}
