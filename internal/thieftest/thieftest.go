// Package thieftest is a thief: given everything that a vault stores (its
// folders, every row of its database, its keys) the thief tries to open the
// sealed parts with all of it.
//
// What is tried, each also as the base64 or hexadecimal text of it:
//
//   - every shred key on every row, which takes the outer seal off;
//   - every 16 bytes in a row of a small file or a database value, sealed or not,
//     as the file key of every payload;
//   - every text as an age identity, and as the words of a participant or steward;
//   - every short value, its hashes and what HKDF makes of it with the salts and
//     purposes of the vault and of age, as a file key, as the seed of a hybrid
//     identity and as an X25519 key, the server's signing keys included.
//
// Promises: where one of these opens a payload, Opens says so; the tests plant
// each in turn. Assumes: the thief has the source, and so knows formats, tables
// and derivations. Does not: guess, factor, or wait for a quantum computer.
package thieftest

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/chacha20"
)

// Piece is one stored value.
type Piece struct {
	Where string // a file's path, or table.column
	Data  []byte
}

// Thief has pieces, and what was found in them.
type Thief struct {
	pieces     []Piece
	payloads   []payload
	headers    []Piece
	recipients map[string]bool // everybody's public keys, and whether the private one was found
	vault      [32]byte        // the vault id
}

// payload is something sealed under a file key.
type payload struct {
	where string
	nonce []byte // 16 bytes
	first []byte // 16 bytes of ciphertext
}

// New looks through the loot. The vault id is public.
func New(vault [32]byte, loot ...[]Piece) *Thief {
	t := &Thief{vault: vault, recipients: map[string]bool{}}
	for _, pieces := range loot {
		t.pieces = append(t.pieces, pieces...)
	}
	t.pieces = append(t.pieces, unsealed(t.pieces)...)
	t.pieces = append(t.pieces, decoded(t.pieces)...)
	for _, p := range t.pieces {
		t.note(p)
	}
	return t
}

// Payloads is how many sealed things were found, cards included.
func (t *Thief) Payloads() int { return len(t.payloads) }

// Headers is how many headers were found.
func (t *Thief) Headers() int { return len(t.headers) }

// Recipients is how many people's public keys were found, and to how many of
// them the private key.
func (t *Thief) Recipients() (public, private int) {
	for _, found := range t.recipients {
		if found {
			private++
		}
	}
	return len(t.recipients), private
}

// shredKeySize and shredNonce are those of XChaCha20-Poly1305.
const (
	shredKeySize = chacha20.KeySize
	shredNonce   = chacha20.NonceSizeX
	tag          = 16
)

// unsealed takes the outer seal off every value with every shred key. A cipher
// opens to something whether or not the key is the right one: the thief leaves
// the tags alone and looks at what comes out.
func unsealed(pieces []Piece) (out []Piece) {
	for _, k := range pieces {
		if k.Where != "shred_keys.shred_key" || len(k.Data) != shredKeySize {
			continue
		}
		for _, p := range pieces {
			if plain := unseal(k.Data, p.Data); plain != nil {
				out = append(out, Piece{p.Where + " without its outer seal", plain})
			}
		}
	}
	return out
}

func unseal(key, sealed []byte) []byte {
	if len(sealed) <= shredNonce+tag || len(sealed) > smallFile {
		return nil
	}
	c, err := chacha20.NewUnauthenticatedCipher(key, sealed[:shredNonce])
	if err != nil {
		return nil
	}
	c.SetCounter(1) // the first block makes the tag's key
	plain := make([]byte, len(sealed)-shredNonce-tag)
	c.XORKeyStream(plain, sealed[shredNonce:len(sealed)-tag])
	return plain
}

// note finds public keys and payloads in a piece.
func (t *Thief) note(p Piece) {
	for _, r := range recipientText().FindAll(p.Data, -1) {
		t.recipients[string(r)] = false
	}
	// A payload is a nonce and chunks. What else there is looks the same to the
	// cipher, and is tried as well.
	body := p.Data
	if head, rest, ok := header(body); ok {
		t.headers = append(t.headers, Piece{p.Where, head})
		body = rest
	}
	if sealedAt(p.Where) && len(body) >= 48 {
		t.payloads = append(t.payloads, payload{p.Where, body[:16], body[16:32]})
	}
}

// header cuts an age file after its header.
func header(b []byte) (head, rest []byte, ok bool) {
	if !bytes.HasPrefix(b, []byte("age-encryption.org/v1\n")) {
		return nil, nil, false
	}
	text, mac, _ := bytes.Cut(b, []byte("\n---"))
	end := bytes.IndexByte(mac, '\n')
	if end < 0 {
		return nil, nil, false
	}
	n := len(text) + len("\n---") + end + 1
	return b[:n], b[n:], true
}

// Opened is a payload that the thief opens, and how.
type Opened struct{ Payload, With string }

// String is one line of a report.
func (o Opened) String() string { return fmt.Sprintf("%s opens with %s", o.Payload, o.With) }

// Opens tries everything that was found.
func (t *Thief) Opens() []Opened { return t.try(t.pieces) }

// Try tries one piece more, and what it spells.
func (t *Thief) Try(p Piece) []Opened {
	list := []Piece{p}
	return t.try(append(list, decoded(list)...))
}

func (t *Thief) try(pieces []Piece) []Opened {
	var out []Opened
	tried := map[string]bool{}
	for _, p := range pieces {
		out = append(out, t.windows(p)...)
		out = append(out, t.texts(p)...)
		for _, c := range t.derived(p) {
			if !tried[string(c)] {
				tried[string(c)] = true
				out = append(out, t.key(c, p.Where)...)
			}
		}
	}
	return out
}
