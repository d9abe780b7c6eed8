package strictjson_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/relatingfield/vault/internal/strictjson"
)

type sample struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// Whatever else a lenient decoder would read as the same value is refused: two
// readers can never disagree about a text that both accept.
func TestOnlyOneSpellingOfAValueIsAccepted(t *testing.T) {
	for _, text := range []string{
		`{"n":1,"name":"a"}`, `{"name":"a","n":1} `, ` {"name":"a","n":1}`, `{"name":"a","n":1}{}`,
		`{"Name":"a","n":1}`, `{"name":"a","n":1,"n":1}`, `{"name":"b","name":"a","n":1}`, `{"name":"a"}`,
		`{"name":"a","n":1,"x":2}`, `{"name":"a","n":1.0}`, `{"name":"\u0061","n":1}`, `{"name":"a\/","n":1}`,
		`{"name":"\ud800","n":1}`, `{"name":"\n","n":1}`, "{\"name\":\"\xff\",\"n\":1}", "{\"name\":\"\u2028\",\"n\":1}",
		`{"name":"\u2028","n":1}`, "{\"name\":\"\x7f\",\"n\":1}", "{\"name\":\"\u0085\",\"n\":1}", `{"name":null,"n":1}`,
		`null`, ``, `[]`, `\`, `{"name":"\\u2028","n":1`,
	} {
		if err := strictjson.Decode([]byte(text), &sample{}); !errors.Is(err, strictjson.ErrNotExact) {
			t.Errorf("%q: got %v, want ErrNotExact", text, err)
		}
	}
}

// Names in the languages of the participants, quotes and HTML signs pass as
// they are, as JSON.stringify would write them.
func TestOrdinaryTextIsWrittenAsItIs(t *testing.T) {
	for name, want := range map[string]string{
		"شهادة.txt":        `{"name":"شهادة.txt","n":7}`,
		`a"b\c`:            `{"name":"a\"b\\c","n":7}`,
		"<b>&\u200f\ufffd": "{\"name\":\"<b>&\u200f\ufffd\",\"n\":7}",
	} {
		got, err := strictjson.Encode(sample{name, 7})
		if err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v", name, got, err)
		}
		var back sample
		if err := strictjson.Decode(got, &back); err != nil || back != (sample{name, 7}) {
			t.Errorf("%q: read back as %+v, %v", name, back, err)
		}
	}
}

// What cannot be read back is not written in the first place.
func TestTextThatEncodersSpellDifferentlyIsNotWritten(t *testing.T) {
	for _, name := range []string{"\n", "\x00", "\x7f", "\u0085", "\u2028", "\u2029", "\xff"} {
		if _, err := strictjson.Encode(sample{Name: name}); !errors.Is(err, strictjson.ErrNotExact) {
			t.Errorf("%q: got %v, want ErrNotExact", name, err)
		}
	}
}

func FuzzDecodedTextIsTheOneEncodeWrites(f *testing.F) {
	f.Add([]byte(`{"name":"a","n":1}`))
	f.Add([]byte(`{"name":"\\\"\u0000","n":-0}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var v sample
		if strictjson.Decode(text, &v) != nil {
			return
		}
		if again, err := strictjson.Encode(v); err != nil || !bytes.Equal(again, text) {
			t.Fatalf("accepted %q, writes %q, %v", text, again, err)
		}
	})
}
