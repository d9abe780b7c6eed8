package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"golang.org/x/term"
)

// screen writes to a terminal, file or pipe. Nothing that comes from elsewhere
// can steer it: whatever is put into a sentence loses its control characters
// (escape sequences begin with one), its line breaks (a title could otherwise
// write lines in our name) and the marks that turn the order of text around, and
// shows U+FFFD where they were. Letters of every script, and the joiners they
// need, pass as they are.
type screen struct {
	w        io.Writer
	terminal bool
	failed   error // the first error of w
}

func newScreen(w io.Writer) *screen {
	f, ok := w.(interface{ Fd() uintptr })
	return &screen{w: w, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// sayf prints a sentence of ours with things of others in it.
func (s *screen) sayf(format string, args ...any) {
	for i, a := range args {
		args[i] = harmless(a)
	}
	s.write(fmt.Sprintf(format, args...))
}

// explained prints a line of package explain, which has made harmless what is in
// it and isolates it from the rest: the isolates must reach the screen.
func (s *screen) explained(line string) { s.write("  " + line + "\n") }

// text prints somebody's text of several lines.
func (s *screen) text(text string) {
	s.write(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return tame(r)
	}, text))
}

// json prints JSON, in which what could steer a terminal stands escaped.
func (s *screen) json(text []byte) error {
	var b strings.Builder
	for _, r := range string(text) {
		switch {
		case r == '\n' || !steers(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	s.write(b.String() + "\n")
	return s.failed
}

func (s *screen) write(text string) {
	if _, err := io.WriteString(s.w, text); err != nil && s.failed == nil {
		s.failed = fmt.Errorf("write the answer: %w", err)
	}
}

// harmless leaves numbers and truth values as they are and makes everything else
// a line of text.
func harmless(a any) any {
	switch v := a.(type) {
	case bool, int, int64:
		return v
	case error:
		return line(v.Error())
	}
	return line(fmt.Sprint(a))
}

// line makes one harmless line of s.
func line(s string) string { return strings.Map(tame, s) }

func tame(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return ' '
	case steers(r):
		return '\uFFFD'
	}
	return r
}

// steers says whether a character does anything but show itself.
func steers(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL and C1: escape sequences
	case r == 0x2028, r == 0x2029: // line and paragraph separators
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // bidi embeddings, overrides and isolates
	case r >= 0xfff9 && r <= 0xfffb, r == 0xfeff: // annotations, byte order mark
	case r >= 0xe0000 && r <= 0xe007f: // tags, which show as nothing
	default:
		return false
	}
	return true
}
