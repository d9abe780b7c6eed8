package clienttest

import (
	"bytes"
	"crypto/rand"

	"filippo.io/age"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/envelope"
)

// seal seals a plaintext to one recipient.
func seal(to age.Recipient, plaintext []byte) (*part, error) {
	key, err := envelope.NewFileKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	nonce, err := envelope.NewNonce(rand.Reader)
	if err != nil {
		return nil, err
	}
	header, err := envelope.ComposeHeader(key, to)
	if err != nil {
		return nil, err
	}
	var payload bytes.Buffer
	sealed, err := envelope.Seal(&payload, bytes.NewReader(plaintext), key, nonce, 1)
	if err != nil {
		return nil, err
	}
	return &part{header: header, payload: payload.Bytes(), Part: api.Part{Length: sealed.Size, PayloadSHA256: sealed.SHA256,
		Commit: envelope.Commit(key, sealed.SHA256), HeaderSHA256: api.HashOf(header)}}, nil
}
