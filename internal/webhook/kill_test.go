package webhook_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/partner"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// The real program is killed in the middle of sending, again and again: nothing is lost,
// and what was under way comes once more for each time it was killed, at most.
func TestAKilledProgramLosesNoEvent(t *testing.T) {
	const events, kills = 40, 3
	ctx := t.Context()
	v := vaulttest.New(t, vaulttest.With(here))
	g := partnertest.New(v).Partner().Program(partner.Hooks)

	var mu sync.Mutex
	came, total, killed := map[string]int{}, 0, 0
	at, held := make(chan int, 10_000), make(chan struct{}, 10_000)
	r := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // its sender was killed
		}
		mu.Lock()
		came[r.Header.Get("webhook-id")]++
		total++
		n, hold := len(came), killed < kills && total%3 == 0
		mu.Unlock()
		if hold { // its sender is killed before it has an answer
			held <- struct{}{}
			<-r.Context().Done()
			return
		}
		at <- n
		w.WriteHeader(http.StatusNoContent)
	}))
	defer r.Close()
	w, err := g.CreateWebhook(ctx, api.WebhookWish{URL: r.URL, Off: true})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for range events {
		event, err := g.TestWebhook(ctx, w.Webhook)
		if err != nil {
			t.Fatal(err)
		}
		want[string(event)] = true
	}
	v.Stop()

	b := vaulttest.Build(t)
	settings := []string{"data_dir=" + v.Config.DataDir, "listen=127.0.0.1:0", "enrolment.pow_bits=4", "webhooks.i_know_receivers_are_here=true"}
	p := b.Serve(settings...)
	now := &vaulttest.Vault{T: t, URL: p.URL, ID: v.ID, Config: v.Config, Clock: v.Clock, Log: p.Log}
	if _, err := g.At(now).ChangeWebhook(ctx, w.Webhook, api.WebhookWish{URL: r.URL}); err != nil {
		t.Fatal(err)
	}
	for range kills {
		<-held
		p.Kill()
		mu.Lock()
		killed++
		mu.Unlock()
		for len(held) > 0 {
			<-held
		}
		p = b.Serve(settings...)
	}
	for n := 0; n < events; {
		n = max(n, <-at)
	}
	p.Stop()
	mu.Lock()
	defer mu.Unlock()
	for event, n := range came {
		if !want[event] || n > 1+kills {
			t.Errorf("%s came %d times", event, n)
		}
	}
	if len(came) != events {
		t.Errorf("%d events came of %d: %d", len(came), events, slices.Collect(maps.Values(came)))
	}
}
