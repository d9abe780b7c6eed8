// Package canarytest looks for what must not be anywhere: plaintext that was
// marked beforehand, in every file that a server could have left behind.
//
// Promises: a mark is found wherever 31 of its bytes in a row stand in a file, a
// log or a file's name, in any of the spellings of [Spellings]: as they are, in
// base64 at each alignment, base32, hexadecimal, UTF-16, and escaped as JSON, Go
// and URLs escape. Each of these has a test that hides a mark and wants it found,
// because a search that cannot find anything finds nothing.
//
// Assumes: marks are of high entropy (random words, or media that is compressed
// already), so that a compressor stores them as they are. Does not: break
// encryption, read the memory of a process, or follow links.
package canarytest

import (
	"fmt"
	"io"
	"slices"
)

// width is the size in bytes of the window that is compared. Whoever keeps less
// than two windows of a mark has kept no sentence.
const width = 16

// Mark is something that must not be found.
type Mark struct {
	Name string // what it is, for the report
	Data []byte
}

// Find is a place where a mark stands.
type Find struct {
	Where    string
	At       int64 // of the window's first byte
	Mark     string
	Spelling string
}

// String is one line of a report.
func (f Find) String() string {
	return fmt.Sprintf("%s, byte %d: %s in %s", f.Where, f.At, f.Mark, f.Spelling)
}

// Scanner looks for marks. It is safe for concurrent use once made.
type Scanner struct {
	windows map[[width]byte]origin
	maybe   []uint64 // a bit for each window's hash: most of a file is refused by it
}

// origin says what a window is a piece of.
type origin struct{ mark, spelling string }

// New makes a scanner. A mark too plain to be told from chance is an error.
func New(marks ...Mark) (*Scanner, error) {
	s := &Scanner{windows: map[[width]byte]origin{}, maybe: make([]uint64, 1<<(filterBits-6))}
	for _, m := range marks {
		for _, sp := range Spellings() {
			if n := s.learn(m, sp); n == 0 && sp.Must(m.Data) {
				return nil, fmt.Errorf("mark %s in %s has nothing to look for: make it longer or less plain", m.Name, sp.Name)
			}
		}
	}
	return s, nil
}

// learn adds the windows of one spelling of a mark: all of a short one, of a
// long one every 16th, one of which lies in any 31 bytes.
func (s *Scanner) learn(m Mark, sp Spelling) int {
	n := 0
	for _, form := range sp.Forms(m.Data) {
		stride := width
		if len(form) <= 4<<10 {
			stride = 1
		}
		for at := 0; at+width <= len(form); at += stride {
			w := [width]byte(form[at:])
			if plain(w) {
				continue
			}
			n++
			if _, ok := s.windows[w]; !ok {
				s.windows[w] = origin{m.Name, sp.Name}
				bit := bitOf(hashOf(w[:]))
				s.maybe[bit/64] |= 1 << (bit % 64)
			}
		}
	}
	return n
}

// plain windows, of few different bytes, stand everywhere.
func plain(w [width]byte) bool {
	different := w
	slices.Sort(different[:])
	return len(slices.Compact(different[:])) < 6
}

// most is how many finds one place reports: one is a failure already.
const most = 5

// Read looks through r, which where names in the report.
func (s *Scanner) Read(where string, r io.Reader) ([]Find, error) {
	var found []Find
	err := rolling(r, func(at int64, hash uint64, window []byte) bool {
		if bit := bitOf(hash); s.maybe[bit/64]&(1<<(bit%64)) == 0 {
			return true
		}
		if o, ok := s.windows[[width]byte(window)]; ok {
			found = append(found, Find{where, at, o.mark, o.spelling})
		}
		return len(found) < most
	})
	if err != nil {
		return found, fmt.Errorf("look through %s: %w", where, err)
	}
	return found, nil
}
