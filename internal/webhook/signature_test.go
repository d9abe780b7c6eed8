package webhook_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/store"
	"github.com/relatingfield/vault/internal/webhook"
)

// asymmetric verifies v1a by the letter of Standard Webhooks, with nothing of ours.
func asymmetric(public string, q request) bool {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || len(raw) != ed25519.PublicKeySize || !strings.HasPrefix(public, "whpk_") {
		return false
	}
	text := q.header.Get("webhook-id") + "." + q.header.Get("webhook-timestamp") + "." + string(q.body)
	for _, s := range strings.Split(q.header.Get("webhook-signature"), " ") {
		version, encoded, _ := strings.Cut(s, ",")
		signature, err := base64.StdEncoding.DecodeString(encoded)
		if version == "v1a" && err == nil && ed25519.Verify(raw, []byte(text), signature) {
			return true
		}
	}
	return false
}

// symmetric has the official library verify v1, the only version it knows.
func symmetric(shared secret.Bytes, q request) bool {
	wh, err := standardwebhooks.NewWebhook(string(shared.Reveal()))
	return err == nil && wh.VerifyIgnoringTimestamp(q.body, q.header) == nil
}

func (w *world) rotate(endpoint id.ID, atOnce bool) (e webhook.Endpoint, err error) {
	err = w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		e, err = w.q.Rotate(ctx, tx, w.partner, endpoint, atOnce)
		return err
	})
	return e, err
}

// send has one event sent and gives the request.
func (w *world) send(r *receiver) request {
	w.t.Helper()
	w.put(webhook.Expired)
	w.deliver(w.q)
	all := r.requests()
	return all[len(all)-1]
}

// Whoever knows the public key can verify, and whoever wants a shared key gets one that
// the official library verifies with.
func TestRequestsAreSigned(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL})
		q := w.send(r)
		if !asymmetric(e.Keys[0].Public, q) {
			w.t.Error("the signature does not verify with the public key")
		}
		if strings.Contains(q.header.Get("webhook-signature"), "v1,") || e.Keys[0].Shared.Len() > 0 {
			w.t.Error("there is a shared key that nobody wanted")
		}
		for name, forge := range map[string]func(q *request){
			"body":      func(q *request) { q.body = bytes.Replace(q.body, []byte("expired"), []byte("refused"), 1) },
			"id":        func(q *request) { q.header.Set("webhook-id", string(w.id())) },
			"timestamp": func(q *request) { q.header.Set("webhook-timestamp", "1") },
		} {
			forged := request{q.header.Clone(), bytes.Clone(q.body), q.path}
			if forge(&forged); asymmetric(e.Keys[0].Public, forged) {
				w.t.Errorf("another %s verifies as well", name)
			}
		}
		r2 := w.receive(nil)
		both := w.endpoint(webhook.Wish{URL: r2.URL, HMAC: true})
		q = w.send(r2)
		if !asymmetric(both.Keys[0].Public, q) || !symmetric(both.Keys[0].Shared, q) {
			w.t.Error("one of the two signatures does not verify")
		}
		if both.Keys[0].Public == e.Keys[0].Public || symmetric(both.Keys[0].Shared, request{q.header, []byte("{}"), ""}) {
			w.t.Error("a signature says nothing")
		}
	})
}

// The official library also takes the time of a request: it is that of the attempt.
func TestTheOfficialLibraryTakesTheTime(t *testing.T) {
	each(t, func(w *world) {
		w.later(time.Since(start)) // it has a clock of its own
		verified := make(chan error, 1)
		var e webhook.Endpoint
		r := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			var body bytes.Buffer
			_, err := body.ReadFrom(req.Body)
			wh, err2 := standardwebhooks.NewWebhook(string(e.Keys[0].Shared.Reveal()))
			verified <- errors.Join(err, err2, wh.Verify(body.Bytes(), req.Header))
		}))
		defer r.Close()
		e = w.endpoint(webhook.Wish{URL: r.URL, HMAC: true})
		w.put(webhook.Expired)
		w.deliver(w.q)
		w.must(<-verified)
	})
}

// While keys are rotated both sign, the new one first; then the old one no more. A key
// that somebody else may have is ended at once.
func TestKeysAreRotatedWithAnOverlap(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		first := w.endpoint(webhook.Wish{URL: r.URL, HMAC: true})
		second, err := w.rotate(first.ID, false)
		w.must(err)
		if len(second.Keys) != 2 || second.Keys[1].Public != first.Keys[0].Public || second.Keys[1].Until != start.Add(day).Unix() || second.Keys[0].Public == first.Keys[0].Public {
			w.t.Fatalf("%+v after %+v", second.Keys, first.Keys)
		}
		q := w.send(r)
		if n := len(strings.Fields(q.header.Get("webhook-signature"))); n != 4 {
			w.t.Errorf("%d signatures", n)
		}
		for _, k := range second.Keys {
			if !asymmetric(k.Public, q) || !symmetric(k.Shared, q) {
				w.t.Error("one of the keys does not verify")
			}
		}
		if _, err := w.rotate(first.ID, false); !errors.Is(err, webhook.ErrRotating) {
			w.t.Errorf("a third key: %v", err)
		}
		w.later(day)
		if q = w.send(r); asymmetric(first.Keys[0].Public, q) || !asymmetric(second.Keys[0].Public, q) || len(w.look(first.ID).Keys) != 1 {
			w.t.Error("the old key signs after its end, or the new one does not")
		}
		third, err := w.rotate(first.ID, true)
		w.must(err)
		if q = w.send(r); asymmetric(second.Keys[0].Public, q) || !asymmetric(third.Keys[0].Public, q) || len(third.Keys) != 1 {
			w.t.Error("a key that was ended at once signs")
		}
	})
}

// The server's secret is rotated without a receiver noticing, as long as the old one is
// listed; an endpoint moves to the new one with its own next rotation. Without the old
// one nothing is sent that nobody could verify, and nothing is lost.
func TestTheServersSecretCanBeReplaced(t *testing.T) {
	each(t, func(w *world) {
		r := w.receive(nil)
		e := w.endpoint(webhook.Wish{URL: r.URL})
		before := w.q.Roots[0]
		w.q.Roots = []secret.Bytes{secret.Of([]byte("another secret of the same server")), before}
		if !asymmetric(e.Keys[0].Public, w.send(r)) {
			w.t.Error("the key changed with the server's secret")
		}
		w.q.Roots = w.q.Roots[:1]
		w.put(webhook.Expired)
		n := len(r.requests())
		if w.deliver(w.q); len(r.requests()) != n || w.look(e.ID).URL.Len() != 0 {
			w.t.Error("something was sent without the secret")
		}
		w.q.Roots = append(w.q.Roots, before)
		w.later(time.Minute)
		w.deliver(w.q)
		moved, err := w.rotate(e.ID, false)
		w.must(err)
		q := w.send(r)
		if !asymmetric(e.Keys[0].Public, q) || !asymmetric(moved.Keys[0].Public, q) {
			w.t.Error("one of the keys does not sign after the move")
		}
		w.later(day)
		w.q.Roots = w.q.Roots[:1]
		if !asymmetric(moved.Keys[0].Public, w.send(r)) {
			w.t.Error("the endpoint still needs the old secret")
		}
	})
}
