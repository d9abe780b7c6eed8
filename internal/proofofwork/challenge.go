package proofofwork

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

const (
	headSize      = 8 + 1         // expiry and bits
	challengeSize = headSize + 32 // and MAC
)

// challenge is the content of the opaque text that clients get.
type challenge struct {
	expiry time.Time // whole seconds
	bits   int
	mac    []byte // 32 bytes
}

// head is what the MAC covers.
func (c challenge) head() []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(c.expiry.Unix()))
	return append(b, byte(c.bits))
}

func (c challenge) encode() string {
	return base64.RawURLEncoding.EncodeToString(append(c.head(), c.mac...))
}

// decode accepts the one spelling that encode makes; it does not check the MAC.
func decode(text string) (challenge, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != challengeSize || base64.RawURLEncoding.EncodeToString(b) != text {
		return challenge{}, ErrChallenge
	}
	return challenge{
		expiry: time.Unix(int64(binary.BigEndian.Uint64(b)), 0),
		bits:   int(b[headSize-1]),
		mac:    b[headSize:],
	}, nil
}
