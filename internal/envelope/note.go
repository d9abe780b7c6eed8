package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"filippo.io/age"
)

// NoteSize is the plaintext of every note in bytes: its text, spaces, a newline. All
// are alike from outside.
const NoteSize = 4096

// ErrNote: it is not a note, or too long for one.
var ErrNote = errors.New("not a note")

// SealNote writes a reader's note to themselves as a small age file. rand is as for
// SealCard.
func SealNote(text string, to age.Recipient, rand io.Reader) ([]byte, error) {
	if len(text) >= NoteSize || !utf8.ValidString(text) {
		return nil, fmt.Errorf("seal note: %w: it has %d bytes, of %d", ErrNote, len(text), NoteSize-1)
	}
	return sealSmall([]byte(text+strings.Repeat(" ", NoteSize-1-len(text))+"\n"), to, rand)
}

// CheckNote checks without keys that file has the one shape of a note.
func CheckNote(file []byte) (HeaderInfo, error) {
	at := len(file) - int(PayloadSize(NoteSize))
	if at < 0 {
		return HeaderInfo{}, fmt.Errorf("check note: %w: too short", ErrNote)
	}
	info, err := ParseHeader(file[:at])
	if err != nil {
		return HeaderInfo{}, fmt.Errorf("check note: %w: %w", ErrNote, err)
	}
	return info, nil
}

// OpenNote opens a note with one of ids. Nobody signed it: whoever knows the reader's
// recipient can have written it.
func OpenNote(file []byte, ids ...age.Identity) (string, error) {
	if _, err := CheckNote(file); err != nil {
		return "", err
	}
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		return "", fmt.Errorf("open note: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil || len(text) != NoteSize || !utf8.Valid(text) || text[NoteSize-1] != '\n' {
		return "", fmt.Errorf("open note: %w", ErrNote)
	}
	return strings.TrimRight(string(text[:NoteSize-1]), " "), nil
}
