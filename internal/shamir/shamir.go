// Package shamir shares a secret among n people so that any k of them have it and
// fewer have nothing (Shamir, "How to share a secret", 1979).
//
// Each byte of the secret is the value at 0 of a polynomial of degree k − 1 over
// GF(2^8) whose other coefficients are random; a share is the values at one
// position x, the same for all bytes, and then x itself: len(secret) + 1 bytes.
// That is the layout of the npm package shamir-secret-sharing, and
// api/vectors/shamir.json is read by both.
//
// Promises: k shares of one Split give back exactly its secret. Fewer than k are
// consistent with every secret of that length, equally likely, whatever power
// those have who hold them. The time taken depends on lengths, n, k and the
// positions only, not on the secret (see field.go).
//
// Assumes: the random source is cryptographically secure and independent of the
// secret; a coefficient that could be foreseen is a share given away.
//
// Does not: authenticate. Too few shares, or a false one, give a wrong secret and
// no error. Whoever combines must know a digest of each share and of what the
// secret leads to; package sharedkey does.
package shamir

import (
	"errors"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/secret"
)

// Limits of n and k. One person alone shares nothing, and there are 255 positions
// besides 0, where the secret stands.
const (
	Min = 2
	Max = 255
)

// ErrShares reports shares that do not belong together: too few or too many,
// empty, of different lengths, two at one position, or one at position 0.
var ErrShares = errors.New("the shares do not belong together")

// Split makes n shares of s, k of which give it back. Their positions are random
// and tell nothing about the order.
func Split(rand io.Reader, s secret.Bytes, n, k int) ([]secret.Bytes, error) {
	if s.Len() == 0 || n < Min || n > Max || k < Min || k > n {
		return nil, fmt.Errorf("split secret: %d of %d shares of %d bytes: want 2 to 255 shares, at least as many as are needed, of a secret", k, n, s.Len())
	}
	xs, err := positions(rand, n)
	if err != nil {
		return nil, fmt.Errorf("split secret: draw positions: %w", err)
	}
	random := make([]byte, s.Len()*(k-1))
	defer clear(random)
	if _, err := io.ReadFull(rand, random); err != nil {
		return nil, fmt.Errorf("split secret: draw coefficients: %w", err)
	}
	return share(s.Reveal(), random, xs, k), nil
}

// share evaluates one polynomial per byte at every position. The leading
// coefficient may be 0 like every other: were it never 0, k − 1 shares would
// exclude one value of each byte.
func share(plain, random, xs []byte, k int) []secret.Bytes {
	out := make([][]byte, len(xs))
	for i, x := range xs {
		out[i] = make([]byte, len(plain)+1)
		out[i][len(plain)] = x
	}
	coefficients := make([]byte, k)
	defer clear(coefficients)
	for at, b := range plain {
		coefficients[0] = b
		copy(coefficients[1:], random[at*(k-1):])
		for i, x := range xs {
			out[i][at] = evaluate(coefficients, x)
		}
	}
	shares := make([]secret.Bytes, len(out))
	for i, b := range out {
		shares[i] = secret.Of(b)
	}
	return shares
}

// positions draws n different ones of 1 to 255. They are no secret: each stands
// open in its share, and choosing them may take a time that depends on them.
func positions(rand io.Reader, n int) ([]byte, error) {
	var taken [Max + 1]bool
	taken[0] = true // the secret stands there
	out := make([]byte, 0, n)
	var one [1]byte
	for len(out) < n {
		if _, err := io.ReadFull(rand, one[:]); err != nil {
			return nil, err
		}
		if !taken[one[0]] {
			taken[one[0]] = true
			out = append(out, one[0])
		}
	}
	return out, nil
}

// Combine gives the secret that shares are of, if they are k or more of one Split.
// If not, what it gives has nothing to do with the secret: see the package
// comment. The order does not matter.
func Combine(shares []secret.Bytes) (secret.Bytes, error) {
	xs, err := check(shares)
	if err != nil {
		return secret.Bytes{}, fmt.Errorf("combine shares: %w", err)
	}
	plain := make([]byte, shares[0].Len()-1)
	for i, w := range weights(xs) {
		for at, y := range shares[i].Reveal()[:len(plain)] {
			plain[at] ^= multiply(w, y)
		}
	}
	return secret.Of(plain), nil
}

// check gives the positions of shares that can belong together.
func check(shares []secret.Bytes) ([]byte, error) {
	if len(shares) < Min || len(shares) > Max {
		return nil, fmt.Errorf("%w: 2 to 255 are needed, not %d", ErrShares, len(shares))
	}
	var taken [Max + 1]bool
	taken[0] = true
	xs := make([]byte, len(shares))
	for i, s := range shares {
		if s.Len() < 2 || s.Len() != shares[0].Len() {
			return nil, fmt.Errorf("%w: share %d has another length", ErrShares, i+1)
		}
		xs[i] = s.Reveal()[s.Len()-1]
		if taken[xs[i]] {
			return nil, fmt.Errorf("%w: share %d is at a position that is taken", ErrShares, i+1)
		}
		taken[xs[i]] = true
	}
	return xs, nil
}
