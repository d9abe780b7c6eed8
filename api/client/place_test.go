package client_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// somePlace is a tray's code and the recipient of fresh keys.
func somePlace(t testing.TB) (api.Hash, client.Place) {
	t.Helper()
	s, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	vault := api.HashOf([]byte("a vault"))
	keys, err := client.KeysFor(s, vault)
	if err != nil {
		t.Fatal(err)
	}
	code, err := client.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return vault, client.Place{Recipient: keys.Recipient, Code: string(code)}
}

// What her phone shows is read back, in capitals or not, and fits the square that it
// draws.
func TestTheLineOfATrayIsReadAsItWasWritten(t *testing.T) {
	vault, place := somePlace(t)
	line := place.Line(vault)
	if len(line) > 2132 {
		t.Errorf("%d characters", len(line))
	}
	for _, text := range []string{line, strings.ToLower(line), "\n" + line + " \n"} {
		gotVault, got, err := client.ReadPlace(text)
		if err != nil || gotVault != vault || got != place {
			t.Errorf("%q: %v", text[:20], err)
		}
	}
	for what, text := range map[string]string{"nothing": "", "another begin": "TRAY2" + line[5:], "cut": line[:len(line)-1], "a code cut": strings.Replace(line, "/"+strings.ToUpper(place.Code[:1]), "/", 1),
		"a letter changed": line[:200] + "B" + line[201:], "more behind": line + "/X", "spaces": strings.ReplaceAll(line, "/", " / ")} {
		if _, _, err := client.ReadPlace(text); !errors.Is(err, client.ErrPlace) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Whatever is read spells itself in one line.
func FuzzReadPlace(f *testing.F) {
	vault, place := somePlace(f)
	f.Add(place.Line(vault))
	f.Add("TRAY1///")
	f.Fuzz(func(t *testing.T, text string) {
		vault, place, err := client.ReadPlace(text)
		if err != nil {
			return
		}
		if place.Line(vault) != strings.ToUpper(strings.TrimSpace(text)) {
			t.Fatalf("%q is spelled %q", text, place.Line(vault))
		}
	})
}
