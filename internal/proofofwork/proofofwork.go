// Package proofofwork makes mass enrolment, and a rush of sign-ins, cost something
// without asking anybody who they are.
//
// The server issues a challenge, the client looks for a counter such that
//
//	SHA-256(challenge ‖ 0x00 ‖ subject ‖ 0x00 ‖ counter)
//
// begins with at least the challenged number of zero bits. The subject is what the
// work is good for and can be done once: at enrolment the thumbprint of the key, at
// sign-in the nonce that the login signs. The counter is decimal ASCII, from 0 to
// 2^53 − 1 (exact in JavaScript).
//
// A challenge is base64url(expiry ‖ bits ‖ MAC): expiry in Unix seconds as 8
// bytes big-endian, bits as one byte, and HMAC-SHA-256 over
// "testimony-vault/v1/proof-of-work" ‖ 0x00 ‖ expiry ‖ bits under the issuer's
// key, one for each purpose. The server keeps nothing: a solution is bound to one
// subject, so presenting it twice enrols the same account twice, which is once, or
// answers a nonce that is spent.
//
// Promises: no challenge that this issuer's key did not make is accepted, none
// after its expiry, and no solution for another subject. Assumes: the clock is right
// to within the term; all nodes have the same key. Does not: slow a determined
// attacker with hardware (the quota per day does), or hide from one client that
// another one was given a challenge in the same second (they are equal).
package proofofwork

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
)

// MaxBits is the hardest challenge that is issued or solved: 2^28 hashes take a
// minute on a laptop and an hour or more in a browser without a compiler.
const MaxBits = 28

// maxCounter is the largest counter, 2^53 − 1.
const maxCounter = 1<<53 - 1

// Why a solution is refused.
var (
	// ErrChallenge: not a challenge of this server.
	ErrChallenge = errors.New("this is not a challenge of this server: ask for a new one")
	// ErrExpired: the challenge was good, but its term is over.
	ErrExpired = errors.New("the challenge has expired: ask for a new one")
	// ErrSolution: the counter is malformed or gives too few zero bits for this key.
	ErrSolution = errors.New("the solution does not solve the challenge for this key")
	// ErrTooHard: a client refuses to work on it.
	ErrTooHard = fmt.Errorf("the challenge asks for more than %d bits of work", MaxBits)
)

// zeroBits counts the leading zero bits that a counter reaches.
func zeroBits(challenge, subject, counter string) int {
	sum := sha256.Sum256([]byte(challenge + "\x00" + subject + "\x00" + counter))
	for i, b := range sum {
		if b != 0 {
			return 8*i + bits.LeadingZeros8(b)
		}
	}
	return 8 * len(sum)
}

// isCounter accepts the one spelling of a number in range: without sign,
// leading zeros or white space, so that a solution has no second form.
func isCounter(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n <= maxCounter && strconv.FormatUint(n, 10) == s
}
