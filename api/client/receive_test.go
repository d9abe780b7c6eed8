package client_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
)

const (
	hookID   = "k2yqodpmkt5wtqvfgxmjd2u7ya"
	hookTime = "1779026589"
	hookBody = `{"type":"item.taken","timestamp":"2026-05-17T00:00:00Z","data":{"id":"d3vyqkz4r2m5c7xgwt5jn6ahpe"}}`
)

// hooked is a request signed with a key pair and a shared key.
func hooked(body string) (header http.Header, public, shared string) {
	private, mac := ed25519.NewKeyFromSeed(make([]byte, 32)), hmac.New(sha256.New, make([]byte, 32))
	text := hookID + "." + hookTime + "." + body
	mac.Write([]byte(text))
	b64 := base64.StdEncoding.EncodeToString
	header = http.Header{}
	header.Set("webhook-id", hookID)
	header.Set("webhook-timestamp", hookTime)
	header.Set("webhook-signature", "v1a,"+b64(ed25519.Sign(private, []byte(text)))+" v1,"+b64(mac.Sum(nil)))
	return header, "whpk_" + b64(private.Public().(ed25519.PublicKey)), "whsec_" + b64(make([]byte, 32))
}

// A webhook verifies with either of its keys, among others, and says what it says.
func TestAWebhookIsVerified(t *testing.T) {
	header, public, shared := hooked(hookBody)
	now := time.Unix(1779026589+200, 0)
	for _, keys := range [][]string{{public}, {shared}, {"whpk_" + strings.Repeat("A", 43) + "=", public}} {
		e, err := client.VerifyWebhook(keys, header, []byte(hookBody), now)
		if err != nil {
			t.Fatal(err)
		}
		want := client.WebhookEvent{Event: hookID, Type: "item.taken", Day: time.Date(2026, 5, 17, 0, 0, 0, 0, time.UTC), About: "d3vyqkz4r2m5c7xgwt5jn6ahpe"}
		if *e != want {
			t.Errorf("%+v", *e)
		}
	}
}

// Nothing else does: no other key, kind of key, time, id or body, and no header twice.
func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	now := time.Unix(1779026589, 0)
	for name, spoil := range map[string]func(h http.Header, keys *[]string, body *string, now *time.Time){
		"no keys": func(_ http.Header, keys *[]string, _ *string, _ *time.Time) { *keys = nil },
		"another key": func(_ http.Header, keys *[]string, _ *string, _ *time.Time) {
			*keys = []string{"whpk_" + strings.Repeat("A", 43) + "="}
		},
		"short key": func(_ http.Header, keys *[]string, _ *string, _ *time.Time) {
			*keys = []string{"whsec_", "whpk_", "whpk_AAAA", ""}
		},
		"confused kind": func(_ http.Header, keys *[]string, _ *string, _ *time.Time) {
			*keys = []string{"whsec_" + strings.TrimPrefix((*keys)[0], "whpk_")}
		},
		"too late":  func(_ http.Header, _ *[]string, _ *string, now *time.Time) { *now = now.Add(301 * time.Second) },
		"too early": func(_ http.Header, _ *[]string, _ *string, now *time.Time) { *now = now.Add(-301 * time.Second) },
		"body":      func(_ http.Header, _ *[]string, body *string, _ *time.Time) { *body += " " },
		"id": func(h http.Header, _ *[]string, _ *string, _ *time.Time) {
			h.Set("webhook-id", "d3vyqkz4r2m5c7xgwt5jn6ahpe")
		},
		"bad id":       func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Set("webhook-id", "x.y") },
		"time":         func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Set("webhook-timestamp", "1779026590") },
		"time spelled": func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Set("webhook-timestamp", "01779026589") },
		"id twice":     func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Add("webhook-id", hookID) },
		"no signature": func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Del("webhook-signature") },
		"empty one":    func(h http.Header, _ *[]string, _ *string, _ *time.Time) { h.Set("webhook-signature", "v1a, v1,") },
		"many": func(h http.Header, _ *[]string, _ *string, _ *time.Time) {
			h.Set("webhook-signature", strings.Repeat("v1a,AAAA ", 20)+h.Get("webhook-signature"))
		},
	} {
		header, public, shared := hooked(hookBody)
		keys, body, at := []string{public, shared}, hookBody, now
		spoil(header, &keys, &body, &at)
		if _, err := client.VerifyWebhook(keys, header, []byte(body), at); !errors.Is(err, client.ErrWebhook) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever a body says, it is read or refused, and never read in two ways.
func FuzzVerifyWebhook(f *testing.F) {
	f.Add(hookBody)
	f.Add(`{"type":"a","type":"b","timestamp":"2026-05-17T00:00:00Z","data":{"id":"x"}}`)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, body string) {
		header, public, _ := hooked(body)
		e, err := client.VerifyWebhook([]string{public}, header, []byte(body), time.Unix(1779026589, 0))
		if (err == nil) == errors.Is(err, client.ErrWebhook) || err == nil && (e.Type == "" || e.Event != hookID) {
			t.Fatalf("%+v, %v", e, err)
		}
	})
}

// A receiver in a few lines.
func ExampleVerifyWebhook() {
	header, public, _ := hooked(hookBody) // whpk_… of the endpoint
	e, err := client.VerifyWebhook([]string{public}, header, []byte(hookBody), time.Unix(1779026600, 0))
	if err != nil {
		fmt.Println(err) // answer 400
		return
	}
	fmt.Println(e.Type, e.About, e.Day.Format(time.DateOnly))
	// Output: item.taken d3vyqkz4r2m5c7xgwt5jn6ahpe 2026-05-17
}
