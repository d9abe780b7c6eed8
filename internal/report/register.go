package report

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"time"
)

// Entry is one line of the register of demands and incidents. All its words are
// fixed, so that nobody can be named in it by mistake; letters and names belong into
// the lawyer's file.
type Entry struct {
	N         int64  `json:"n"`
	Before    string `json:"before"` // SHA-256 of the line before, base64url
	Day       string `json:"day"`
	Kind      string `json:"kind"`
	Country   string `json:"country"` // ISO 3166-1, two letters; ZZ where it is nobody's
	Authority string `json:"authority"`
	Accounts  int64  `json:"accounts"` // that were asked for, or concerned
	Answer    string `json:"answer"`
	Replaces  int64  `json:"replaces,omitempty"` // the entry that this one puts right; 0: none
}

// The words of entries.
var (
	Kinds       = []string{"demand", "seizure", "takedown", "incident", "report"}
	Authorities = []string{"court", "prosecutor", "police", "intelligence", "regulator", "company", "person", "none"}
	Answers     = []string{"pending", "nothing-held", "inventory-given", "ciphertext-given", "refused", "contested", "withdrawn", "told", "closed"}
)

// ErrEntry reports an entry that is not one.
var ErrEntry = errors.New("this is no entry of the register")

// ErrBroken reports a register from which something was taken, or in which something
// was changed.
var ErrBroken = errors.New("the register is broken: a line is missing or was changed; look for a copy")

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// Check says what is wrong with an entry, and which words there are.
func (e Entry) Check(today time.Time) error {
	d, err := time.Parse(time.DateOnly, e.Day)
	switch {
	case err != nil || d.After(today):
		return fmt.Errorf("%w: the day is written like 2026-11-23, and is not in the future", ErrEntry)
	case !slices.Contains(Kinds, e.Kind):
		return fmt.Errorf("%w: the kind is one of %v", ErrEntry, Kinds)
	case !country.MatchString(e.Country):
		return fmt.Errorf("%w: the country is two capital letters, ZZ for none", ErrEntry)
	case !slices.Contains(Authorities, e.Authority):
		return fmt.Errorf("%w: the authority is one of %v", ErrEntry, Authorities)
	case !slices.Contains(Answers, e.Answer):
		return fmt.Errorf("%w: the answer is one of %v", ErrEntry, Answers)
	case e.Accounts < 0 || e.Accounts > 1e9:
		return fmt.Errorf("%w: the number of accounts is 0 or more", ErrEntry)
	}
	return nil
}

// Register is a file of entries.
type Register struct{ Path string }

// longest is more than any line of fixed words takes.
const longest = 4 << 10

// Read gives all entries, in order. A file that is not there has none.
func (r Register) Read() ([]Entry, error) {
	list, _, err := r.read()
	return list, err
}

func (r Register) read() (list []Entry, last string, err error) {
	f, err := os.Open(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	return ParseRegister(f)
}

// ParseRegister reads entries and checks that each names the one before it.
func ParseRegister(from io.Reader) (list []Entry, last string, err error) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		var e Entry
		in := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		in.DisallowUnknownFields()
		if err := in.Decode(&e); err != nil {
			return list, last, fmt.Errorf("%w (line %d)", ErrBroken, len(list)+1)
		}
		again, _ := json.Marshal(e) // plain fields: it cannot fail
		if !bytes.Equal(again, lines.Bytes()) || e.Before != last || e.N != int64(len(list))+1 || e.Replaces < 0 || e.Replaces >= e.N || e.Check(farAway) != nil {
			return list, last, fmt.Errorf("%w (line %d)", ErrBroken, len(list)+1)
		}
		list, last = append(list, e), name(lines.Bytes())
	}
	if lines.Err() != nil {
		return list, last, fmt.Errorf("%w (line %d)", ErrBroken, len(list)+1)
	}
	return list, last, nil
}

// farAway lets days pass that were checked when they were written.
var farAway = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func name(line []byte) string {
	sum := sha256.Sum256(line)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Add writes an entry behind the others, and flushes it. It gives the entry as it
// stands there. Two who add at the same moment could break the chain: the register is
// one person's office.
func (r Register) Add(e Entry, today time.Time) (Entry, error) {
	if err := e.Check(today); err != nil {
		return e, err
	}
	list, last, err := r.read()
	if err != nil {
		return e, err
	}
	e.N, e.Before = int64(len(list))+1, last
	if e.Replaces < 0 || e.Replaces >= e.N {
		return e, fmt.Errorf("%w: it replaces an entry before it, 1 to %d", ErrEntry, e.N-1)
	}
	line, err := json.Marshal(e)
	if err != nil {
		return e, err
	}
	f, err := os.OpenFile(r.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return e, err
	}
	_, err = f.Write(append(line, '\n'))
	return e, errors.Join(err, f.Sync(), f.Close())
}
