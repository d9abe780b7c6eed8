package envelope

import (
	"errors"
	"fmt"

	"filippo.io/age"
)

// ComposeHeader writes a header that gives key to one recipient, an
// *age.HybridRecipient or an *age.X25519Recipient. age draws the randomness of
// the wrapping itself, from crypto/rand.
//
// Neither age nor its specification has a function for this, so the result is
// held against ParseHeader before it is returned: what a client composes is
// what every other client and the server accept.
//
// It knows one recipient only, so it cannot see that a classic header joins a
// post-quantum payload: the caller must.
func ComposeHeader(key FileKey, to age.Recipient) ([]byte, error) {
	h, err := wrap(key, to)
	if err != nil {
		return nil, fmt.Errorf("compose header: %w", err)
	}
	b := h.marshal()
	if _, err := ParseHeader(b); err != nil {
		return nil, fmt.Errorf("compose header: %w", err)
	}
	return b, nil
}

func wrap(key FileKey, to age.Recipient) (h header, err error) {
	if key.Len() != fileKeySize {
		return h, ErrKey
	}
	switch to.(type) {
	case *age.HybridRecipient, *age.X25519Recipient:
	default:
		return h, ErrRecipient
	}
	stanzas, err := to.Wrap(key.Reveal())
	if err != nil {
		return h, fmt.Errorf("wrap the file key: %w", err)
	}
	if len(stanzas) != 1 || len(stanzas[0].Args) != 1 {
		return h, errors.New("wrap the file key: expected one stanza with one argument")
	}
	return ofStanza(key, stanzas[0])
}

func ofStanza(key FileKey, s *age.Stanza) (h header, err error) {
	var ok bool
	if h.kind, ok = kindOf(s.Type); !ok {
		return h, ErrRecipient
	}
	if h.share, err = decodeExactly("share", s.Args[0], h.kind.shareLen, nil); err != nil {
		return h, err
	}
	h.wrapped = s.Body
	h.mac, err = h.authenticate(key)
	return h, err
}

// OpenHeader gives the file key of a header that one of ids opens. A header
// ParseHeader refuses is refused before any key is used, so nobody can be made
// to try a passphrase or several stanzas. When no identity fits, the error
// wraps *age.NoIdentityMatchError.
//
// A key that comes out proves nothing about the payload it is meant for: check
// it with CheckCommit, or let OpenPayload do so.
func OpenHeader(header []byte, ids ...age.Identity) (FileKey, error) {
	if _, err := ParseHeader(header); err != nil {
		return FileKey{}, fmt.Errorf("open header: %w", err)
	}
	b, err := age.DecryptHeader(header, ids...)
	if err != nil {
		return FileKey{}, fmt.Errorf("open header: %w", err)
	}
	key, err := FileKeyOf(b)
	if err != nil {
		return FileKey{}, fmt.Errorf("open header: %w", err)
	}
	return key, nil
}
