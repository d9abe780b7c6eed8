// Package secret holds bytes that must never be printed.
//
// A Bytes value keeps its content behind a pointer and answers every way of
// printing, encoding or logging with the word [redacted]. The content comes out
// through Reveal alone, so a search for ".Reveal(" is the review of every place
// where a secret is used.
//
// The package does not lock memory and cannot stop the garbage collector from
// having moved a copy: it prevents leaks by code, not by the machine.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Bytes is a secret of any length. The zero value is an empty secret.
//
// Two pointers, not one: where fmt reaches an unexported field it cannot call
// Format, and for a verb that does not fit it prints what one pointer points to.
type Bytes struct{ p **[]byte }

// Of takes b over: the caller must not use b afterwards.
func Of(b []byte) Bytes {
	p := &b
	return Bytes{&p}
}

// Copy makes a secret from a copy of b.
func Copy(b []byte) Bytes { return Of(append([]byte(nil), b...)) }

// Reveal returns the bytes themselves, not a copy.
func (s Bytes) Reveal() []byte {
	if s.p == nil {
		return nil
	}
	return **s.p
}

// Len is the length in bytes.
func (s Bytes) Len() int { return len(s.Reveal()) }

// Equal compares in constant time.
func (s Bytes) Equal(o Bytes) bool {
	return subtle.ConstantTimeCompare(s.Reveal(), o.Reveal()) == 1
}

// Wipe overwrites the bytes with zeros and empties the secret.
func (s Bytes) Wipe() {
	if s.p != nil {
		clear(**s.p)
		**s.p = nil
	}
}

// String implements fmt.Stringer without revealing.
func (s Bytes) String() string { return redacted }

// GoString implements fmt.GoStringer without revealing.
func (s Bytes) GoString() string { return redacted }

// Format implements fmt.Formatter for every verb.
func (s Bytes) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText implements encoding.TextMarshaler without revealing.
func (s Bytes) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON implements json.Marshaler without revealing.
func (s Bytes) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue implements slog.LogValuer without revealing.
func (s Bytes) LogValue() slog.Value { return slog.StringValue(redacted) }
