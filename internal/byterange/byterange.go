// Package byterange reads and writes which bytes of a file are meant (RFC 9110,
// section 14).
//
// Promises: a stretch that it gives lies within the file, and is not empty unless
// what was asked for is; a Content-Range has one spelling. Does not: know several
// ranges at once, which nobody needs to go on with a download, nor other units: what
// it does not know is no range, and whoever serves sends the whole file.
package byterange

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Stretch is the bytes from From (included) to To (excluded) of a file of Size bytes.
type Stretch struct{ From, To, Size int64 }

// Parse reads a Range: "bytes=a-b", "bytes=a-" or "bytes=-n", of a file of size bytes.
// What begins behind the end, or holds nothing, has From ≥ To or From ≥ Size.
func Parse(value string, size int64) (s Stretch, ok bool) {
	rest, found := strings.CutPrefix(value, "bytes=")
	first, last, dash := strings.Cut(rest, "-")
	if !found || !dash {
		return Stretch{}, false
	}
	a, errA := Position(first)
	b, errB := Position(last)
	switch {
	case first == "" && errB == nil:
		return Stretch{max(0, size-b), size, size}, true
	case last == "" && errA == nil:
		return Stretch{a, size, size}, true
	case errA == nil && errB == nil && a <= b:
		return Stretch{a, min(b, size-1) + 1, size}, true
	}
	return Stretch{}, false
}

// Empty says whether there is nothing in the stretch that the file has.
func (s Stretch) Empty() bool { return s.From >= s.Size || s.From >= s.To }

var errDigits = errors.New("not digits")

// Position reads digits only: no sign, no space.
func Position(s string) (int64, error) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, errDigits
	}
	return strconv.ParseInt(s, 10, 64)
}

// ContentRange spells a stretch that is not empty.
func (s Stretch) ContentRange() string { return fmt.Sprintf("bytes %d-%d/%d", s.From, s.To-1, s.Size) }

// ParseContentRange reads what ContentRange writes, and nothing else: one value, a
// known size, no sign, space or leading zero.
func ParseContentRange(values []string) (Stretch, bool) {
	if len(values) != 1 {
		return Stretch{}, false
	}
	rest, unit := strings.CutPrefix(values[0], "bytes ")
	first, rest, dash := strings.Cut(rest, "-")
	last, size, slash := strings.Cut(rest, "/")
	a, errA := Position(first)
	b, errB := Position(last)
	n, errN := Position(size)
	s := Stretch{a, b + 1, n}
	if !unit || !dash || !slash || errors.Join(errA, errB, errN) != nil || a > b || b >= n || s.ContentRange() != values[0] {
		return Stretch{}, false
	}
	return s, true
}
