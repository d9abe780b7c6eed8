package api_test

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/relatingfield/vault/api"
)

// Every byte field has one spelling: anything else would give one document two
// digests.
func TestBytesHaveOneSpelling(t *testing.T) {
	var b api.Bytes
	if err := json.Unmarshal([]byte(`"-_8"`), &b); err != nil || b.String() != "-_8" {
		t.Fatalf("%v, %v", b, err)
	}
	for _, bad := range []string{`"+/8"`, `"-_8="`, `"-_9"`, `"-_\n8"`, `"-"`, `" -_8"`} {
		if err := json.Unmarshal([]byte(bad), &b); !errors.Is(err, api.ErrSpelling) {
			t.Errorf("%s: %v, want ErrSpelling", bad, err)
		}
	}
}

// A hash is 32 bytes, no fewer.
func TestHashesAreWhole(t *testing.T) {
	h := api.HashOf([]byte("payload"))
	back, err := api.ParseHash(h.String())
	if err != nil || back != h {
		t.Fatalf("%v, %v", back, err)
	}
	for _, bad := range []string{"", h.String()[1:], h.String() + "A", "=" + h.String()[1:]} {
		if _, err := api.ParseHash(bad); !errors.Is(err, api.ErrSpelling) {
			t.Errorf("%q: %v, want ErrSpelling", bad, err)
		}
	}
}

// A head that was noted on paper reads back to itself and to nothing else.
func TestHeadsReadBack(t *testing.T) {
	h := api.Head{Seq: 17, SHA256: api.HashOf([]byte("statement"))}
	back, err := api.ParseHead(h.String())
	if err != nil || back != h {
		t.Fatalf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "17", "17:", "017:" + h.SHA256.String(), h.String() + "x", "-1:" + h.SHA256.String(), "0:" + h.SHA256.String()} {
		if _, err := api.ParseHead(bad); err == nil {
			t.Errorf("%q was read as a head", bad)
		}
	}
}

// The names and statuses in the code are those of docs/protocol.md section 6.
func TestProblemsAreThoseOfTheProtocol(t *testing.T) {
	page, err := os.ReadFile("../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("`([a-z-]+)` ([45][0-9]{2})").FindAllStringSubmatch(string(page), -1)
	if len(found) < 20 {
		t.Fatalf("found %d problems only", len(found))
	}
	for _, m := range found {
		status, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		name := api.ProblemName(m[1])
		if p := (&api.Problem{Type: name.Type()}); p.Name() != name || name.Status() != status {
			t.Errorf("%s: status %d and name %q, want %d", m[1], name.Status(), p.Name(), status)
		}
	}
	if name := (&api.Problem{Type: "about:blank"}).Name(); name != "" {
		t.Errorf("a foreign problem has the name %q", name)
	}
}

func FuzzParseHead(f *testing.F) {
	f.Add("1:" + api.HashOf(nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := api.ParseHead(s); err == nil && h.String() != s {
			t.Fatalf("%q was read as %s", s, h)
		}
	})
}

func FuzzParseHash(f *testing.F) {
	f.Add(api.HashOf(nil).String())
	f.Fuzz(func(t *testing.T, s string) {
		if h, err := api.ParseHash(s); err == nil && h.String() != s {
			t.Fatalf("%q was read as %s", s, h)
		}
	})
}
