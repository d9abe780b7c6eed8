// Package statement is what a person says and signs: every act that changes what
// she owns or allows.
//
// A statement is a compact JWS (RFC 7515, EdDSA of RFC 8037) over exact bytes
// that name the vault, the signer, the act, its place in the signer's chain and
// the SHA-256 of the statement before it. Format and fields: docs/protocol.md,
// section 2.
//
// What holds: a Statement can only be made by Sign or Parse, so whoever has one
// knows that its signature is good, its signer is the account it names and its
// bytes are their own only spelling. What does not: that it belongs to this
// vault (compare Vault), that it is the next of its chain (see Chain), or that
// its signer may do what it says.
package statement

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/id"
)

// MaxSize bounds a compact statement in bytes. A relock that carries the readers
// of one part over is the largest: about 110 bytes a reader.
const MaxSize = 4 << 20

// Type is the JWS typ of statements; no other token of the vault has it.
const Type = "tv-statement+jwt"

// ErrRefused is what every refusal of a statement wraps.
var ErrRefused = errors.New("the statement is refused")

// Day is the length of a day in Unix seconds; iat is a multiple of it, so that a
// statement says on what day she acted, not when.
const Day = 86400

// Claims are the signed fields, in their signed order.
type Claims struct {
	Issuer   id.Thumbprint
	Vault    string // base64url SHA-256 of the founding roster
	ID       id.ID
	IssuedAt int64 // Unix seconds, a whole day
	Seq      int64 // from 1
	Prev     []byte
	Body     Body
}

// Statement is a signed and verified act. Treat it as immutable.
type Statement struct {
	Claims
	compact string
	body    []byte
	sum     [sha256.Size]byte
	key     ed25519.PublicKey
}

// Compact is the JWS in compact serialization, the bytes that are stored.
func (s *Statement) Compact() string { return s.compact }

// Hash is the SHA-256 of Compact: the statement's name in chains and receipts.
func (s *Statement) Hash() [sha256.Size]byte { return s.sum }

// BodyHash is the SHA-256 of the body's exact bytes; equal bodies signed by two
// stewards have the same one.
func (s *Statement) BodyHash() [sha256.Size]byte { return sha256.Sum256(s.body) }

// Key is the signer's public key.
func (s *Statement) Key() ed25519.PublicKey { return s.key }

// Act is the kind of the statement.
func (s *Statement) Act() Act { return s.Body.act() }

// header and claims spell the signed JSON.
type header struct {
	Alg string `json:"alg"`
	Typ string `json:"typ"`
	JWK jwk    `json:"jwk"`
}

type jwk struct {
	Crv string `json:"crv"`
	Kty string `json:"kty"`
	X   string `json:"x"`
}

type claims struct {
	Iss  string  `json:"iss"`
	Aud  string  `json:"aud"`
	Jti  string  `json:"jti"`
	Iat  int64   `json:"iat"`
	Seq  int64   `json:"seq"`
	Prev string  `json:"prev"`
	Act  Act     `json:"act"`
	Body rawBody `json:"body"`
}

// Signer makes the statements of one account in one vault.
type Signer struct {
	Key   crypto.Signer // of Ed25519; need not reveal the private key
	Vault string
	Rand  io.Reader // for statement ids
	Now   func() time.Time
}

// Account is the signer's thumbprint.
func (g *Signer) Account() id.Thumbprint {
	return id.Of(g.Key.Public().(ed25519.PublicKey))
}

// Sign makes the statement that follows head and reports the head after it.
func (g *Signer) Sign(head Head, body Body) (*Statement, Head, error) {
	jti, err := id.New(g.Rand)
	if err != nil {
		return nil, head, fmt.Errorf("sign %s: %w", body.act(), err)
	}
	raw, err := canonical.Encode(body)
	if err != nil {
		return nil, head, fmt.Errorf("sign %s: %w", body.act(), err)
	}
	pub := g.Key.Public().(ed25519.PublicKey)
	text, err := signingText(pub, claims{
		Iss: string(id.Of(pub)), Aud: g.Vault, Jti: string(jti), Iat: DayOf(g.Now()),
		Seq: head.Seq + 1, Prev: head.prev(), Act: body.act(), Body: raw,
	})
	if err != nil {
		return nil, head, fmt.Errorf("sign %s: %w", body.act(), err)
	}
	sig, err := jwt.SigningMethodEdDSA.Sign(text, g.Key)
	if err != nil {
		return nil, head, fmt.Errorf("sign %s: %w", body.act(), err)
	}
	// Parsing our own work means that nothing leaves that nobody would accept.
	s, err := Parse(text + "." + b64(sig))
	if err != nil {
		return nil, head, err
	}
	return s, Head{Seq: s.Seq, Hash: s.sum}, nil
}

