// Package shred seals what the vault stores about one testimony under one key,
// so that destroying the key destroys all of it at once, wherever copies lie.
//
// What is sealed here is already useless to the vault (age headers and payloads
// to her, signed statements): the shred key adds no secrecy against a thief, who
// finds it in the same database. It adds erasure: a 32-byte row that can be
// overwritten, instead of thousands of rows, pages, replicas and log segments
// that cannot.
//
// Sealing is XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random 24-byte
// nonce in front; the label names the column and place and is authenticated, so
// that a sealed value cannot be moved to another row.
package shred

import (
	"context"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/shred/shreddb"
	"github.com/relatingfield/vault/internal/store"
)

// ErrShredded reports that the key is gone, and with it everything it sealed.
var ErrShredded = errors.New("the testimony has been erased")

// ErrSealed reports a sealed value that was altered, moved, or sealed under
// another key.
var ErrSealed = errors.New("a stored value does not open under its shred key")

// Key is the shred key of one testimony.
type Key struct {
	key  secret.Bytes
	aead cipher.AEAD
	rand io.Reader
}

// Keys makes, finds and destroys shred keys.
type Keys struct{ Rand io.Reader }

// Create draws the key of a new testimony.
func (k Keys) Create(ctx context.Context, tx store.Tx, testimony id.ID) (*Key, error) {
	b := make([]byte, chacha20poly1305.KeySize)
	if _, err := io.ReadFull(k.Rand, b); err != nil {
		return nil, fmt.Errorf("create shred key: %w", err)
	}
	err := shreddb.New(tx).CreateKey(ctx, shreddb.CreateKeyParams{Testimony: string(testimony), ShredKey: b})
	if err != nil {
		return nil, fmt.Errorf("create shred key: %w", err)
	}
	return k.Of(b)
}

// Load finds the key, or ErrShredded.
func (k Keys) Load(ctx context.Context, tx store.Tx, testimony id.ID) (*Key, error) {
	b, err := shreddb.New(tx).Key(ctx, string(testimony))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrShredded
	}
	if err != nil {
		return nil, fmt.Errorf("load shred key: %w", err)
	}
	return k.Of(b)
}

// Destroy deletes the key's row. The caller scrubs the table afterwards
// (store.DB.Scrub), since a deleted row may live on in free pages and logs.
func (k Keys) Destroy(ctx context.Context, tx store.Tx, testimony id.ID) error {
	n, err := shreddb.New(tx).DestroyKey(ctx, string(testimony))
	if err != nil {
		return fmt.Errorf("destroy shred key: %w", err)
	}
	if n == 0 {
		return ErrShredded
	}
	return nil
}

// Of makes a key of the bytes of its row.
func (k Keys) Of(b []byte) (*Key, error) {
	aead, err := chacha20poly1305.NewX(b)
	if err != nil {
		return nil, fmt.Errorf("use shred key: %w", err)
	}
	return &Key{secret.Of(b), aead, k.Rand}, nil
}

// Seal encrypts plain for the place that label names. The result is 40 bytes
// longer. Random 192-bit nonces do not repeat in any number of values that one
// testimony can have.
func (k *Key) Seal(label string, plain []byte) ([]byte, error) {
	out := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(k.rand, out); err != nil {
		return nil, fmt.Errorf("seal %s: %w", label, err)
	}
	return k.aead.Seal(out, out, plain, []byte(label)), nil
}

// Open decrypts what Seal made for the same label, or reports ErrSealed.
func (k *Key) Open(label string, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("open %s: %w", label, ErrSealed)
	}
	nonce, text := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := k.aead.Open(nil, nonce, text, []byte(label))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", label, ErrSealed)
	}
	return plain, nil
}

// Name is a keyed hash: equal for equal text while the key lives, and saying
// nothing without it.
func (k *Key) Name(label, text string) []byte {
	h := hmac.New(sha256.New, k.key.Reveal())
	h.Write([]byte(label + "\x00" + text))
	return h.Sum(nil)
}
