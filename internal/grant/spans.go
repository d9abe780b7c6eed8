package grant

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// span is a range of bytes, from included, to excluded.
type span struct{ from, to int64 }

// spans is a sorted list of ranges that neither overlap nor touch.
type spans []span

// maxSpans bounds what one opening remembers. Beyond it the smallest gap is
// closed: what is told to her may then be more than was fetched, never less.
const maxSpans = 64

// add merges a range in.
func (s spans) add(from, to int64) spans {
	if from >= to {
		return s
	}
	all := append(slices.Clone(s), span{from, to})
	slices.SortFunc(all, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	out := all[:1]
	for _, next := range all[1:] {
		last := &out[len(out)-1]
		if next.from <= last.to {
			last.to = max(last.to, next.to)
			continue
		}
		out = append(out, next)
	}
	for len(out) > maxSpans {
		out = out.closeSmallestGap()
	}
	return out
}

func (s spans) closeSmallestGap() spans {
	best := 1
	for i := 2; i < len(s); i++ {
		if s[i].from-s[i-1].to < s[best].from-s[best-1].to {
			best = i
		}
	}
	s[best-1].to = s[best].to
	return slices.Delete(s, best, best+1)
}

// total counts each byte once.
func (s spans) total() int64 {
	var n int64
	for _, r := range s {
		n += r.to - r.from
	}
	return n
}

// String spells spans as "0-99,200-299", last bytes included as in HTTP.
func (s spans) String() string {
	parts := make([]string, len(s))
	for i, r := range s {
		parts[i] = strconv.FormatInt(r.from, 10) + "-" + strconv.FormatInt(r.to-1, 10)
	}
	return strings.Join(parts, ",")
}

func parseSpans(text string) (spans, error) {
	var out spans
	if text == "" {
		return out, nil
	}
	for _, part := range strings.Split(text, ",") {
		a, b, _ := strings.Cut(part, "-")
		from, errA := strconv.ParseInt(a, 10, 64)
		last, errB := strconv.ParseInt(b, 10, 64)
		if errA != nil || errB != nil || from < 0 || last < from || last == 1<<63-1 {
			return nil, fmt.Errorf("read fetched ranges: %q is not a range", part)
		}
		out = out.add(from, last+1)
	}
	return out, nil
}

func sum32(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}
