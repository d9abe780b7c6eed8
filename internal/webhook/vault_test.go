package webhook_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// inbox is a partner's receiver: it verifies what comes with the keys that its program
// was shown, and keeps it.
type inbox struct {
	*httptest.Server
	t    *testing.T
	mu   sync.Mutex
	keys []string
	came chan client.WebhookEvent
}

func newInbox(t *testing.T) *inbox {
	b := &inbox{t: t, came: make(chan client.WebhookEvent, 10_000)}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the sender was killed
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, k := range b.keys { // each of them is enough
			e, err := client.VerifyWebhook([]string{k}, r.Header, body, time.Now())
			if err != nil {
				t.Errorf("%s: %v", k[:6], err)
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			if k == b.keys[0] {
				b.came <- *e
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(b.Close)
	return b
}

// expects notes the keys with which everything has to verify from here on.
func (b *inbox) expects(w *api.Webhook) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.keys = nil
	for _, k := range w.Keys {
		b.keys = append(b.keys, k.Public)
		if k.Secret != "" {
			b.keys = append(b.keys, k.Secret)
		}
	}
}

// next waits for what comes next.
func (b *inbox) next() client.WebhookEvent {
	b.t.Helper()
	select {
	case e := <-b.came:
		return e
	case <-b.t.Context().Done():
	case <-time.After(time.Minute):
	}
	b.t.Fatal("nothing came")
	return client.WebhookEvent{}
}

func here(c *config.Config) { c.Webhooks.IKnowReceiversAreHere = true }

// A program names an endpoint, verifies what comes there, turns its keys, has events
// sent again and deletes it; and nothing of its address or its shared key is in the
// database, in an answer that is kept, or in the log.
func TestAProgramRunsItsWebhooks(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.PostgreSQL} {
		t.Run(string(engine), func(t *testing.T) {
			ctx := t.Context()
			v := vaulttest.New(t, vaulttest.On(engine), vaulttest.With(here))
			p := partnertest.New(v).Partner()
			g := p.Program(partner.Hooks, partner.Follow)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			b := newInbox(t)
			wish := api.WebhookWish{URL: b.URL + "/canary-path?token=canary-token", Types: []string{"partner.halted"}, HMAC: true, Off: true}
			w, err := g.CreateWebhook(ctx, wish)
			must(err)
			b.expects(w)
			secrets := []string{"canary", w.Keys[0].Secret}
			event, err := g.TestWebhook(ctx, w.Webhook)
			must(err)
			wish.Off = false
			w, err = g.ChangeWebhook(ctx, w.Webhook, wish)
			must(err)
			if e := b.next(); e.Event != event || e.Type != "endpoint.test" || e.About != w.Webhook {
				t.Errorf("%+v", e)
			}
			w, err = g.RotateWebhook(ctx, w.Webhook, false)
			must(err)
			if b.expects(w); len(b.keys) != 4 {
				t.Fatalf("%d keys", len(b.keys))
			}
			settle(t, g, w.Webhook)
			if n, err := g.ReplayWebhook(ctx, w.Webhook, api.WebhookReplay{Event: event}); err != nil || n != 1 || b.next().Event != event {
				t.Errorf("%d, %v", n, err)
			}
			if _, err := g.RotateWebhook(ctx, w.Webhook, false); problem(err) != api.ProblemConflict {
				t.Errorf("a third key: %v", err)
			}
			settle(t, g, w.Webhook)
			w, err = g.RotateWebhook(ctx, w.Webhook, true)
			must(err)
			b.expects(w)
			secrets = append(secrets, w.Keys[0].Secret)
			p.Halt()
			if e := b.next(); e.Type != "partner.halted" || e.About != p.ID {
				t.Errorf("%+v", e)
			}
			found := v.Log.String()
			if engine == store.SQLite {
				for _, suffix := range []string{"", "-wal"} {
					raw, err := os.ReadFile(v.Config.Store.Path + suffix)
					must(err)
					found += string(raw)
				}
			}
			for _, s := range secrets {
				if strings.Contains(found, s) {
					t.Errorf("%s is found", s)
				}
			}
			if engine == store.SQLite && !bytes.Contains([]byte(found), []byte(w.Webhook)) {
				t.Error("the search does not reach the database")
			}
		})
	}
}

// settle waits until the receiver's answer is written down.
func settle(t *testing.T, g *partnertest.Program, webhook api.ID) {
	t.Helper()
	for range 1000 {
		all, err := g.WebhookDeliveries(t.Context(), webhook)
		if err != nil {
			t.Fatal(err)
		}
		waiting := 0
		for _, d := range all {
			if d.State == "waiting" {
				waiting++
			}
		}
		if waiting == 0 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatal("something waits for ever")
}

func problem(err error) api.ProblemName {
	var p *api.Problem
	if errors.As(err, &p) {
		return p.Name()
	}
	return ""
}

// What an endpoint is about is nobody's business but its partner's, and a program needs
// the scope; what cannot be named is refused in so many words.
func TestEndpointsAreForThosePrograms(t *testing.T) {
	ctx := t.Context()
	world := partnertest.New(vaulttest.New(t, vaulttest.With(here)))
	one, two := world.Partner(), world.Partner()
	g := one.Program(partner.Hooks)
	w, err := g.CreateWebhook(ctx, api.WebhookWish{URL: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	others := two.Program(partner.Hooks)
	without := one.Program(partner.Deliver)
	for name, try := range map[string]func(*partnertest.Program) error{
		"show": func(g *partnertest.Program) error { _, err := g.Webhook(ctx, w.Webhook); return err },
		"change": func(g *partnertest.Program) error {
			_, err := g.ChangeWebhook(ctx, w.Webhook, api.WebhookWish{URL: "http://127.0.0.1:2/"})
			return err
		},
		"rotate": func(g *partnertest.Program) error { _, err := g.RotateWebhook(ctx, w.Webhook, true); return err },
		"test":   func(g *partnertest.Program) error { _, err := g.TestWebhook(ctx, w.Webhook); return err },
		"replay": func(g *partnertest.Program) error {
			_, err := g.ReplayWebhook(ctx, w.Webhook, api.WebhookReplay{Since: 86400})
			return err
		},
		"deliveries": func(g *partnertest.Program) error { _, err := g.WebhookDeliveries(ctx, w.Webhook); return err },
		"delete":     func(g *partnertest.Program) error { return g.DeleteWebhook(ctx, w.Webhook) },
	} {
		if err := try(others); !errors.Is(err, client.ErrNotFound) {
			t.Errorf("%s by another partner: %v", name, err)
		}
		if err := try(without); problem(err) != api.ProblemScope {
			t.Errorf("%s without the scope: %v", name, err)
		}
	}
	if all, err := others.Webhooks(ctx); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := g.OwedWithdrawals(ctx); problem(err) != api.ProblemScope {
		t.Errorf("withdrawals without the scope: %v", err)
	}
	for _, bad := range []api.WebhookWish{{URL: "http://hooks.example.org/"}, {URL: "https://10.0.0.1/"}, {URL: "https://hooks.example.org:22/"}, {}, {URL: "https://hooks.example.org/", Types: []string{"item.read"}}} {
		if _, err := g.CreateWebhook(ctx, bad); problem(err) != api.ProblemWebhookRefused {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := g.ReplayWebhook(ctx, w.Webhook, api.WebhookReplay{}); problem(err) != api.ProblemBadRequest {
		t.Errorf("a replay of nothing: %v", err)
	}
	for range 7 {
		if _, err := g.CreateWebhook(ctx, api.WebhookWish{URL: "http://127.0.0.1:1/"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.CreateWebhook(ctx, api.WebhookWish{URL: "http://127.0.0.1:1/"}); problem(err) != api.ProblemQuota {
		t.Errorf("a ninth: %v", err)
	}
	if err := g.DeleteWebhook(ctx, w.Webhook); err != nil {
		t.Error(err)
	}
	if err := g.DeleteWebhook(ctx, w.Webhook); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("delete again: %v", err)
	}
}
