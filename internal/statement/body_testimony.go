package statement

import (
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/relatingfield/vault/internal/id"
)

// Limits of what one statement may name.
const (
	MaxPart    = 9999               // part numbers are 1 to MaxPart
	MaxPayload = 8<<30 + (16 << 20) // bytes: 8 GiB of container and its age tags
	minPayload = 16 + 16            // bytes: the nonce and the tag of one chunk
)

// Part names one part of a testimony, as it stands in the vault.
type Part struct {
	Testimony id.ID
	N         int64
}

// Binding is what makes a part that part and no other.
type Binding struct {
	Length        int64
	PayloadSHA256 string
	Commit        string
	HeaderSHA256  string
}

// Card says which sealed card is hers, so that nobody can put another title over
// her testimony or bring an old card back.
type Card struct {
	Testimony  id.ID  `json:"testimony"`
	CardSHA256 string `json:"card_sha256"` // of the whole sealed card, an age file
}

func (Card) act() Act         { return ActCard }
func (c Card) Subject() id.ID { return c.Testimony }
func (c Card) check() error   { return first(subject(c.Testimony), hashes(c.CardSHA256)) }

// Begin is signed before byte 0 of a large upload: a resumed upload under
// another header or nonce is not hers.
type Begin struct {
	Testimony    id.ID  `json:"testimony"`
	N            int64  `json:"n"`
	HeaderSHA256 string `json:"header_sha256"`
	Nonce        string `json:"nonce"`  // the 16 bytes of the payload nonce
	Length       int64  `json:"length"` // of the payload, in bytes
}

func (Begin) act() Act         { return ActBegin }
func (b Begin) Subject() id.ID { return b.Testimony }

func (b Begin) check() error {
	if n, err := base64.RawURLEncoding.Strict().DecodeString(b.Nonce); err != nil || len(n) != 16 {
		return errors.New("nonce is not 16 bytes in base64url")
	}
	return first(subject(b.Testimony), partNumber(b.N), payloadLength(b.Length), hashes(b.HeaderSHA256))
}

// Add says what a part is, once its last byte has been sealed.
type Add struct {
	Testimony     id.ID  `json:"testimony"`
	N             int64  `json:"n"`
	Length        int64  `json:"length"`
	PayloadSHA256 string `json:"payload_sha256"`
	Commit        string `json:"commit"`
	HeaderSHA256  string `json:"header_sha256"`
}

func (Add) act() Act         { return ActAdd }
func (a Add) Subject() id.ID { return a.Testimony }

// Binding gives the part's digests.
func (a Add) Binding() Binding {
	return Binding{a.Length, a.PayloadSHA256, a.Commit, a.HeaderSHA256}
}

func (a Add) check() error {
	return first(subject(a.Testimony), partNumber(a.N), a.Binding().check())
}

// Received is a sender's word that she handed over plaintext of this length to
// be sealed on arrival. It says nothing of the content.
type Received struct {
	Testimony id.ID `json:"testimony"`
	N         int64 `json:"n"`
	Length    int64 `json:"length"` // of the content, in bytes
}

func (Received) act() Act         { return ActReceived }
func (r Received) Subject() id.ID { return r.Testimony }

func (r Received) check() error {
	if r.Length < 0 || r.Length > MaxPayload {
		return errors.New("length is out of range")
	}
	return first(subject(r.Testimony), partNumber(r.N))
}

// Adopt makes a part that was sealed on arrival hers, after she opened it.
type Adopt struct {
	Testimony      id.ID  `json:"testimony"`
	N              int64  `json:"n"`
	Length         int64  `json:"length"`
	PayloadSHA256  string `json:"payload_sha256"`
	Commit         string `json:"commit"`
	HeaderSHA256   string `json:"header_sha256"`
	ReceivedSHA256 string `json:"received_sha256"` // of the sender's statement
}

func (Adopt) act() Act         { return ActAdopt }
func (a Adopt) Subject() id.ID { return a.Testimony }

// Binding gives the part's digests.
func (a Adopt) Binding() Binding {
	return Binding{a.Length, a.PayloadSHA256, a.Commit, a.HeaderSHA256}
}

func (a Adopt) check() error {
	return first(subject(a.Testimony), partNumber(a.N), a.Binding().check(), hashes(a.ReceivedSHA256))
}

// Relock replaces the payload of a part by the same content under a new file
// key; readers that keep access get new headers, all others hold nothing.
type Relock struct {
	Testimony        id.ID           `json:"testimony"`
	N                int64           `json:"n"`
	OldPayloadSHA256 string          `json:"old_payload_sha256"`
	Length           int64           `json:"length"`
	PayloadSHA256    string          `json:"payload_sha256"`
	Commit           string          `json:"commit"`
	HeaderSHA256     string          `json:"header_sha256"`
	Grants           []RelockedGrant `json:"grants"` // every live grant of the part, by grant id
}

// RelockedGrant carries one reader over a re-lock.
type RelockedGrant struct {
	Grant        id.ID  `json:"grant"`
	HeaderSHA256 string `json:"header_sha256"`
}

func (Relock) act() Act         { return ActRelock }
func (r Relock) Subject() id.ID { return r.Testimony }

// Binding gives the part's digests after the re-lock.
func (r Relock) Binding() Binding {
	return Binding{r.Length, r.PayloadSHA256, r.Commit, r.HeaderSHA256}
}

func (r Relock) check() error {
	if r.Grants == nil {
		return errors.New("grants must be a list, if an empty one")
	}
	last := id.ID("")
	for _, g := range r.Grants {
		if _, err := id.Parse(string(g.Grant)); err != nil || g.Grant <= last {
			return errors.New("grants must be sorted, each named once")
		}
		if err := hashes(g.HeaderSHA256); err != nil {
			return err
		}
		last = g.Grant
	}
	if r.PayloadSHA256 == r.OldPayloadSHA256 {
		return errors.New("the payload did not change")
	}
	return first(subject(r.Testimony), partNumber(r.N), r.Binding().check(), hashes(r.OldPayloadSHA256))
}

// Erase destroys a testimony. StatementsSHA256 closes the list of holes that it
// tears into her chain (see ErasedHash).
type Erase struct {
	Testimony        id.ID  `json:"testimony"`
	StatementsSHA256 string `json:"statements_sha256"`
}

func (Erase) act() Act         { return ActErase }
func (e Erase) Subject() id.ID { return e.Testimony }
func (e Erase) check() error   { return first(subject(e.Testimony), hashes(e.StatementsSHA256)) }

func partNumber(n int64) error {
	if n < 1 || n > MaxPart {
		return fmt.Errorf("n must be 1 to %d", MaxPart)
	}
	return nil
}

func payloadLength(n int64) error {
	if n < minPayload || n > MaxPayload {
		return fmt.Errorf("length must be %d to %d bytes", minPayload, int64(MaxPayload))
	}
	return nil
}

func (b Binding) check() error {
	return first(payloadLength(b.Length), hashes(b.PayloadSHA256, b.Commit, b.HeaderSHA256))
}
