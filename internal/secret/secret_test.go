package secret_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/secret"
)

const canary = "canary-9f31"

// outer nests a secret in exported and unexported fields, where reflection
// based printers could reach behind the methods.
type outer struct {
	Key   secret.Bytes
	inner struct{ key secret.Bytes }
	list  []secret.Bytes
	m     map[string]secret.Bytes
	ptr   *secret.Bytes
}

func nested() outer {
	s := secret.Of([]byte(canary))
	o := outer{Key: s, list: []secret.Bytes{s}, m: map[string]secret.Bytes{"k": s}, ptr: &s}
	o.inner.key = s
	return o
}

// A secret shows in no verb, bare or nested, and in no log or JSON.
func TestNoWayOfPrintingRevealsASecret(t *testing.T) {
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U", "%b", "%o", "%t", "%p"} {
		fmt.Fprintf(&out, verb+"\n", secret.Of([]byte(canary)))
		fmt.Fprintf(&out, verb+"\n", nested())
		n := nested()
		fmt.Fprintf(&out, verb+"\n", &n)
	}
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("x", "s", secret.Of([]byte(canary)), "n", nested())
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", secret.Of([]byte(canary)), "n", nested())
	if err := json.NewEncoder(&out).Encode(nested()); err != nil {
		t.Fatal(err)
	}
	decimal := strings.Trim(fmt.Sprint([]byte(canary)), "[]")
	for _, form := range []string{canary, hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))), decimal} {
		if strings.Contains(out.String(), form) {
			t.Errorf("output contains %q", form)
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("output does not contain the redaction mark")
	}
}

// Wipe leaves no byte of the secret in the memory it was given.
func TestWipeOverwrites(t *testing.T) {
	b := []byte(canary)
	s := secret.Of(b)
	s.Wipe()
	if !bytes.Equal(b, make([]byte, len(canary))) || s.Len() != 0 {
		t.Fatalf("after Wipe: %q, length %d", b, s.Len())
	}
}

// Equal tells secrets apart and never needs Reveal.
func TestEqual(t *testing.T) {
	a := secret.Copy([]byte(canary))
	if !a.Equal(secret.Of([]byte(canary))) || a.Equal(secret.Of([]byte("other"))) || a.Equal(secret.Bytes{}) {
		t.Fatal("Equal is wrong")
	}
}
