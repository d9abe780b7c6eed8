package phrase_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
)

// of makes the secret with the given hexadecimal bytes.
func of(t testing.TB, text string) phrase.Secret {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := phrase.FromBytes(secret.Of(b))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func draw(t testing.TB) phrase.Secret {
	t.Helper()
	s, err := phrase.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Two draws differ, and a source that runs dry makes no shorter secret.
func TestNewDrawsSixteenFreshBytes(t *testing.T) {
	a, b := draw(t), draw(t)
	if a.Len() != phrase.Size || a.Equal(b) {
		t.Fatalf("length %d, equal %v", a.Len(), a.Equal(b))
	}
	if _, err := phrase.New(iotest.ErrReader(errors.New("dry"))); err == nil {
		t.Error("an empty source made a secret")
	}
	if _, err := phrase.New(strings.NewReader("fifteen bytes..")); err == nil {
		t.Error("a short source made a secret")
	}
}

// A secret is sixteen bytes, neither more nor fewer.
func TestFromBytesRefusesAnotherLength(t *testing.T) {
	for _, n := range []int{0, 15, 17, 32} {
		if _, err := phrase.FromBytes(secret.Of(make([]byte, n))); err == nil {
			t.Errorf("%d bytes were accepted", n)
		}
	}
}

// No card is printed for a secret that is not there.
func TestAnEmptyOrWipedSecretHasNoSpelling(t *testing.T) {
	wiped := draw(t)
	wiped.Wipe()
	for name, s := range map[string]phrase.Secret{"zero": {}, "wiped": wiped} {
		for what, spell := range map[string]func(){
			"words":  func() { phrase.Words(s, phrase.English) },
			"digits": func() { phrase.Digits(s) },
		} {
			if !panics(spell) {
				t.Errorf("%s of a %s secret were spelled", what, name)
			}
		}
	}
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// A secret shows in no verb, no JSON and no log, bare or nested.
func TestASecretIsRedactedEverywhere(t *testing.T) {
	s := of(t, "00112233445566778899aabbccddeeff")
	nested := struct {
		Shown  phrase.Secret
		hidden phrase.Secret
		list   []phrase.Secret
	}{s, s, []phrase.Secret{s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb, s)
		fmt.Fprintf(&out, verb, nested)
		fmt.Fprintf(&out, verb, &nested)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "n", nested)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "n", nested)
	if err := json.NewEncoder(&out).Encode(nested); err != nil {
		t.Fatal(err)
	}
	decimal := strings.Trim(fmt.Sprint(s.Reveal()), "[]")
	for _, form := range []string{"00112233", "AABBCC", "aabbcc", decimal, "17 34 51", string(s.Reveal()[4:8])} {
		if strings.Contains(out.String(), form) {
			t.Errorf("output contains %q", form)
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("output does not contain the redaction mark")
	}
}

// A language is named by its tag, and by no other text.
func TestALanguageHasOneTag(t *testing.T) {
	for _, l := range phrase.Languages() {
		if got, err := phrase.ParseLanguage(l.Tag()); err != nil || got != l {
			t.Errorf("ParseLanguage(%q) = %v, %v", l.Tag(), got, err)
		}
	}
	if _, err := phrase.ParseLanguage("ar"); err == nil {
		t.Error("a language without a list was accepted")
	}
}
