package client

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// ErrWebhook reports a request that is no webhook of the vault's. Answer 400, and do
// nothing that it asks for.
var ErrWebhook = errors.New("this request is no webhook of the vault's, or an old one that somebody sends again")

// webhookAge is by how much the time of a request may differ from the receiver's.
const webhookAge = 5 * time.Minute

// mostWebhookSignatures bounds how many are looked at; the vault sends four at most.
const mostWebhookSignatures = 16

// WebhookEvent is what a webhook says.
type WebhookEvent struct {
	Event api.ID    // the webhook-id: the same when it comes again
	Type  string    // as in docs/webhooks.md; unknown ones may come and are best answered with 204
	Day   time.Time // in which it happened
	About api.ID    // what it is about
}

// VerifyWebhook verifies a request that came to an endpoint: header and body as they
// came, by keys of the endpoint (whpk_ or whsec_), at a time. Keep Event for six days
// and do nothing when it comes again. Nothing of the request is to be believed without
// this; the error is ErrWebhook.
func VerifyWebhook(keys []string, header http.Header, body []byte, now time.Time) (*WebhookEvent, error) {
	e, err := verifyWebhook(keys, header, body, now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWebhook, err)
	}
	return e, nil
}

func verifyWebhook(keys []string, header http.Header, body []byte, now time.Time) (*WebhookEvent, error) {
	var said [3]string
	for i, name := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		values := header.Values(name)
		if len(values) != 1 {
			return nil, fmt.Errorf("it has %s %d times", name, len(values))
		}
		said[i] = values[0]
	}
	event, err := id.Parse(said[0])
	if err != nil {
		return nil, errors.New("its id is not one of the vault's")
	}
	at, err := strconv.ParseInt(said[1], 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != said[1] || now.Sub(time.Unix(at, 0)).Abs() > webhookAge {
		return nil, errors.New("its time is not now: is this machine's clock right?")
	}
	if !signed(keys, said[2], []byte(said[0]+"."+said[1]+"."+string(body))) {
		return nil, errors.New("none of its signatures is of these keys")
	}
	return readWebhook(event, body)
}

// signed tries every key on every signature.
func signed(keys []string, list string, text []byte) bool {
	for _, one := range strings.SplitN(list, " ", mostWebhookSignatures) {
		version, encoded, _ := strings.Cut(one, ",")
		signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil {
			continue
		}
		for _, k := range keys {
			if signedBy(k, version, signature, text) {
				return true
			}
		}
	}
	return false
}

// signedBy uses a key for its own kind of signature only.
func signedBy(key, version string, signature, text []byte) bool {
	kind, encoded, _ := strings.Cut(key, "_")
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case err != nil:
		return false
	case kind == "whpk" && version == "v1a":
		return len(raw) == ed25519.PublicKeySize && ed25519.Verify(raw, text, signature)
	case kind == "whsec" && version == "v1":
		mac := hmac.New(sha256.New, raw)
		mac.Write(text)
		return len(raw) >= 24 && hmac.Equal(mac.Sum(nil), signature)
	}
	return false
}

func readWebhook(event api.ID, body []byte) (*WebhookEvent, error) {
	var said struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      struct {
			ID api.ID `json:"id"`
		} `json:"data"`
	}
	if err := canonical.Request(body, &said); err != nil {
		return nil, errors.New("its body is not what was agreed")
	}
	day, err := time.Parse(time.RFC3339, said.Timestamp)
	if err != nil || said.Type == "" {
		return nil, errors.New("its body is not what was agreed")
	}
	return &WebhookEvent{event, said.Type, day, said.Data.ID}, nil
}
