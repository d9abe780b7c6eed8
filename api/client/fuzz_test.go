package client_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
)

// Whatever is typed, a card is read or refused; an error never repeats it.
func FuzzParseSecret(f *testing.F) {
	f.Add("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about")
	f.Add("00000 00000 00000 00000 00000 00000 00000 00000")
	f.Fuzz(func(t *testing.T, card string) {
		s, err := client.ParseSecret(card)
		if err != nil {
			if len(card) > 12 && strings.Contains(err.Error(), card) {
				t.Fatalf("the error repeats what was typed: %v", err)
			}
			return
		}
		if back, err := client.ParseSecret(client.Digits(s)); err != nil || !back.Equal(s) {
			t.Fatalf("its digits are another secret's: %v", err)
		}
	})
}

// A session that is handed on is read whole or not at all.
func FuzzTokenUnmarshalJSON(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","origin":"http://localhost","nonce":"n","clock_ahead":1,"proof_key":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var token client.Token
		if json.Unmarshal(b, &token) != nil || token.Access() == "" {
			return
		}
		if _, err := json.Marshal(&token); err != nil {
			t.Fatal(err)
		}
	})
}

// A link to a next page is followed within the vault only.
func FuzzNextPage(f *testing.F) {
	for _, s := range []string{`</v1/inbox?after=x>; rel="next"`, `<https://elsewhere.example/v1/inbox>; rel="next"`, `<//elsewhere/v1/x>; rel="next"`,
		`</v1/a>; rel="prev", </v1/b>; rel="next"`, `</v1/../etc>; rel="next"`, `</v1/@elsewhere/>;rel="next"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, link string) {
		if next := client.NextPage(link); next != "" && !strings.HasPrefix(next, "/v1/") {
			t.Fatalf("%q leads to %q", link, next)
		}
	})
}
