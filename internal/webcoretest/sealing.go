package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/envelope/envelopetest"
	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/stockagetest"
)

func keyOf(b []byte) (envelope.FileKey, error) { return envelope.FileKeyOf(bytes.Clone(b)) }

func nonceOf(b []byte) (n [envelope.NonceSize]byte, err error) {
	if copy(n[:], b) != len(n) || len(b) != len(n) {
		return n, fmt.Errorf("a nonce of %d bytes", len(b))
	}
	return n, nil
}

func identity(q question) (*keyring.Keys, error) {
	s, err := phrase.FromBytes(secret.Of(q.Secret))
	if err != nil || len(q.Vault) != 32 {
		return nil, fmt.Errorf("keys of %d bytes in a vault of %d: %w", len(q.Secret), len(q.Vault), err)
	}
	return keyring.Derive(s, [32]byte(q.Vault))
}

func compose(q question) (a answer, err error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return a, err
	}
	to, _, err := envelope.ParseRecipient(q.Recipient)
	if err != nil {
		return a, err
	}
	a.Header, err = envelope.ComposeHeader(key, to)
	return a, err
}

func contain(q question) (answer, error) {
	var b bytes.Buffer
	err := envelope.WriteContainer(&b, *q.Info, bytes.NewReader(q.Bytes), int64(len(q.Bytes)))
	return answer{Bytes: b.Bytes()}, err
}

// seal seals any plaintext under the key and nonce given.
func seal(q question) (answer, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return answer{}, err
	}
	nonce, err := nonceOf(q.Nonce)
	if err != nil {
		return answer{}, err
	}
	return sealed(key, nonce, q.Bytes)
}

func sealed(key envelope.FileKey, nonce [envelope.NonceSize]byte, plaintext []byte) (answer, error) {
	var out bytes.Buffer
	s, err := envelope.Seal(&out, bytes.NewReader(plaintext), key, nonce, 1)
	if err != nil {
		return answer{}, err
	}
	commit := envelope.Commit(key, s.SHA256)
	return answer{Bytes: out.Bytes(), SHA256: s.SHA256[:], Commit: commit[:], Nonce: nonce[:], Key: key.Reveal()}, nil
}

// open opens a payload against header, digest and commitment.
func open(q question) (answer, error) {
	plaintext, err := opened(q)
	return answer{Bytes: plaintext}, err
}

func opened(q question) ([]byte, error) {
	keys, err := identity(q)
	if err != nil {
		return nil, err
	}
	key, err := envelope.OpenHeader(q.Header, keys)
	if err != nil {
		return nil, err
	}
	if len(q.SHA256) != 32 || len(q.Commit) != 32 {
		return nil, fmt.Errorf("a digest of %d bytes, a commitment of %d", len(q.SHA256), len(q.Commit))
	}
	want := envelope.Binding{SHA256: [32]byte(q.SHA256), Commit: [32]byte(q.Commit), Size: int64(len(q.Bytes))}
	var out bytes.Buffer
	err = envelope.OpenPayload(&out, bytes.NewReader(q.Bytes), key, want)
	return out.Bytes(), err
}

// sealPart does what the client does: a fresh key, the nonce made of the content.
func sealPart(q question) (a answer, err error) {
	c, err := contain(q)
	if err != nil {
		return a, err
	}
	key, err := envelope.NewFileKey(rand.Reader)
	if err != nil {
		return a, err
	}
	tree := envelope.NewTree(int64(len(c.Bytes)))
	if _, err := io.Copy(io.Discard, tree.Reader(bytes.NewReader(c.Bytes), 0)); err != nil {
		return a, err
	}
	nonce, err := envelope.DeriveNonce(key, tree)
	if err != nil {
		return a, err
	}
	if a, err = sealed(key, nonce, c.Bytes); err != nil {
		return a, err
	}
	to, _, err := envelope.ParseRecipient(q.Recipient)
	if err != nil {
		return a, err
	}
	a.Header, err = envelope.ComposeHeader(key, to)
	return a, err
}

func openPart(q question) (answer, error) {
	plaintext, err := opened(q)
	if err != nil {
		return answer{}, err
	}
	c, err := envelope.ReadContainer(bytes.NewReader(plaintext))
	if err != nil {
		return answer{}, err
	}
	content, err := io.ReadAll(c)
	return answer{Info: &c.Info, Bytes: content}, err
}

func sealCard(q question) (a answer, err error) {
	to, _, err := envelope.ParseRecipient(q.Recipient)
	if err != nil {
		return a, err
	}
	a.Bytes, err = envelope.SealCard(*q.Card, to, rand.Reader)
	return a, err
}

func openCard(q question) (answer, error) {
	keys, err := identity(q)
	if err != nil {
		return answer{}, err
	}
	card, err := envelope.OpenCard(q.Bytes, age.Identity(keys))
	return answer{Card: &card}, err
}

// salamander is a payload that opens under two keys.
func salamander(q question) (a answer, err error) {
	one, err := keyOf(q.Key)
	if err != nil {
		return a, err
	}
	two, err := keyOf(q.Other)
	if err != nil {
		return a, err
	}
	nonce, err := nonceOf(q.Nonce)
	if err != nil {
		return a, err
	}
	a.Bytes, err = envelopetest.Salamander(one, two, nonce, []byte("she said the one"), []byte("she said another"))
	return a, err
}

// stockAge is where the pinned age program lies.
func stockAge(question) (answer, error) {
	path, err := stockagetest.Build("age")
	return answer{Text: path}, err
}
