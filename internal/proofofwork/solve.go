package proofofwork

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

const (
	// patience is how many times the expected work is done before giving up: a
	// solution is missed with probability e^-64.
	patience = 64
	// checkEvery is how many hashes pass between two looks at the context.
	checkEvery = 1 << 12
)

// Solve looks for the smallest counter that solves the challenge for the subject.
// It refuses challenges harder than MaxBits (ErrTooHard), so a hostile server
// cannot keep a phone busy, and stops when ctx is done. It cannot check that the
// challenge is genuine.
func Solve(ctx context.Context, text, subject string) (string, error) {
	c, err := decode(text)
	if err != nil {
		return "", err
	}
	if c.bits > MaxBits {
		return "", ErrTooHard
	}
	for n := range uint64(patience) << c.bits {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return "", fmt.Errorf("solve the challenge: %w", context.Cause(ctx))
		}
		counter := strconv.FormatUint(n, 10)
		if zeroBits(text, subject, counter) >= c.bits {
			return counter, nil
		}
	}
	return "", errors.New("solve the challenge: no solution found: ask for a new challenge")
}
