package crowd

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// Sealed is a part, sealed to its owner.
type Sealed struct {
	Key     envelope.FileKey
	Nonce   [envelope.NonceSize]byte
	Header  []byte
	Payload []byte
	Binding statement.Binding
}

// Seal seals content to the person.
func (p *Person) Seal(content []byte) (Sealed, error) {
	var plain, payload bytes.Buffer
	info := envelope.PartInfo{MediaType: "text/plain", Kind: envelope.Original, Name: "testimony.txt"}
	if err := envelope.WriteContainer(&plain, info, bytes.NewReader(content), int64(len(content))); err != nil {
		return Sealed{}, err
	}
	s, err := p.newKey()
	if err != nil {
		return Sealed{}, err
	}
	if _, err := envelope.Seal(&payload, &plain, s.Key, s.Nonce, 1); err != nil {
		return Sealed{}, err
	}
	s.Payload = payload.Bytes()
	sum := sha256.Sum256(s.Payload)
	s.Bind(sum, int64(len(s.Payload)))
	return s, nil
}

// newKey draws a file key and wraps it to the person.
func (p *Person) newKey() (s Sealed, err error) {
	if s.Key, err = envelope.NewFileKey(rand.Reader); err != nil {
		return s, err
	}
	if s.Nonce, err = envelope.NewNonce(rand.Reader); err != nil {
		return s, err
	}
	s.Header, err = Wrap(s.Key, p.Keys.Recipient)
	return s, err
}

// Bind fills in what is signed about a payload.
func (s *Sealed) Bind(payload [sha256.Size]byte, length int64) {
	commit := envelope.Commit(s.Key, payload)
	s.Binding = statement.Binding{Length: length, PayloadSHA256: statement.B64(payload[:]), Commit: statement.B64(commit[:]), HeaderSHA256: sum(s.Header)}
}

// Wrap gives a file key to a recipient.
func Wrap(key envelope.FileKey, recipient string) ([]byte, error) {
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		return nil, err
	}
	return envelope.ComposeHeader(key, to)
}

// Small is a small testimony that is told again and again: one card, one part.
type Small struct {
	person *Person
	part   Sealed
	card   []byte
	middle []byte // of the request: from the card to the part's statement
	tail   []byte // from the part's header to the end
}

// NewSmall seals a card and content.
func (p *Person) NewSmall(content []byte) (*Small, error) {
	s := &Small{person: p}
	var err error
	if s.part, err = p.Seal(content); err != nil {
		return nil, err
	}
	to, _, err := envelope.ParseRecipient(p.Keys.Recipient)
	if err != nil {
		return nil, err
	}
	if s.card, err = envelope.SealCard(envelope.Card{Title: "شهادتي", Language: "ar"}, to, rand.Reader); err != nil {
		return nil, err
	}
	s.middle = fmt.Appendf(nil, `","card":"%s","parts":[{"statement":"`, api.Bytes(s.card))
	s.tail = fmt.Appendf(nil, `","header":"%s","payload":"%s"}]}`, api.Bytes(s.part.Header), api.Bytes(s.part.Payload))
	return s, nil
}

// Tell makes the one request that stores the testimony under a new name.
func (s *Small) Tell() (Request, api.ID, error) {
	t, err := newID()
	if err != nil {
		return Request{}, "", err
	}
	card, err := s.person.Sign(statement.Card{Testimony: t, CardSHA256: sum(s.card)})
	if err != nil {
		return Request{}, "", err
	}
	b := s.part.Binding
	add, err := s.person.Sign(statement.Add{Testimony: t, N: 1, Length: b.Length, PayloadSHA256: b.PayloadSHA256, Commit: b.Commit, HeaderSHA256: b.HeaderSHA256})
	if err != nil {
		return Request{}, "", err
	}
	start := fmt.Appendf(nil, `{"testimony":"%s","statement":"%s`, t, card.Compact())
	r, err := s.person.create("/v1/testimonies", start, s.middle, []byte(add.Compact()), s.tail)
	return r, t, err
}

// Part is what was sealed.
func (s *Small) Part() Sealed { return s.part }

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return statement.B64(s[:])
}
