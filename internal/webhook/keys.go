package webhook

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/secret"
)

// Why keys are derived and not stored. Whoever reads the database (a backup, a
// replica, a stolen disk) must not be able to tell a partner that a consent was
// withdrawn, or that it was not. So an endpoint's row holds a number only, and its
// keys are HKDF-SHA-256 of a secret of the server with the endpoint's id and that
// number: an id is drawn once and never used again, so no two endpoints and no two
// numbers share a key, and a receiver that has one HMAC key learns nothing of another.
//
// The address is sealed under the same secret: its path often holds a token. The id
// is authenticated with it, so that a row's address cannot be put into another row.

// targetSize is the length in bytes of an address as it is sealed, filled up with
// zeros: its length says nothing.
const targetSize = 1024

// rootNamed finds the secret that a row was made with.
func (q *Queue) rootNamed(name string) (secret.Bytes, error) {
	for _, r := range q.Roots {
		if rootName(r) == name {
			return r, nil
		}
	}
	return secret.Bytes{}, ErrLost
}

func rootName(root secret.Bytes) string {
	sum := sha256.Sum256(append([]byte("testimony-vault/v1/webhook-root\x00"), root.Reveal()...))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func derive(root secret.Bytes, what string, endpoint id.ID, generation int64) ([]byte, error) {
	info := "testimony-vault/v1/webhook/" + what + "/" + string(endpoint) + "/" + strconv.FormatInt(generation, 10)
	return hkdf.Key(sha256.New, root.Reveal(), nil, info, sha256.Size)
}

// key is one generation of an endpoint's keys.
type key struct {
	private secret.Bytes // Ed25519
	mac     secret.Bytes
}

func keyOf(root secret.Bytes, endpoint id.ID, generation int64) (key, error) {
	seed, err := derive(root, "ed25519", endpoint, generation)
	if err != nil {
		return key{}, err
	}
	mac, err := derive(root, "hmac", endpoint, generation)
	if err != nil {
		return key{}, err
	}
	return key{secret.Of(ed25519.NewKeyFromSeed(seed)), secret.Of(mac)}, nil
}

// public is spelled as Standard Webhooks wants it.
func (k key) public() string {
	public := ed25519.PrivateKey(k.private.Reveal()).Public().(ed25519.PublicKey)
	return "whpk_" + base64.StdEncoding.EncodeToString(public)
}

// shared is the HMAC key, spelled likewise.
func (k key) shared() secret.Bytes {
	return secret.Of([]byte("whsec_" + base64.StdEncoding.EncodeToString(k.mac.Reveal())))
}

// sign makes the two signatures over what a request says.
func (k key) sign(text []byte) (v1a, v1 string) {
	mac := hmac.New(sha256.New, k.mac.Reveal())
	mac.Write(text)
	signed := ed25519.Sign(k.private.Reveal(), text)
	return "v1a," + base64.StdEncoding.EncodeToString(signed), "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func seal(rand io.Reader, root secret.Bytes, endpoint id.ID, target string) ([]byte, error) {
	k, err := derive(root, "target", endpoint, 0)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(k)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+targetSize+chacha20poly1305.Overhead)
	if _, err := io.ReadFull(rand, nonce); err != nil {
		return nil, fmt.Errorf("seal address: %w", err)
	}
	plain := make([]byte, targetSize)
	if copy(plain, target) < len(target) {
		return nil, ErrTarget
	}
	return aead.Seal(nonce, nonce, plain, []byte(endpoint)), nil
}

var errSealed = errors.New("an address does not open under the key it was sealed with")

func unseal(root secret.Bytes, endpoint id.ID, sealed []byte) (string, error) {
	k, err := derive(root, "target", endpoint, 0)
	if err != nil {
		return "", err
	}
	aead, err := chacha20poly1305.NewX(k)
	if err != nil {
		return "", err
	}
	if len(sealed) < aead.NonceSize() {
		return "", errSealed
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(endpoint))
	if err != nil {
		return "", errSealed
	}
	for n := len(plain); n > 0; n-- {
		if plain[n-1] != 0 {
			return string(plain[:n]), nil
		}
	}
	return "", errSealed
}
