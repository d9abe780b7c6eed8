package envelope_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/envelope"
)

// A file key shows in no verb, log or JSON, bare or nested where fmt cannot
// call methods.
func TestNoWayOfPrintingRevealsAFileKey(t *testing.T) {
	raw := []byte("sixteen bytes !!")
	key, err := envelope.FileKeyOf(bytes.Clone(raw))
	if err != nil {
		t.Fatal(err)
	}
	nested := struct {
		inner struct{ key envelope.FileKey }
	}{}
	nested.inner.key = key
	var out bytes.Buffer
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %c %b") {
		fmt.Fprintf(&out, verb+verb+verb, key, &key, nested)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", key, "nested", nested)
	text, err := json.Marshal(map[string]any{"key": key})
	out.Write(text)
	if err != nil || !strings.Contains(string(text), "[redacted]") {
		t.Errorf("JSON is %s, %v", text, err)
	}
	for _, form := range []string{string(raw), hex.EncodeToString(raw), strings.Trim(fmt.Sprint(raw), "[]")} {
		if strings.Contains(strings.ToLower(out.String()), form) {
			t.Errorf("output contains %q", form)
		}
	}
}

// No operation works with a key that is none, so a forgotten key cannot seal
// anything under a constant one.
func TestAFileKeyThatIsNoneIsRefusedEverywhere(t *testing.T) {
	var none envelope.FileKey
	_, composed := envelope.ComposeHeader(none, hybrid(t).Recipient())
	_, sealed := envelope.Seal(&bytes.Buffer{}, strings.NewReader("x"), none, [16]byte{}, 1)
	_, short := envelope.FileKeyOf(make([]byte, 15))
	_, ranged := envelope.NewRangeReader(bytes.NewReader(nil), none, envelope.Binding{})
	for what, err := range map[string]error{
		"compose": composed, "seal": sealed, "15 bytes": short, "range": ranged,
		"commitment": envelope.CheckCommit(none, [32]byte{}, [32]byte{}),
		"open":       envelope.OpenPayload(&bytes.Buffer{}, &bytes.Buffer{}, none, envelope.Binding{}),
	} {
		if !errors.Is(err, envelope.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", what, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Commit gave a commitment to nothing")
		}
	}()
	envelope.Commit(none, [32]byte{})
}

// A random source that fails gives no key and no nonce, not a weak one.
func TestWithoutRandomnessThereIsNoKey(t *testing.T) {
	if _, err := envelope.NewFileKey(strings.NewReader("short")); err == nil {
		t.Error("a key was made of five bytes")
	}
	if _, err := envelope.NewNonce(strings.NewReader("short")); err == nil {
		t.Error("a nonce was made of five bytes")
	}
}

// Keys compare by their bytes.
func TestFileKeysCompareByContent(t *testing.T) {
	a, b := newKey(t), newKey(t)
	same, err := envelope.FileKeyOf(bytes.Clone(a.Reveal()))
	if err != nil || !a.Equal(same) || a.Equal(b) {
		t.Fatalf("Equal is wrong, %v", err)
	}
}
