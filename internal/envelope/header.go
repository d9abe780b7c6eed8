package envelope

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	// MaxHeader is the most bytes of a header that are ever read.
	MaxHeader = 8 << 10
	// HybridHeaderSize is the length of every post-quantum header.
	HybridHeaderSize = 1627
	// X25519HeaderSize is the length of every classic header.
	X25519HeaderSize = 168

	intro      = "age-encryption.org/v1\n"
	pointSize  = 32
	wrappedLen = fileKeySize + tagSize
)

// HeaderInfo is what a header tells without keys.
type HeaderInfo struct {
	// PQ is true when the file key is wrapped to a post-quantum recipient. A
	// payload is post-quantum only when each of its headers is.
	PQ bool
}

// stanzaKind is a recipient type we accept.
type stanzaKind struct {
	name     string
	shareLen int // bytes of the only argument; its last 32 are an X25519 point
	pq       bool
}

func kindOf(name string) (stanzaKind, bool) {
	switch name {
	case "mlkem768x25519":
		return stanzaKind{name, 1088 + pointSize, true}, true
	case "X25519":
		return stanzaKind{name, pointSize, false}, true
	}
	return stanzaKind{}, false
}

// header is a parsed header of one stanza.
type header struct {
	kind                stanzaKind
	share, wrapped, mac []byte
}

// ParseHeader checks b without any key: exactly one stanza, of an allowed type
// and exact shape, in the only spelling there is, and nothing after it. Every
// refusal is an ErrHeader.
//
// It cannot tell whose header it is, nor whether its MAC holds: only somebody
// with the file key can (OpenHeader).
func ParseHeader(b []byte) (HeaderInfo, error) {
	h, err := parseHeader(b)
	if err != nil {
		return HeaderInfo{}, fmt.Errorf("%w: %w", ErrHeader, err)
	}
	return HeaderInfo{PQ: h.kind.pq}, nil
}

// parseHeader is lenient where that makes it short, and then holds what it read
// against the bytes it came from: base64 with stray bits or line breaks, padding
// and carriage returns do not survive being written again, so no header has a
// second spelling.
func parseHeader(b []byte) (header, error) {
	if len(b) > MaxHeader {
		return header{}, fmt.Errorf("longer than %d bytes", MaxHeader)
	}
	body, ok := strings.CutPrefix(string(b), intro)
	if !ok {
		return header{}, errors.New("does not begin with the line age-encryption.org/v1")
	}
	lines := strings.Split(body, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return header{}, errors.New("expected one stanza of two lines, a closing line and nothing after it")
	}
	h, err := parseLines(lines)
	if err != nil {
		return header{}, err
	}
	if !bytes.Equal(h.marshal(), b) {
		return header{}, errors.New("not in the one spelling: encoding it again gives other bytes")
	}
	return h, nil
}

func parseLines(lines []string) (h header, err error) {
	args := strings.Split(lines[0], " ")
	if len(args) != 3 || args[0] != "->" {
		return h, errors.New("expected a stanza with one argument")
	}
	var ok bool
	if h.kind, ok = kindOf(args[1]); !ok {
		return h, errors.New("recipient type is neither mlkem768x25519 nor X25519")
	}
	mac, ok := strings.CutPrefix(lines[2], "--- ")
	if !ok {
		return h, errors.New("expected the closing line after the stanza")
	}
	h.share, err = decodeExactly("share", args[2], h.kind.shareLen, err)
	h.wrapped, err = decodeExactly("wrapped key", lines[1], wrappedLen, err)
	h.mac, err = decodeExactly("MAC", mac, sha256.Size, err)
	if err != nil {
		return h, err
	}
	return h, checkPoint(h.share[len(h.share)-pointSize:])
}

// decodeExactly decodes s unless an earlier step has failed already.
func decodeExactly(what, s string, n int, earlier error) ([]byte, error) {
	if earlier != nil {
		return nil, earlier
	}
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != n {
		return nil, fmt.Errorf("%s is not %d bytes in base64", what, n)
	}
	return b, nil
}

// authenticate computes the MAC over the text of h (c2sp.org/age, "Header MAC").
func (h header) authenticate(key FileKey) ([]byte, error) {
	return headerMAC(key, h.text())
}

func headerMAC(key FileKey, text string) ([]byte, error) {
	macKey, err := key.derive(nil, "header")
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, macKey)
	mac.Write([]byte(text))
	return mac.Sum(nil), nil
}

// text is what the MAC covers: all up to and including the three dashes. The
// wrapped key fits one line, as 32 bytes are 43 characters of at most 64.
func (h header) text() string {
	return intro + "-> " + h.kind.name + " " + encode(h.share) + "\n" + encode(h.wrapped) + "\n---"
}

func (h header) marshal() []byte {
	return []byte(h.text() + " " + encode(h.mac) + "\n")
}

func encode(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