func signingText(pub ed25519.PublicKey, c claims) (string, error) {
	h, err := canonical.Encode(header{"EdDSA", Type, jwk{"Ed25519", "OKP", b64(pub)}})
	if err != nil {
		return "", err
	}
	p, err := canonical.Encode(c)
	if err != nil {
		return "", err
	}
	return b64(h) + "." + b64(p), nil
}

// DayOf is the first second of t's day in UTC.
func DayOf(t time.Time) int64 { return t.Unix() - t.Unix()%Day }

// Parse verifies a compact statement. Any error wraps ErrRefused.
func Parse(compact string) (*Statement, error) {
	s, err := parse(compact)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return s, nil
}

func parse(compact string) (*Statement, error) {
	if len(compact) > MaxSize {
		return nil, fmt.Errorf("it is longer than %d bytes", MaxSize)
	}
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return nil, errors.New("it is not a compact JWS of three parts")
	}
	key, err := parseHeader(parts[0])
	if err != nil {
		return nil, err
	}
	sig, err := unb64(parts[2])
	if err != nil {
		return nil, fmt.Errorf("signature: %w", err)
	}
	if err := jwt.SigningMethodEdDSA.Verify(parts[0]+"."+parts[1], sig, key); err != nil {
		return nil, errors.New("the signature does not fit the text and key")
	}
	s := &Statement{compact: compact, key: key, sum: sha256.Sum256([]byte(compact))}
	return s, s.parseClaims(parts[1])
}

func parseHeader(part string) (ed25519.PublicKey, error) {
	b, err := unb64(part)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var h header
	if err := canonical.Decode(b, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	x, err := unb64(h.JWK.X)
	if err != nil || len(x) != ed25519.PublicKeySize || (h != header{"EdDSA", Type, jwk{"Ed25519", "OKP", h.JWK.X}}) {
		return nil, fmt.Errorf("header: it must name EdDSA, %s and one Ed25519 key, nothing else", Type)
	}
	return ed25519.PublicKey(x), nil
}

func (s *Statement) parseClaims(part string) error {
	b, err := unb64(part)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	var c claims
	if err := canonical.Decode(b, &c); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	if id.Thumbprint(c.Iss) != id.Of(s.key) {
		return errors.New("payload: iss is not the thumbprint of the signing key")
	}
	if _, err := Hash32(c.Aud); err != nil {
		return fmt.Errorf("payload: aud: %w", err)
	}
	jti, err := id.Parse(c.Jti)
	if err != nil {
		return fmt.Errorf("payload: jti: %w", err)
	}
	if c.Iat <= 0 || c.Iat%Day != 0 {
		return errors.New("payload: iat is not a whole day")
	}
	s.Claims = Claims{Issuer: id.Thumbprint(c.Iss), Vault: c.Aud, ID: jti, IssuedAt: c.Iat, Seq: c.Seq}
	if err := s.parsePrev(c); err != nil {
		return err
	}
	s.body = c.Body
	s.Body, err = parseBody(c.Act, c.Body)
	return err
}

// parsePrev checks that exactly the first statement, which must be a key
// statement, has no predecessor.
func (s *Statement) parsePrev(c claims) error {
	if (c.Seq == 1) != (c.Act == ActKey) || (c.Seq == 1) != (c.Prev == "") || c.Seq < 1 {
		return errors.New("payload: a chain begins with a key statement, seq 1 and no prev, and only there")
	}
	if c.Prev == "" {
		return nil
	}
	h, err := Hash32(c.Prev)
	if err != nil {
		return fmt.Errorf("payload: prev: %w", err)
	}
	s.Prev = h[:]
	return nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(s string) ([]byte, error) {
	if strings.IndexByte(s, '\r') >= 0 || strings.IndexByte(s, '\n') >= 0 { // which the decoder would skip
		return nil, errors.New("not base64url")
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("not base64url")
	}
	return b, nil
}

// Hash32 reads 32 bytes in strict base64url without padding.
func Hash32(s string) ([32]byte, error) {
	b, err := unb64(s)
	if err != nil || len(b) != 32 {
		return [32]byte{}, errors.New("not 32 bytes in base64url")
	}
	return [32]byte(b), nil
}

// B64 spells bytes the way statements do.
func B64(b []byte) string { return b64(b) }
