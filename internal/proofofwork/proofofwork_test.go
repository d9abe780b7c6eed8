package proofofwork_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/proofofwork"
	"github.com/relatingfield/vault/internal/secret"
)

const (
	alice = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
	bob   = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

// clock is a time that a test moves by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func issuer(t testing.TB, c *clock, key string, bits int) *proofofwork.Issuer {
	t.Helper()
	i, err := proofofwork.NewIssuer(secret.Of(bytes.Repeat([]byte(key), 32)), c.now, bits, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func solve(t testing.TB, challenge, key string) string {
	t.Helper()
	s, err := proofofwork.Solve(context.Background(), challenge, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What Solve finds, Check accepts, up to the last second of the term.
func TestASolvedChallengeIsAccepted(t *testing.T) {
	for _, bits := range []int{1, 7, 8, 9, 12} {
		c := &clock{time.Unix(1_795_000_000, 0)}
		i := issuer(t, c, "k", bits)
		challenge := i.Issue()
		solution := solve(t, challenge, alice)
		c.at = c.at.Add(time.Minute)
		if err := i.Check(challenge, alice, solution); err != nil {
			t.Errorf("%d bits: %v", bits, err)
		}
	}
}

// A solution counts for the key it was made for, for this issuer and in time.
func TestASolutionIsBoundToKeyIssuerAndTime(t *testing.T) {
	c := &clock{time.Unix(1_795_000_000, 0)}
	i := issuer(t, c, "k", 12)
	challenge := i.Issue()
	solution := solve(t, challenge, alice)
	if err := i.Check(challenge, bob, solution); !errors.Is(err, proofofwork.ErrSolution) {
		t.Errorf("another key: %v", err)
	}
	if err := issuer(t, c, "o", 12).Check(challenge, alice, solution); !errors.Is(err, proofofwork.ErrChallenge) {
		t.Errorf("another issuer: %v", err)
	}
	c.at = c.at.Add(time.Minute + time.Second)
	if err := i.Check(challenge, alice, solution); !errors.Is(err, proofofwork.ErrExpired) {
		t.Errorf("too late: %v", err)
	}
}

// No byte of a challenge can be changed: neither its term nor its work.
func TestAChangedChallengeIsRefused(t *testing.T) {
	c := &clock{time.Unix(1_795_000_000, 0)}
	i := issuer(t, c, "k", 1)
	raw, err := base64.RawURLEncoding.DecodeString(i.Issue())
	if err != nil {
		t.Fatal(err)
	}
	for at := range raw {
		raw[at] ^= 1
		changed := base64.RawURLEncoding.EncodeToString(raw)
		for n := range 32 {
			if err := i.Check(changed, alice, string(rune('0'+n%10))); !errors.Is(err, proofofwork.ErrChallenge) {
				t.Fatalf("byte %d changed: %v", at, err)
			}
		}
		raw[at] ^= 1
	}
}

// A solution and a challenge have one spelling each.
func TestOneSpellingOfChallengeAndSolution(t *testing.T) {
	c := &clock{time.Unix(1_795_000_000, 0)}
	i := issuer(t, c, "k", 1)
	challenge := i.Issue()
	solution := solve(t, challenge, alice)
	for _, bad := range []string{"", "+" + solution, "0" + solution, solution + " ", "-1", "9007199254740992", "18446744073709551616", "x", "٣"} {
		if err := i.Check(challenge, alice, bad); !errors.Is(err, proofofwork.ErrSolution) {
			t.Errorf("solution %q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", challenge + "=", challenge[1:], challenge + "A", challenge[:5] + "\n" + challenge[5:], strings.Repeat("A", 1<<16)} {
		if err := i.Check(bad, alice, solution); !errors.Is(err, proofofwork.ErrChallenge) {
			t.Errorf("challenge %.20q: %v", bad, err)
		}
		if _, err := proofofwork.Solve(context.Background(), bad, alice); !errors.Is(err, proofofwork.ErrChallenge) {
			t.Errorf("solving %.20q: %v", bad, err)
		}
	}
}

// Challenges that are out stay good when the operator changes the work.
func TestAChangeOfTheSettingKeepsChallengesGood(t *testing.T) {
	c := &clock{time.Unix(1_795_000_000, 0)}
	challenge := issuer(t, c, "k", 4).Issue()
	if err := issuer(t, c, "k", 20).Check(challenge, alice, solve(t, challenge, alice)); err != nil {
		t.Fatal(err)
	}
}

// A client works neither on an absurd challenge nor after it was told to stop.
func TestSolveIsBounded(t *testing.T) {
	raw := make([]byte, 41)
	raw[8] = proofofwork.MaxBits + 1
	absurd := base64.RawURLEncoding.EncodeToString(raw)
	if _, err := proofofwork.Solve(context.Background(), absurd, alice); !errors.Is(err, proofofwork.ErrTooHard) {
		t.Errorf("too hard: %v", err)
	}
	raw[8] = proofofwork.MaxBits
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := proofofwork.Solve(ctx, base64.RawURLEncoding.EncodeToString(raw), alice); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// An issuer that protects nothing or shuts everybody out cannot be made.
func TestSenselessIssuersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		key, bits int
		ttl       time.Duration
	}{
		"short key":     {31, 18, time.Minute},
		"no work":       {32, 0, time.Minute},
		"too much work": {32, proofofwork.MaxBits + 1, time.Minute},
		"no term":       {32, 18, 0},
		"endless term":  {32, 18, 25 * time.Hour},
	} {
		if _, err := proofofwork.NewIssuer(secret.Of(make([]byte, c.key)), time.Now, c.bits, c.ttl); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// Whatever is sent, nothing but an issued challenge with its solution passes.
func FuzzCheckAcceptsOnlyWhatWasIssued(f *testing.F) {
	c := &clock{time.Unix(1_795_000_000, 0)}
	i := issuer(f, c, "k", 3)
	issued := i.Issue()
	f.Add(issued, solve(f, issued, alice))
	f.Add("", "0")
	f.Fuzz(func(t *testing.T, challenge, solution string) {
		if err := i.Check(challenge, alice, solution); err == nil && challenge != issued {
			t.Fatalf("accepted %q %q", challenge, solution)
		}
	})
}
