package byterange_test

import (
	"testing"

	"github.com/relatingfield/vault/internal/byterange"
)

// What is asked for is one stretch of the file, or nothing that is understood.
func TestARangeIsReadAsTheStandardHasIt(t *testing.T) {
	for value, want := range map[string]byterange.Stretch{
		"bytes=0-9": {From: 0, To: 10, Size: 100}, "bytes=90-": {From: 90, To: 100, Size: 100}, "bytes=-5": {From: 95, To: 100, Size: 100}, "bytes=-500": {From: 0, To: 100, Size: 100},
		"bytes=50-500": {From: 50, To: 100, Size: 100}, "bytes=100-": {From: 100, To: 100, Size: 100}, "bytes=-0": {From: 100, To: 100, Size: 100},
	} {
		got, ok := byterange.Parse(value, 100)
		if !ok || got != want || got.Empty() != (want.From >= 100) {
			t.Errorf("%s is read as %+v, %v", value, got, ok)
		}
	}
	for _, value := range []string{"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-9,20-29", "bytes= 0-9", "bytes=+1-2", "items=0-9", "bytes=0-99999999999999999999"} {
		if got, ok := byterange.Parse(value, 100); ok {
			t.Errorf("%q is read as %+v", value, got)
		}
	}
}

// Where a part of a file lies has one spelling.
func FuzzParseContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-9/10", "bytes 0-9/*", "bytes */10", "bytes 5-4/10", "bytes 00-9/10", "bytes 0-9/9", "items 0-9/10", "bytes +0-9/10",
		"bytes 0-9223372036854775807/9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		s, ok := byterange.ParseContentRange([]string{value})
		if ok && (s.From < 0 || s.Empty() || s.To > s.Size || s.ContentRange() != value) {
			t.Errorf("%q is read as %+v", value, s)
		}
		if _, ok := byterange.ParseContentRange([]string{value, value}); ok {
			t.Errorf("%q twice is taken", value)
		}
	})
}

// Whatever is asked for, nothing outside the file is given.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"bytes=0-9", "bytes=-9", "bytes=9-", "bytes=0-0,1-1", "bytes=-9223372036854775807", "bytes=9223372036854775807-"} {
		f.Add(s, int64(100))
	}
	f.Fuzz(func(t *testing.T, value string, size int64) {
		if size < 0 {
			return
		}
		if s, ok := byterange.Parse(value, size); ok && !s.Empty() && (s.From < 0 || s.To > size || s.To <= s.From) {
			t.Errorf("%q of %d is read as %+v", value, size, s)
		}
	})
}
