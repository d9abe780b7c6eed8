package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// safe says whether nothing in a text could steer a terminal or turn a line.
func safe(text string) bool {
	for _, r := range text {
		if r != '\n' && steers(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}

// What a vault or another person wrote can neither steer the terminal nor
// write a line in this program's name.
func TestNobodyElseWritesOnTheScreen(t *testing.T) {
	for _, hostile := range []string{
		"\x1b]0;owned\a\x1b[2J", "\u009b31m", "fine\n  Everything holds.", "\rtestimony: all is well", "Leyla\u202edaddaH", "\u2066isolated\u2069",
		"a\u2028b\u2029c", "\xff\xfe", "\x7f\x00\x08", "tag\U000e0041\U000e007f", "\ufeffbom", "\ufff9note\ufffa\ufffb",
	} {
		var out bytes.Buffer
		s := newScreen(&out)
		s.sayf("[%s|%v|%v]\n", hostile, errors.New(hostile), fmt.Stringer(stringer(hostile)))
		if got := out.String(); !safe(got) || strings.Count(got, "\n") != 1 {
			t.Errorf("%q shows as %q", hostile, got)
		}
		out.Reset()
		s.text(hostile)
		if got := strings.ReplaceAll(out.String(), "\t", ""); !safe(got) {
			t.Errorf("text %q shows as %q", hostile, got)
		}
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

// What people write in their own scripts is not touched, joiners included.
func TestEveryScriptPassesIntact(t *testing.T) {
	for _, text := range []string{
		"ما أريده ممن يسمع هذه الشهادة هو أن يسمع فقط", "شهادة\u200cای", "мій голос — моє", "دەنگی من", "शब्द\u200d", "👩\u200d👧 e\u0301", "1 < 2 && 3 > 2",
	} {
		var out bytes.Buffer
		s := newScreen(&out)
		s.sayf("%s", text)
		s.text(text)
		if out.String() != text+text {
			t.Errorf("%q shows as %q", text, out.String())
		}
	}
}

// JSON says the same to a program and nothing to a terminal.
func TestJSONIsHarmlessAndUnchanged(t *testing.T) {
	want := map[string]string{"name": "\x1b[31m\u202e\u009b\U000e0041\u2066 شهادة <&>\n\u2028\x7f"}
	var out bytes.Buffer
	p := &program{out: newScreen(&out), json: true}
	if err := p.tell(want, nil); err != nil {
		t.Fatal(err)
	}
	if !safe(out.String()) {
		t.Errorf("unsafe: %q", out.String())
	}
	got := map[string]string{}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["name"] != want["name"] {
		t.Errorf("%q, %v", got["name"], err)
	}
}

// A disk that is full, or a pipe that closed, is not passed over.
func TestAnAnswerThatCannotBeWrittenIsAFailure(t *testing.T) {
	p := &program{out: newScreen(broken{}), err: newScreen(&bytes.Buffer{})}
	p.out.sayf("stored\n")
	if code := p.end(t.Context(), nil); code != exitInternal {
		t.Errorf("it ended with %d", code)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func FuzzScreen(f *testing.F) {
	f.Add("\x1b[2J شهادة \u202e")
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		s := newScreen(&out)
		s.sayf("%s", text)
		if got := out.String(); !safe(got) || strings.Contains(got, "\n") {
			t.Errorf("%q shows as %q", text, got)
		}
		out.Reset()
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.json(quoted); err != nil || !safe(out.String()) || !json.Valid(out.Bytes()) {
			t.Errorf("%q is %q in JSON, %v", text, out.String(), err)
		}
	})
}
