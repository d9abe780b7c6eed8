package sharedkey

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shamir"
)

// FileSize is the length of every file, in bytes: one post-quantum stanza over
// as much plaintext as a testimony's card has, so that they look alike.
const FileSize = envelope.HybridHeaderSize + 16 + envelope.CardSize + 16

// maxShare bounds a share in bytes.
const maxShare = 256

// Card is what is in a File: a share, and what its holder has to know of it.
type Card struct {
	Share     secret.Bytes
	Threshold int64  // how many shares are needed
	Of        int64  // how many there are
	Note      string // to the trustee, in her words; empty to a reader
}

// wire is the one spelling of a card: JSON, filled with blanks and a final newline.
type wire struct {
	Share     string `json:"share"` // base64url
	Threshold int64  `json:"threshold"`
	Of        int64  `json:"of"`
	Note      string `json:"note"`
}

// encode gives exactly envelope.CardSize bytes.
func (c Card) encode() ([]byte, error) {
	w := wire{base64.RawURLEncoding.EncodeToString(c.Share.Reveal()), c.Threshold, c.Of, c.Note}
	if err := w.check(); err != nil {
		return nil, err
	}
	text, err := canonical.Encode(w)
	if err != nil {
		return nil, err
	}
	if over := len(text) + 1 - envelope.CardSize; over > 0 {
		return nil, fmt.Errorf("the note is %d bytes too long: shorten it", over)
	}
	filling := bytes.Repeat([]byte(" "), envelope.CardSize-1-len(text))
	return append(append(text, filling...), '\n'), nil
}

func (w wire) check() error {
	if w.Threshold < shamir.Min || w.Of < w.Threshold || w.Of > shamir.Max {
		return errors.New("threshold and number do not fit")
	}
	if len(w.Share) < base64.RawURLEncoding.EncodedLen(shamir.Min) || len(w.Share) > base64.RawURLEncoding.EncodedLen(maxShare) {
		return errors.New("the share is too short or too long")
	}
	return nil
}

// ParseCard reads exactly what a File holds; all else is ErrFile.
func ParseCard(plaintext []byte) (Card, error) {
	c, err := parseCard(plaintext)
	if err != nil {
		return Card{}, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return c, nil
}

func parseCard(plaintext []byte) (c Card, err error) {
	var w wire
	if len(plaintext) != envelope.CardSize {
		return c, errors.New("of another length")
	}
	if err := canonical.Decode(bytes.TrimRight(plaintext, " \n"), &w); err != nil {
		return c, err
	}
	share, err := base64.RawURLEncoding.Strict().DecodeString(w.Share)
	if err != nil {
		return c, errors.New("the share is not base64url")
	}
	c = Card{secret.Of(share), w.Threshold, w.Of, w.Note}
	again, err := c.encode()
	if err == nil && !bytes.Equal(again, plaintext) {
		err = errors.New("not filled up as it should be")
	}
	return c, err
}

// SealFile writes a card as an age file of FileSize bytes for one recipient,
// which must be post-quantum. age draws the randomness from crypto/rand.
func SealFile(c Card, recipient string) ([]byte, error) {
	plaintext, err := c.encode()
	if err != nil {
		return nil, fmt.Errorf("seal share: %w: %w", ErrFile, err)
	}
	defer clear(plaintext)
	to, pq, err := envelope.ParseRecipient(recipient)
	if err != nil || !pq {
		return nil, fmt.Errorf("seal share: %w", envelope.ErrRecipient)
	}
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return nil, fmt.Errorf("seal share: %w", err)
	}
	_, err = w.Write(plaintext)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("seal share: %w", err)
	}
	return file.Bytes(), CheckFile(file.Bytes())
}

// CheckFile checks without keys that a file has the one shape: a header of one
// post-quantum stanza, and as much payload as a card needs.
func CheckFile(file []byte) error {
	if len(file) != FileSize {
		return fmt.Errorf("%w: it has %d bytes instead of %d", ErrFile, len(file), FileSize)
	}
	info, err := envelope.CheckCard(file)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFile, err)
	}
	if !info.PQ {
		return fmt.Errorf("%w: it is not post-quantum", ErrFile)
	}
	return nil
}

// OpenFile opens a file with one of ids. The caller has compared the file's digest
// with a signed statement: age alone does not say who wrote it.
func OpenFile(file []byte, ids ...age.Identity) (Card, error) {
	if err := CheckFile(file); err != nil {
		return Card{}, err
	}
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		return Card{}, fmt.Errorf("open share: %w", err)
	}
	plaintext, err := io.ReadAll(r)
	if err != nil {
		return Card{}, fmt.Errorf("open share: %w: %w", ErrFile, err)
	}
	defer clear(plaintext)
	return ParseCard(plaintext)
}
