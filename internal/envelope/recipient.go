package envelope

import (
	"strings"

	"filippo.io/age"
)

const maxRecipient = 4 << 10

// ParseRecipient reads a recipient as age-keygen prints it: age1pq1… is
// post-quantum (pq true), age1… classic. Anything else is ErrRecipient.
//
// It wraps a key of zeros once and forgets the result, so that a public key
// nothing can be wrapped to (a point of low order) is refused when it is handed
// in, not months later when she grants. The text is never repeated in the
// error: what was typed here by mistake might be a secret key.
func ParseRecipient(s string) (to age.Recipient, pq bool, err error) {
	if len(s) > maxRecipient {
		return nil, false, ErrRecipient
	}
	var spelling string
	if pq = strings.HasPrefix(s, "age1pq1"); pq {
		to, spelling, err = parsed(age.ParseHybridRecipient(s))
	} else {
		to, spelling, err = parsed(age.ParseX25519Recipient(s))
	}
	if err != nil || spelling != s {
		return nil, false, ErrRecipient
	}
	if _, err := to.Wrap(make([]byte, fileKeySize)); err != nil {
		return nil, false, ErrRecipient
	}
	return to, pq, nil
}

func parsed[R interface {
	age.Recipient
	String() string
}](r R, err error) (age.Recipient, string, error) {
	if err != nil {
		return nil, "", err
	}
	return r, r.String(), nil
}
