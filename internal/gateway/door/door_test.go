package door_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/gateway/door"
	"github.com/relatingfield/vault/internal/secret"
)

// Nobody has an empty secret, and only the very secret is the same.
func TestOnlyTheSecretIsTheSecret(t *testing.T) {
	s := secret.Of([]byte("a secret"))
	for given, want := range map[string]bool{"a secret": true, "a secreT": false, "a secret ": false, "a secre": false, "": false} {
		if door.Same(given, s) != want {
			t.Errorf("%q: %v", given, !want)
		}
	}
	if door.Same("", secret.Bytes{}) || door.Same("", secret.Of(nil)) {
		t.Error("nothing opens what has no secret")
	}
}

// A token is the user's and the password's, and ends with either.
func TestATokenEndsWithItsPassword(t *testing.T) {
	k, p := secret.Of([]byte("key")), secret.Of([]byte("password"))
	one := door.Token(k, "a", p)
	if !one.Equal(door.Token(k, "a", p)) || one.Len() < 40 {
		t.Error("it is not the same twice")
	}
	for _, other := range []secret.Bytes{door.Token(k, "b", p), door.Token(k, "a", secret.Of([]byte("passworx"))), door.Token(secret.Of([]byte("kez")), "a", p)} {
		if one.Equal(other) {
			t.Error("two tokens are the same")
		}
	}
}

// Guesses are few, and come back slowly; a clock that is set back brings none.
func TestGuessesComeBackSlowly(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	g := door.NewGuard(func() time.Time { return now })
	for n := range 10 {
		if g.Wait() != 0 {
			t.Fatalf("after %d guesses", n)
		}
		g.Wrong()
	}
	if w := g.Wait(); w != 6*time.Second {
		t.Errorf("wait %v", w)
	}
	now = now.Add(-time.Hour)
	if g.Wait() == 0 {
		t.Error("a clock that goes back gives guesses away")
	}
	now = now.Add(6 * time.Second)
	if g.Wait() != 0 {
		t.Error("nothing came back")
	}
	g.Wrong()
	if g.Wait() == 0 {
		t.Error("more came back than one")
	}
}

// A request shows a secret in one of three ways, once.
func TestARequestShowsOneSecret(t *testing.T) {
	for header, want := range map[string]string{"Bearer abc": "abc", "abc": "abc", "Basic Zm9vOmJhcg==": "bar", "": "", "Bearer ": "Bearer "} {
		r := &http.Request{Header: http.Header{"Authorization": {header}}}
		got, ok := door.Bearer(r)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", header, got, ok)
		}
	}
	if _, ok := door.Bearer(&http.Request{Header: http.Header{"Authorization": {"Bearer a", "Bearer b"}}}); ok {
		t.Error("two were shown")
	}
	if _, ok := door.Bearer(&http.Request{Header: http.Header{}}); ok {
		t.Error("none was shown")
	}
}
