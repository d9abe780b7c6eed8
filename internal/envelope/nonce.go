package envelope

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

const nonceLabel = "testimony-vault/v1/payload-nonce"

// DeriveNonce is the payload nonce of content that is to be sealed under key:
// HMAC-SHA-256(key, label ‖ Hash of the whole plaintext), its first 16 bytes. The
// plaintext must have been read once.
//
// # What it is for
//
// Whoever has the key again and the same content, on another machine and with
// nothing kept, seals the same bytes again: an upload that broke off can go on.
// Whoever has other content gets another nonce, and knows before a byte is sent.
//
// # Why it is safe
//
// What must never happen is that two different chunks are sealed under one
// payload key and one chunk number: the exclusive or of both would be open, and
// the key of their authentication with it. The payload key is HKDF of file key and
// nonce.
//
//   - The file key is random and made for one part, so only what is sealed under
//     this one key has to be looked at.
//   - The nonce covers length and content of the whole plaintext. Another plaintext,
//     longer, shorter or changed in one bit, has another Hash unless SHA-256
//     collides, hence another nonce unless two of the few plaintexts ever tried
//     under one key meet in 128 bits of an HMAC, hence another payload key.
//   - The same plaintext has the same chunks: where they begin, and which is the
//     last, follows from its length. Sealing it again gives the same ciphertext,
//     which tells nobody anything new.
//   - That it is the same is not believed but seen, each time: SealFrom takes its
//     plaintext from a Verified only, and so seals nothing of a MiB that has not
//     been compared with what the nonce was made of. A file that changes between two
//     readings, or in the middle of one, ends the sealing with ErrChanged.
//
// HMAC under the file key is one more use of it beside those that package
// documentation lists; HKDF begins with HMAC over the file key as data, never as
// its key, so neither's output says anything about the other's.
//
// # What a server learns
//
// Nothing: without the file key the nonce is 16 bytes as good as random. Content
// that is stored twice has two file keys and two nonces.
func DeriveNonce(key FileKey, of *Tree) (nonce [NonceSize]byte, err error) {
	if key.Len() != fileKeySize {
		return nonce, ErrKey
	}
	sum, err := of.Hash()
	if err != nil {
		return nonce, fmt.Errorf("derive a payload nonce: %w", err)
	}
	mac := hmac.New(sha256.New, key.Reveal())
	mac.Write([]byte(nonceLabel))
	mac.Write(sum[:])
	return [NonceSize]byte(mac.Sum(nil)), nil
}
