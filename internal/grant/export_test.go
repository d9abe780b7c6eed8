package grant

// Spans and what belongs to them, for the tests outside.
type Spans = spans

// MaxSpans is how many ranges are remembered.
const MaxSpans = maxSpans

// ParseSpans reads what String writes.
var ParseSpans = parseSpans

// Add merges a range in.
func (s spans) Add(from, to int64) spans { return s.add(from, to) }

// Total counts each byte once.
func (s spans) Total() int64 { return s.total() }

// From is the first byte of all.
func (s spans) From() int64 { return s[0].from }

// To is the end of the last range.
func (s spans) To() int64 { return s[len(s)-1].to }

// FirstFree places a request in the queue.
var FirstFree = firstFree
