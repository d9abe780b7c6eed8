package tella

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Chunk is where the bytes of a request stand in their file.
type Chunk struct {
	From, To int64 // both included
	Total    int64
}

// Size is how many bytes it has.
func (c Chunk) Size() int64 { return c.To - c.From + 1 }

// Last tells whether the file ends with it.
func (c Chunk) Last() bool { return c.To == c.Total-1 }

// ParseRange reads "bytes a-b/total" (RFC 9110, section 14.4), in the one spelling
// that the app has: a ≤ b < total, plain decimal numbers.
func ParseRange(s string) (Chunk, error) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, total, ok2 := strings.Cut(rest, "/")
	from, to, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return Chunk{}, errors.New("no range of bytes")
	}
	var c Chunk
	for _, n := range []struct {
		text string
		to   *int64
	}{{from, &c.From}, {to, &c.To}, {total, &c.Total}} {
		v, err := strconv.ParseInt(n.text, 10, 63)
		if err != nil || v < 0 || strconv.FormatInt(v, 10) != n.text {
			return Chunk{}, fmt.Errorf("no range of bytes")
		}
		*n.to = v
	}
	if c.From > c.To || c.To >= c.Total {
		return Chunk{}, errors.New("a range that is none")
	}
	return c, nil
}
