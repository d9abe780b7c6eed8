package grant_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/relatingfield/vault/internal/grant"
)

// Merged ranges count every byte once and survive being written down.
func TestSpansCountEachByteOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s grant.Spans
		var seen [300]bool
		for range rapid.IntRange(0, 40).Draw(t, "ranges") {
			from := rapid.Int64Range(0, 299).Draw(t, "from")
			to := rapid.Int64Range(from, 300).Draw(t, "to")
			s = s.Add(from, to)
			for i := from; i < to; i++ {
				seen[i] = true
			}
		}
		want := int64(0)
		for _, b := range seen {
			if b {
				want++
			}
		}
		back, err := grant.ParseSpans(s.String())
		if err != nil || s.Total() != want || back.String() != s.String() {
			t.Fatalf("%s: total %d, want %d; read back as %s, %v", s, s.Total(), want, back, err)
		}
	})
}

// Many holes are closed from the smallest: more may be told than was fetched,
// never less, and the list stays short.
func TestSpansStayFew(t *testing.T) {
	var s grant.Spans
	for i := range int64(500) {
		s = s.Add(i*10, i*10+5)
	}
	if len(s) > grant.MaxSpans || s.Total() < 2500 || s.From() != 0 || s.To() != 4995 {
		t.Fatalf("%d spans, %d bytes, %d to %d", len(s), s.Total(), s.From(), s.To())
	}
}

func FuzzParseSpans(f *testing.F) {
	f.Add("0-99,200-299")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := grant.ParseSpans(text)
		if err != nil {
			return
		}
		back, err := grant.ParseSpans(s.String())
		if err != nil || back.Total() != s.Total() {
			t.Fatalf("%q reads as %s and then as %s (%v)", text, s, back, err)
		}
	})
}
