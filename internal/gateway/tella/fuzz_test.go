package tella_test

import (
	"bytes"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/relatingfield/vault/internal/gateway/tella"
)

// A range has one spelling, and stands within its file.
func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes 0-0/1", "bytes 99999-199998/1234567", "bytes 0-9/*", "bytes=0-9/10", "bytes 9-0/10", "bytes 0-10/10", "bytes -1-2/3", "bytes 00-1/2", "bytes 0-9223372036854775807/9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := tella.ParseRange(s)
		if err != nil {
			return
		}
		if again := fmt.Sprintf("bytes %d-%d/%d", c.From, c.To, c.Total); again != s {
			t.Errorf("%q was read as %q", s, again)
		}
		if c.From < 0 || c.Size() < 1 || c.To >= c.Total || c.Last() != (c.To+1 == c.Total) {
			t.Errorf("%q: %+v", s, c)
		}
	})
}

// A report's words are kept as they are, and nothing else of the request.
func FuzzParseReport(f *testing.F) {
	for _, s := range []string{`{"title":"x","description":"y"}`, `{"title":"x","description":null}`, `{"title":"x","title":"y"}`, `{"Title":"x"}`, `[]`, `{"title":"\ud800"}`, `{"projectId":"z","title":"ما"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := tella.ParseReport(b)
		if err == nil && (!utf8.Valid(text) || !bytes.HasSuffix(text, []byte("\n")) || len(bytes.TrimSpace(text)) == 0) {
			t.Errorf("%q was kept as %q", b, text)
		}
	})
}
