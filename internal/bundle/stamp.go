package bundle

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/relatingfield/vault/internal/bag"
)

// ErrStamp is what every refusal of a time stamp wraps.
var ErrStamp = errors.New("the time stamp does not fit this bag")

// maxReply bounds a reply of a time stamping authority in bytes, its certificates
// included.
const maxReply = 256 << 10

// Stamp is what an authority says, as far as it can be read without trusting it:
// that the signature is good, and whose it is, openssl ts -verify says.
type Stamp struct {
	Time   time.Time
	Digest []byte // of what was stamped
}

// The structures of RFC 3161, section 2.4.2, and RFC 5652, section 5.1, as far as the
// imprint. What stands behind it in each is not looked at.
type reply struct {
	Status struct{ Status int }
	Token  asn1.RawValue `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version int
	Digests asn1.RawValue
	Content struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
}

type stampInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Serial *big.Int
	Time   time.Time `asn1:"generalized"`
}

// ParseReply reads a reply (RFC 3161, DER) far enough to know what was stamped.
func ParseReply(der []byte) (*Stamp, error) {
	s, err := parseReply(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStamp, err)
	}
	return s, nil
}

func parseReply(der []byte) (*Stamp, error) {
	if len(der) > maxReply {
		return nil, errors.New("it is too long")
	}
	var r reply
	if err := exactly(der, &r); err != nil {
		return nil, errors.New("this is no reply of a time stamping authority")
	}
	if r.Status.Status > 1 { // granted, or granted with changes
		return nil, errors.New("the authority refused to stamp it")
	}
	var c contentInfo
	var d signedData
	var info stampInfo
	signed, stamp := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	if exactly(r.Token.FullBytes, &c) != nil || !c.Type.Equal(signed) || exactly(c.Content.Bytes, &d) != nil || !d.Content.Type.Equal(stamp) ||
		exactly(d.Content.Content, &info) != nil {
		return nil, errors.New("there is no stamp in the reply")
	}
	oid := info.Imprint.Algorithm.Algorithm
	long, short := asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	if !(oid.Equal(long) && len(info.Imprint.Digest) == 64) && !(oid.Equal(short) && len(info.Imprint.Digest) == 32) {
		return nil, errors.New("it is over a digest other than SHA-512 or SHA-256")
	}
	return &Stamp{info.Time.UTC(), info.Imprint.Digest}, nil
}

// exactly reads one structure and nothing behind it.
func exactly(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("something follows it")
	}
	return err
}

// Fits says whether a stamp is over the tag manifest of a bag.
func (s *Stamp) Fits(tags512 bag.Sum) error {
	if d := hex.EncodeToString(s.Digest); d != tags512.SHA512 && d != tags512.SHA256 {
		return fmt.Errorf("%w: it is over something else", ErrStamp)
	}
	return nil
}
