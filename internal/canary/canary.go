// Package canary is a steward's regular word that nobody made a demand which may not
// be spoken of.
//
// A word is a compact JWS (RFC 7515) of type tv-canary+jwt by a steward's own key over
// a day, an end and one fixed sentence. A steward who may not speak cannot be made to
// say so; a steward who stops saying otherwise says enough: a word whose end has
// passed is stale, and clients show it.
//
// Promises: what Judge counts as fresh was signed by a steward of the roster it is
// given, for that vault, in the one spelling that there is. Assumes: the roster was
// verified. Does not: know of demands; prove that a word is true; notice a vault
// that withholds the words of all its stewards from somebody who never saw one.
//
// Source: docs/protocol.md section 20.
package canary

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/relatingfield/vault/internal/canonical"
	"github.com/relatingfield/vault/internal/clientkey"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/roster"
)

// Type is the JWS typ of words; no other token of the vault has it.
const Type = "tv-canary+jwt"

// Sentence is what every word says: no demand came that I may not speak of.
const Sentence = "no-secret-demand"

const (
	maxSize = 1024 // bytes of a compact word
	day     = 24 * time.Hour
	longest = 366 * day        // that a word may promise
	ahead   = 2 * day          // by which a steward's clock may differ
	layout  = int64(day / 1e9) // seconds of a day
)

// Most is how many words are shown and looked at, the last ones of a file to which new
// ones are added: four of each of the most stewards that a roster has.
const Most = 128

// ErrRefused is what every refusal of a word wraps.
var ErrRefused = errors.New("this is no word of a steward")

// Word is what is signed, in this order. Times are Unix seconds of a day's first
// second.
type Word struct {
	Issuer string `json:"iss"` // the steward's account
	Vault  string `json:"aud"`
	Day    int64  `json:"day"`
	Until  int64  `json:"until"` // the first day on which it is stale
	Says   string `json:"says"`
}

func (w *Word) check() error {
	switch {
	case w.Says != Sentence:
		return errors.New("it says something else")
	case w.Day <= 0 || w.Day%layout != 0 || w.Until%layout != 0:
		return errors.New("its times are not whole days")
	case w.Until <= w.Day || w.Until-w.Day > int64(longest/time.Second):
		return errors.New("its end is not within a year of its day")
	}
	return nil
}

// Sign says the word for a vault today, to last for so many days.
func Sign(vault roster.VaultID, by crypto.Signer, now time.Time, days int) (string, error) {
	today := now.Unix() / layout * layout
	public, _ := by.Public().(ed25519.PublicKey)
	w := Word{Issuer: string(id.Of(public)), Vault: vault.String(), Day: today, Until: today + int64(days)*layout, Says: Sentence}
	if err := w.check(); err != nil {
		return "", fmt.Errorf("say it for %d days: %w", days, err)
	}
	return clientkey.Sign(by, Type, w)
}

// read takes a word apart and verifies it against the steward that it names.
func read(compact string, r *roster.Roster) (*Word, error) {
	token, err := clientkey.Split(compact, maxSize)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	w := new(Word)
	if err := canonical.Decode(token.Payload, w); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	s, ok := r.Steward(id.Thumbprint(w.Issuer))
	if token.Typ != Type || w.Vault != r.Vault().String() || !ok {
		return nil, fmt.Errorf("%w: it is of another type, vault or person", ErrRefused)
	}
	key, err := clientkey.Of(s.PublicKey())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err := errors.Join(token.Verify(key), w.check()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return w, nil
}

// Voice is how one steward stands.
type Voice struct {
	Steward roster.Steward
	Day     time.Time // of the newest word; zero: there is none
	Until   time.Time
	Ended   bool // Until has passed
}

// Standing is how all stewards of a roster stand.
type Standing struct {
	Voices  []Voice // in the roster's order
	Fresh   int     // stewards whose newest word has not ended
	Stale   int     // stewards whose newest word has
	Refused int     // words that are none
}

// Spoken tells whether any steward ever said it: where nobody did, nothing can be
// told from silence.
func (s Standing) Spoken() bool { return s.Fresh+s.Stale > 0 }

// Judge verifies words against a roster. Of each steward the newest counts, that is
// the one of the latest day. One from a day to come counts as no word, or a steward
// could be made to speak once for all time.
func Judge(words []string, r *roster.Roster, now time.Time) Standing {
	newest, out := map[id.Thumbprint]*Word{}, Standing{}
	for _, compact := range words[max(0, len(words)-Most):] {
		w, err := read(compact, r)
		if err != nil || w.Day > now.Add(ahead).Unix() {
			out.Refused++
			continue
		}
		if old := newest[id.Thumbprint(w.Issuer)]; old == nil || old.Day < w.Day || old.Day == w.Day && old.Until > w.Until {
			newest[id.Thumbprint(w.Issuer)] = w
		}
	}
	for _, s := range r.Stewards() {
		v := Voice{Steward: s}
		if w := newest[s.Account()]; w != nil {
			v.Day, v.Until = time.Unix(w.Day, 0).UTC(), time.Unix(w.Until, 0).UTC()
			if now.Before(v.Until) {
				out.Fresh++
			} else {
				out.Stale++
				v.Ended = true
			}
		}
		out.Voices = append(out.Voices, v)
	}
	return out
}
