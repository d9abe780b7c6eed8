package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/canonical"
)

// CardSize is the plaintext of every card, in bytes. All cards look alike.
const CardSize = 1 << 10

// Card is what she sees in the list of her testimonies, sealed to her. It is
// JSON filled with blanks to CardSize, so stock age and any JSON tool read it.
// A nil list is an empty one.
type Card struct {
	Title    string   `json:"title"`
	Language string   `json:"language"` // BCP 47, as the client writes it
	Labels   []Label  `json:"labels"`   // by ascending part number
	Warnings []string `json:"warnings"` // of what the content may stir up in a reader
	// Derived says which parts were made from which, by ascending part number;
	// absent when none was. It stands here because she signs the card: what a part
	// says of itself could be written by anybody who holds its key, and she decides
	// by this list which of two parts is the harmless one.
	Derived []Derived `json:"derived,omitempty"`
}

// Derived is the link of a part to the one it was made from.
type Derived struct {
	Part int  `json:"n"`    // from 2
	From int  `json:"from"` // an earlier part
	Kind Kind `json:"kind"` // not Original
}

// Label is the name she gave a part.
type Label struct {
	Part int    `json:"n"` // from 1
	Text string `json:"label"`
}

// Encode gives the CardSize bytes of plaintext. A card that does not fit, or
// that could not be read back, is an ErrCard.
func (c Card) Encode() ([]byte, error) {
	if c.Labels == nil {
		c.Labels = []Label{}
	}
	if c.Warnings == nil {
		c.Warnings = []string{}
	}
	text, err := canonical.Encode(c)
	if err != nil {
		return nil, fmt.Errorf("encode card: %w: %w", ErrCard, err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("encode card: %w: %w", ErrCard, err)
	}
	if over := len(text) + 1 - CardSize; over > 0 {
		return nil, fmt.Errorf("encode card: %w: title, language, labels, links and warnings are %d bytes too long together, of %d: shorten them",
			ErrCard, over, CardSize-1)
	}
	filling := bytes.Repeat([]byte(" "), CardSize-1-len(text))
	return append(append(text, filling...), '\n'), nil
}

// ParseCard reads exactly what Encode writes; all else is an ErrCard.
func ParseCard(plaintext []byte) (Card, error) {
	c, err := parseCard(plaintext)
	if err != nil {
		return Card{}, fmt.Errorf("parse card: %w: %w", ErrCard, err)
	}
	return c, nil
}

func parseCard(plaintext []byte) (c Card, err error) {
	if len(plaintext) != CardSize {
		return c, fmt.Errorf("expected %d bytes", CardSize)
	}
	if err := canonical.Decode(bytes.TrimRight(plaintext, " \n"), &c); err != nil {
		return c, err
	}
	again, err := c.Encode()
	if err == nil && !bytes.Equal(again, plaintext) {
		err = errors.New("not filled up as cards are")
	}
	return c, err
}

func (c Card) check() error {
	last := 0
	for _, l := range c.Labels {
		if l.Part <= last {
			return errors.New("labels must be in the order of their parts, from 1, one each")
		}
		last = l.Part
	}
	last = 0
	for _, d := range c.Derived {
		if d.Part <= last || d.From >= d.Part {
			return errors.New("derived parts must be in order, one each, and made from earlier ones")
		}
		if err := checkDerived(d.Kind, d.From); err != nil || d.Kind == Original {
			return errors.New("a derived part has a kind, and a part it was made from")
		}
		last = d.Part
	}
	return nil
}

// SealCard writes the card as an age file for one recipient. The file key is
// drawn from rand, used for this card and forgotten; age draws the randomness
// of the wrapping from crypto/rand.
func SealCard(card Card, to age.Recipient, rand io.Reader) ([]byte, error) {
	plaintext, err := card.Encode()
	if err != nil {
		return nil, err
	}
	file, err := sealSmall(plaintext, to, rand)
	if err != nil {
		return nil, fmt.Errorf("seal card: %w", err)
	}
	return file, nil
}

// sealSmall seals what fits into one chunk, under a key of its own.
func sealSmall(plaintext []byte, to age.Recipient, rand io.Reader) ([]byte, error) {
	key, err := NewFileKey(rand)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	nonce, err := NewNonce(rand)
	if err != nil {
		return nil, err
	}
	header, err := ComposeHeader(key, to)
	if err != nil {
		return nil, err
	}
	file := bytes.NewBuffer(header)
	if _, err := Seal(file, bytes.NewReader(plaintext), key, nonce, 1); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// CheckCard checks without keys that file has the one shape of a card: an
// allowed header and a payload of CardSize plaintext bytes.
func CheckCard(file []byte) (HeaderInfo, error) {
	at := len(file) - int(PayloadSize(CardSize))
	if at < 0 {
		return HeaderInfo{}, fmt.Errorf("check card: %w: too short", ErrCard)
	}
	info, err := ParseHeader(file[:at])
	if err != nil {
		return HeaderInfo{}, fmt.Errorf("check card: %w: %w", ErrCard, err)
	}
	return info, nil
}

// OpenCard opens a card with one of ids. The caller has compared the file's
// digest with her signed statement: age alone does not say who wrote it.
func OpenCard(file []byte, ids ...age.Identity) (Card, error) {
	if _, err := CheckCard(file); err != nil {
		return Card{}, err
	}
	r, err := age.Decrypt(bytes.NewReader(file), ids...)
	if err != nil {
		return Card{}, fmt.Errorf("open card: %w", err)
	}
	plaintext, err := io.ReadAll(r)
	if err != nil {
		return Card{}, fmt.Errorf("open card: %w: %w", ErrPayload, err)
	}
	return ParseCard(plaintext)
}
