package session

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// A challenge is time ‖ random ‖ MAC: nothing is stored until it comes back in a
// good login, so asking for challenges costs the server nothing that fills up.
const (
	timeSize      = 8
	randomSize    = 16
	challengeSize = timeSize + randomSize + sha256.Size
)

// Challenge is what a client signs to show its key.
type Challenge struct {
	Nonce string
	Time  time.Time // of the server: clients count from it
}

// Challenge makes a challenge that lives ChallengeLife and works once.
func (s *Service) Challenge() (Challenge, error) {
	now := s.cfg.Now()
	b := binary.BigEndian.AppendUint64(make([]byte, 0, challengeSize), uint64(now.UnixMilli()))
	b = b[:timeSize+randomSize]
	if _, err := io.ReadFull(s.cfg.Rand, b[timeSize:]); err != nil {
		return Challenge{}, fmt.Errorf("make a challenge: %w", err)
	}
	return Challenge{b64(append(b, mac(s.challenges[0], b)...)), now}, nil
}

// checkChallenge tells until when a challenge of this server lives.
func (s *Service) checkChallenge(nonce string) (time.Time, error) {
	b, err := unb64(nonce)
	if err != nil || len(b) != challengeSize {
		return time.Time{}, errors.New("its nonce is no challenge")
	}
	said := b[:timeSize+randomSize]
	for _, key := range s.challenges {
		if hmac.Equal(mac(key, said), b[timeSize+randomSize:]) {
			return s.alive(time.UnixMilli(int64(binary.BigEndian.Uint64(said))))
		}
	}
	return time.Time{}, errors.New("its nonce is no challenge of this server")
}

// alive allows a challenge from a node whose clock is ahead: it carries a MAC,
// so nobody can have made it in advance.
func (s *Service) alive(made time.Time) (time.Time, error) {
	until := made.Add(ChallengeLife)
	if s.cfg.Now().After(until) {
		return time.Time{}, errors.New("its challenge is too old")
	}
	return until, nil
}

func mac(key secret.Bytes, b []byte) []byte {
	h := hmac.New(sha256.New, key.Reveal())
	h.Write(b)
	return h.Sum(nil)
}
