package grant

import (
	"testing"

	"pgregory.net/rapid"
)

// Merged ranges count every byte once and survive being written down.
func TestSpansCountEachByteOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s spans
		var seen [300]bool
		for range rapid.IntRange(0, 40).Draw(t, "ranges") {
			from := rapid.Int64Range(0, 299).Draw(t, "from")
			to := rapid.Int64Range(from, 300).Draw(t, "to")
			s = s.add(from, to)
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
		back, err := parseSpans(s.String())
		if err != nil || s.total() != want || back.String() != s.String() {
			t.Fatalf("%s: total %d, want %d; read back as %s, %v", s, s.total(), want, back, err)
		}
	})
}

// Many holes are closed from the smallest: more may be told than was fetched,
// never less, and the list stays short.
func TestSpansStayFew(t *testing.T) {
	var s spans
	for i := range int64(500) {
		s = s.add(i*10, i*10+5)
	}
	if len(s) > maxSpans || s.total() < 2500 || s[0].from != 0 || s[len(s)-1].to != 4995 {
		t.Fatalf("%d spans, %d bytes, %d to %d", len(s), s.total(), s[0].from, s[len(s)-1].to)
	}
}

func FuzzParseSpans(f *testing.F) {
	f.Add("0-99,200-299")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSpans(text)
		if err != nil {
			return
		}
		back, err := parseSpans(s.String())
		if err != nil || back.total() != s.total() {
			t.Fatalf("%q reads as %s and then as %s (%v)", text, s, back, err)
		}
	})
}
