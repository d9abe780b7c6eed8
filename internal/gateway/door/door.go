// Package door lets field tools in: by a name and password, or by a secret that was
// made by a machine.
//
// Promises: what is given is compared in constant time, whatever its length; whoever
// guesses is slowed down, and after the first guesses waits for every further one; a
// right secret of a machine's is never kept waiting by somebody else's wrong ones,
// while a right password is, for otherwise waiting would tell that it was wrong. It
// remembers no address and no name that is not in the configuration.
//
// Assumes: secrets are at least as long as the configuration asks for. Does not: know
// what those who come in may do.
package door

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/secret"
)

// How often somebody may be wrong: at once, and then again after so long each.
const (
	guesses = 10
	again   = 6 * time.Second
)

// Guard counts wrong guesses at one thing. The zero value is no guard; make it with
// NewGuard. It is safe for concurrent use.
type Guard struct {
	now func() time.Time

	mu   sync.Mutex
	left float64
	at   time.Time
}

// NewGuard makes a guard at which nobody has guessed yet.
func NewGuard(now func() time.Time) *Guard { return &Guard{now: now, left: guesses, at: now()} }

// Wait is how long nobody may try, 0 when somebody may.
func (g *Guard) Wait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refill()
	if g.left >= 1 {
		return 0
	}
	return time.Duration(math.Ceil((1-g.left)*again.Seconds())) * time.Second
}

// Wrong counts a wrong guess.
func (g *Guard) Wrong() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refill()
	g.left = max(0, g.left-1)
}

func (g *Guard) refill() {
	now := g.now()
	if past := now.Sub(g.at); past > 0 {
		g.left = min(guesses, g.left+past.Seconds()/again.Seconds())
	}
	g.at = now
}

// Same tells in constant time whether what was given is the secret. An empty secret
// is nobody's.
func Same(given string, is secret.Bytes) bool {
	// Digests have one length, and comparing them says nothing about the texts'.
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256(is.Reveal())
	return hmac.Equal(a[:], b[:]) && is.Len() > 0
}

// Token derives what a tool shows after it has signed in with a name and password.
// It is good as long as both are the same, so that it need not be kept anywhere,
// and ends when the password is changed.
func Token(key secret.Bytes, user string, password secret.Bytes) secret.Bytes {
	mac := hmac.New(sha256.New, key.Reveal())
	sum := sha256.Sum256(password.Reveal())
	mac.Write([]byte("token\x00" + hex.EncodeToString(sum[:]) + user))
	return secret.Of([]byte(base64.RawURLEncoding.EncodeToString(mac.Sum(nil))))
}

// Bearer is the secret that a request shows: the token of Authorization: Bearer, or
// the password of Basic; some tools leave the word Bearer out.
func Bearer(r *http.Request) (string, bool) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 || len(values[0]) > 1024 {
		return "", false
	}
	if _, password, ok := r.BasicAuth(); ok {
		return password, true
	}
	const scheme = "Bearer "
	v := values[0]
	if len(v) > len(scheme) && v[:len(scheme)] == scheme {
		v = v[len(scheme):]
	}
	return v, v != ""
}

// Admit lets a request in that shows the secret. One that does not is counted, and
// after some of them is to wait before it may guess again. The secret is one that a
// machine has made: whoever shows it is let in whatever others guess.
func (g *Guard) Admit(r *http.Request, is secret.Bytes) (ok bool, wait time.Duration) {
	given, shown := Bearer(r)
	if shown && Same(given, is) {
		return true, 0
	}
	if wait := g.Wait(); wait > 0 {
		return false, wait
	}
	g.Wrong()
	return false, 0
}
