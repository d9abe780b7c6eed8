package canonical_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/canonical"
)

type doc struct {
	A string `json:"a"`
	B int64  `json:"b"`
	C []sub  `json:"c"`
}

type sub struct {
	D string `json:"d"`
}

// A signed document has one spelling: every other one is refused.
func TestDecodeAcceptsOneSpelling(t *testing.T) {
	good := `{"a":"خبر <b>&\"\\","b":5,"c":[{"d":"x"}]}`
	var d doc
	if err := canonical.Decode([]byte(good), &d); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"white space":     `{"a":"x", "b":5,"c":[]}`,
		"other order":     `{"b":5,"a":"x","c":[]}`,
		"other case":      `{"A":"x","b":5,"c":[]}`,
		"repeated":        `{"a":"x","a":"x","b":5,"c":[]}`,
		"unknown":         `{"a":"x","b":5,"c":[],"e":1}`,
		"missing":         `{"a":"x","b":5}`,
		"null list":       `{"a":null,"b":5,"c":[]}`,
		"trailing":        `{"a":"x","b":5,"c":[]}{}`,
		"number spelling": `{"a":"x","b":5.0,"c":[]}`,
		"escaped letter":  `{"a":"\u0078","b":5,"c":[]}`,
		"lone surrogate":  `{"a":"\ud800","b":5,"c":[]}`,
		"newline":         `{"a":"\n","b":5,"c":[]}`,
		"separator":       "{\"a\":\"\u2028\",\"b\":5,\"c\":[]}",
		"delete":          "{\"a\":\"\x7f\",\"b\":5,\"c\":[]}",
		"broken UTF-8":    "{\"a\":\"\xff\",\"b\":5,\"c\":[]}",
	} {
		if err := canonical.Decode([]byte(bad), new(doc)); err == nil {
			t.Errorf("%s: accepted %s", name, bad)
		}
	}
}

// Encode refuses text that another language would escape differently.
func TestEncodeRefusesAmbiguousText(t *testing.T) {
	for _, s := range []string{"\n", "\x00", "\u2028", "\u2029", "\xff", "\x7f", "\b"} {
		if _, err := canonical.Encode(doc{A: s}); !errors.Is(err, canonical.ErrText) {
			t.Errorf("Encode(%q): %v, want ErrText", s, err)
		}
	}
}

// A request may be spelled freely, but never ambiguously.
func TestRequestRefusesAmbiguity(t *testing.T) {
	var d doc
	if err := canonical.Request([]byte(` {"b": 5, "a":"x"} `), &d); err != nil || d.A != "x" || d.B != 5 {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, bad := range []string{`{"a":"x","a":"y"}`, `{"A":"x"}`, `{"z":1}`, `{"a":"x"} {}`, "{\"a\":\"\xff\"}", `[]`, ``} {
		if err := canonical.Request([]byte(bad), new(doc)); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func FuzzDecodeIsCanonical(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":5,"c":[{"d":"x"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d doc
		if canonical.Decode(b, &d) != nil {
			return
		}
		again, err := canonical.Encode(d)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted %q, which encodes as %q (%v)", b, again, err)
		}
		if !json.Valid(b) {
			t.Fatalf("accepted invalid JSON %q", b)
		}
	})
}

// A body says everything that its type says, or is refused: what is missing, and null,
// is not taken for a zero.
func TestWholeRefusesWhatIsMissing(t *testing.T) {
	type inner struct {
		C bool `json:"c"`
	}
	type outer struct {
		inner
		A    []string `json:"a"`
		B    inner    `json:"b"`
		D    *inner   `json:"d,omitempty"`
		List []inner  `json:"list,omitempty"`
	}
	const good = `{"a":[],"c":true,"b":{"c":false},"list":[{"c":true}]}`
	if err := canonical.Whole([]byte(good), new(outer)); err != nil {
		t.Errorf("%s: %v", good, err)
	}
	for _, bad := range []string{
		`{}`, `null`, `{"a":null,"c":true,"b":{"c":false}}`, `{"a":[],"c":true,"b":{}}`, `{"a":[],"b":{"c":true}}`, `{"a":[null],"c":true,"b":{"c":true}}`,
		`{"a":[],"c":true,"b":{"c":true},"d":null}`, `{"a":[],"c":true,"b":{"c":true},"d":{}}`, `{"a":[],"c":true,"b":{"c":true},"list":[{}]}`,
		`{"a":[],"c":true,"b":null}`, `{"a":[],"c":true,"b":{"c":true},"c":true}`,
	} {
		if canonical.Whole([]byte(bad), new(outer)) == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func FuzzWhole(f *testing.F) {
	f.Add([]byte(`{"a":["x"],"b":{"c":null}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v struct {
			A []string `json:"a"`
			B struct {
				C *bool `json:"c,omitempty"`
			} `json:"b"`
		}
		if canonical.Whole(b, &v) == nil && (v.A == nil || canonical.Request(b, &v) != nil) {
			t.Errorf("%q is read", b)
		}
	})
}
