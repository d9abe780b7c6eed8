package proofofwork

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

const (
	macDomain  = "testimony-vault/v1/proof-of-work"
	minKeySize = 32
	// maxTTL bounds how long a stock of solutions can be saved up for one rush.
	maxTTL = 24 * time.Hour
)

// Issuer is the server's side. It is stateless and safe for concurrent use.
type Issuer struct {
	key  secret.Bytes
	now  func() time.Time
	bits int
	ttl  time.Duration
}

// NewIssuer takes a random key of at least 32 bytes that every node shares, the
// clock, the work in bits (1 to MaxBits) and the term of a challenge (a second to
// a day).
func NewIssuer(key secret.Bytes, now func() time.Time, bits int, ttl time.Duration) (*Issuer, error) {
	switch {
	case key.Len() < minKeySize:
		return nil, fmt.Errorf("proof of work: the key has %d bytes, %d are needed", key.Len(), minKeySize)
	case bits < 1 || bits > MaxBits:
		return nil, fmt.Errorf("proof of work: %d bits are asked for, 1 to %d are possible", bits, MaxBits)
	case ttl < time.Second || ttl > maxTTL:
		return nil, fmt.Errorf("proof of work: a term of %s is asked for, 1s to %s is possible", ttl, maxTTL)
	}
	return &Issuer{key, now, bits, ttl}, nil
}

// Issue makes a challenge of the usual work.
func (i *Issuer) Issue() string { return i.IssueOf(i.bits) }

// IssueOf makes a challenge of other work, 1 to MaxBits: more where there is a crowd.
func (i *Issuer) IssueOf(bits int) string {
	c := challenge{expiry: i.now().Add(i.ttl), bits: min(max(bits, 1), MaxBits)}
	c.mac = i.mac(c)
	return c.encode()
}

// Check accepts a solution for the subject, or says why not: ErrChallenge,
// ErrExpired or ErrSolution. The work asked for is what the challenge says, so a
// change of the setting does not void challenges that are out.
func (i *Issuer) Check(text, subject, solution string) error {
	c, err := decode(text)
	switch {
	case err != nil:
		return err
	case !hmac.Equal(c.mac, i.mac(c)):
		return ErrChallenge
	case i.now().After(c.expiry):
		return ErrExpired
	case !isCounter(solution) || zeroBits(text, subject, solution) < c.bits:
		return ErrSolution
	}
	return nil
}

func (i *Issuer) mac(c challenge) []byte {
	m := hmac.New(sha256.New, i.key.Reveal())
	m.Write([]byte(macDomain + "\x00"))
	m.Write(c.head())
	return m.Sum(nil)
}
