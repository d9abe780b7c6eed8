package journal

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Head is a line of a node's journal: its number, its hash, and the signature by
// which anybody can tell later that this vault's journal has been that far. Kept
// on paper or by another organisation, it finds a journal that was rolled back
// together with its database.
type Head struct {
	Node string
	Seq  int64
	Hash [sha256.Size]byte
	Sig  [ed25519.SignatureSize]byte
}

// ErrHead reports text that is not a head.
var ErrHead = errors.New("this is not a head of a journal: it is NODE NUMBER HASH SIGNATURE, as testimonyd journal head prints it")

// String spells the head on one line: node, number, hash, signature.
func (h Head) String() string {
	return h.Node + " " + strconv.FormatInt(h.Seq, 10) + " " + b64(h.Hash[:]) + " " + b64(h.Sig[:])
}

// ParseHead reads exactly what String writes, or reports ErrHead.
func ParseHead(line string) (Head, error) {
	f := strings.Split(line, " ")
	if len(f) != 4 || !NodeName(f[0]) {
		return Head{}, ErrHead
	}
	h := Head{Node: f[0]}
	var err error
	if h.Seq, err = strconv.ParseInt(f[1], 10, 64); err != nil || h.Seq < 1 {
		return Head{}, ErrHead
	}
	if !unb64(h.Hash[:], f[2]) || !unb64(h.Sig[:], f[3]) || h.String() != line {
		return Head{}, ErrHead
	}
	return h, nil
}

// ParseHeads reads heads, one a line; empty lines and those that begin with # are
// for people.
func ParseHeads(text string) ([]Head, error) {
	var out []Head
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		h, err := ParseHead(line)
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
		out = append(out, h)
	}
	return out, nil
}

// NodeName says whether a text can name a node, and so a folder.
func NodeName(s string) bool { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`).MatchString(s) }

// signed is what a signature covers. The hash stands for the line's text and,
// through it, for all lines before; vault and node keep a line from being shown as
// another's.
func (h Head) signed(vault string) []byte {
	return []byte("testimony-vault/v1/journal\n" + vault + "\n" + h.Node + "\n" + strconv.FormatInt(h.Seq, 10) + "\n" + b64(h.Hash[:]) + "\n")
}

// vouched says whether one of the keys has signed the head for the vault.
func (h Head) vouched(vault string, keys []ed25519.PublicKey) bool {
	text := h.signed(vault)
	for _, k := range keys {
		if ed25519.Verify(k, text, h.Sig[:]) {
			return true
		}
	}
	return false
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// unb64 fills to from its one spelling.
func unb64(to []byte, s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != len(to) {
		return false
	}
	copy(to, b)
	return true
}
