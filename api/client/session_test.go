package client_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// A stale nonce and a forgotten session are renewed without a word.
func TestSessionsAreRenewedByThemselves(t *testing.T) {
	ctx := context.Background()
	w := clienttest.NewWorld(t)
	c, _ := w.Participant(t)
	if _, err := c.Head(ctx); err != nil {
		t.Fatal(err)
	}
	w.Vault.Nonce = "nonce-2"
	if _, err := c.Head(ctx); err != nil {
		t.Errorf("after the nonce changed: %v", err)
	}
	w.Vault.SignOutAll()
	if _, err := c.Head(ctx); err != nil {
		t.Errorf("after the server forgot the session: %v", err)
	}
	signIns := w.Vault.Asked["POST /v1/session"]
	w.Pass(9 * 60 * 1e9)
	if _, err := c.Head(ctx); err != nil || w.Vault.Asked["POST /v1/session"] != signIns {
		t.Errorf("signed in again too early, or %v", err)
	}
	w.Pass(60 * 1e9)
	if _, err := c.Head(ctx); err != nil || w.Vault.Asked["POST /v1/session"] != signIns+1 {
		t.Errorf("a token at its end was used, or %v", err)
	}
}

// What a session is made of can be handed on by will, never by a stray %v.
func TestATokenIsNotPrinted(t *testing.T) {
	w := clienttest.NewWorld(t)
	c, _ := w.Participant(t)
	token, err := c.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{token, *token, struct{ T *client.Token }{token}} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, token.Access()) {
				t.Errorf("%s prints %s", verb, s)
			}
		}
	}
	b, err := token.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var back client.Token
	if err := back.UnmarshalJSON(b); err != nil || back.Access() != token.Access() {
		t.Fatal(err)
	}
	proof, err := back.Proof(bytes.NewReader(make([]byte, 64)), w.Now().Unix(), http.MethodGet, w.URL+"/v1/statements?after=0", "")
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, w.URL+"/v1/statements?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "DPoP "+back.Access())
	req.Header.Set(api.HeaderDPoP, proof)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a token that was handed on is answered with %s", resp.Status)
	}
}

// Only private lines may be plain http, and an address has no path or user.
func TestAddressesThatAreNotSafeAreRefused(t *testing.T) {
	for address, good := range map[string]bool{
		"https://vault.example":       true,
		"https://vault.example:8443/": true,
		"http://127.0.0.1:8080":       true,
		"http://[::1]:8080":           true,
		"http://localhost:8080":       true,
		"http://abcdefghij.onion":     true,
		"http://vault.example":        false,
		"http://127.0.0.1.example":    false,
		"https://a:b@vault.example":   false,
		"https://vault.example/x":     false,
		"https://vault.example?x":     false,
		"vault.example":               false,
		"ftp://vault.example":         false,
		"":                            false,
	} {
		if _, err := client.New(client.Config{Server: address, Vault: api.HashOf(nil)}); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := client.New(client.Config{Server: "https://vault.example"}); err == nil {
		t.Error("a client without a vault id")
	}
}
