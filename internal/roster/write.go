package roster

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// Terms are what people decide when they write a roster.
type Terms struct {
	Threshold int       // how many stewards must agree, 1 to their number
	Stewards  []Steward // 1 to 32, in any order, each key once
	Farewell  *Farewell // nil: the vault stays
}

// Found writes a founding document. The vault exists as soon as somebody uses
// the document's [ID]; nobody signs it, because the id already fixes it.
func Found(rand io.Reader, now time.Time, practice bool, t Terms) ([]byte, error) {
	b, err := write(rand, now, Document{Practice: practice}, t)
	if err != nil {
		return nil, fmt.Errorf("found a vault: %w", err)
	}
	return b, nil
}

// Change writes the document that follows this roster. It takes effect when as
// many stewards as the threshold of r have signed a statement over it.
func (r *Roster) Change(rand io.Reader, now time.Time, t Terms) ([]byte, error) {
	next := Document{Practice: r.Practice(), Seq: r.Seq() + 1, Prev: b64(r.head[:])}
	b, err := write(rand, now, next, t)
	if err == nil {
		next.Day, next.Farewell = now.UTC().Format(dayFormat), t.Farewell
		err = early(r.document, &next)
	}
	if err != nil {
		return nil, fmt.Errorf("change the roster: %w", err)
	}
	return b, nil
}

func write(rand io.Reader, now time.Time, d Document, t Terms) ([]byte, error) {
	nonce := make([]byte, nonceSize)
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, fmt.Errorf("draw a nonce: %w", err)
	}
	d.Type = docType
	d.Nonce = b64(nonce)
	d.Day = now.UTC().Format(dayFormat)
	d.Threshold = t.Threshold
	d.Farewell = t.Farewell
	d.Stewards = slices.SortedFunc(slices.Values(t.Stewards), func(a, b Steward) int { return cmp.Compare(a.Key, b.Key) })
	return d.encode()
}
