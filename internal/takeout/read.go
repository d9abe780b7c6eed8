package takeout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// Index is takeout.json.
type Index struct {
	Vault       string        `json:"vault"` // id, b64
	Account     id.Thumbprint `json:"account"`
	Seq         int64         `json:"seq"` // of the chain's head
	Testimonies []Kept        `json:"testimonies"`
	// Erasures are her erase statements that lost their place in the chain when the
	// vault was restored; absent when there are none.
	Erasures []string `json:"erasures,omitempty"`
}

// Kept says where a testimony lies.
type Kept struct {
	Testimony id.ID  `json:"testimony"`
	Place     string `json:"place"` // 001
}

// line is one entry of statements.jsonl.
type line struct {
	Seq       int64  `json:"seq"`
	SHA256    string `json:"sha256"`
	Statement string `json:"statement,omitempty"`
	Testimony id.ID  `json:"testimony,omitempty"`
}

// Lines spells entries of a chain, one a line.
func Lines(entries []statement.Entry) ([]byte, error) {
	var b bytes.Buffer
	for _, e := range entries {
		text, err := json.Marshal(line{e.Seq, statement.B64(e.Hash[:]), e.Compact, e.Testimony})
		if err != nil {
			return nil, fmt.Errorf("spell statements: %w", err)
		}
		b.Write(append(text, '\n'))
	}
	return b.Bytes(), nil
}

// ReadLines reads what Lines wrote. Whether it is a chain is not its matter.
func ReadLines(r io.Reader) ([]statement.Entry, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 2*statement.MaxSize)
	var out []statement.Entry
	for lines.Scan() {
		var l line
		if err := canonical.Request(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("read statements: line %d: %w", len(out)+1, err)
		}
		hash, err := statement.Hash32(l.SHA256)
		if err != nil {
			return nil, fmt.Errorf("read statements: line %d: %w", len(out)+1, err)
		}
		out = append(out, statement.Entry{Seq: l.Seq, Hash: hash, Compact: l.Statement, Testimony: l.Testimony})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	return out, nil
}

// maxIndex bounds takeout.json in bytes.
const maxIndex = 1 << 20

// place is how a testimony's folder is called: nothing that leads elsewhere.
var place = regexp.MustCompile(`^[0-9]{3,6}$`)

// ReadIndex reads takeout.json out of a folder.
func ReadIndex(dir string) (Index, error) {
	var out Index
	f, err := os.Open(filepath.Join(dir, About))
	if err != nil {
		return out, fmt.Errorf("read takeout: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	if err != nil {
		return out, fmt.Errorf("read takeout: %w", err)
	}
	return ParseIndex(text)
}

// ParseIndex reads the text of takeout.json.
func ParseIndex(text []byte) (Index, error) {
	var out Index
	if len(text) > maxIndex {
		return out, errors.New("read takeout: takeout.json is too long")
	}
	if err := canonical.Request(text, &out); err != nil {
		return out, fmt.Errorf("read takeout: %w", err)
	}
	for _, t := range out.Testimonies {
		if _, err := id.Parse(string(t.Testimony)); err != nil || !place.MatchString(t.Place) {
			return out, errors.New("read takeout: takeout.json is not written as this program writes it")
		}
	}
	return out, nil
}

// ReadStatements reads the chain out of a folder.
func ReadStatements(dir string) ([]statement.Entry, error) {
	f, err := os.Open(filepath.Join(dir, Statements))
	if err != nil {
		return nil, fmt.Errorf("read takeout: %w", err)
	}
	defer f.Close()
	return ReadLines(f)
}
