package envelope

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// Commit binds a payload to the one file key that opens it. The result is
// public: it goes into a signed statement.
//
// # Why it is needed
//
// ChaCha20-Poly1305 does not commit to its key. With two chosen keys, a payload
// can be computed that authenticates under both and gives two different texts,
// and age files inherit that: two headers, one payload, stock age content with
// both (see package envelopetest, which builds one). The digest of the payload
// does not help, because the payload is the same.
//
// # Why it works
//
// The commitment is the MAC that age itself would put under a header whose only
// stanza names the digest. To open one statement in two ways, somebody needs
// two file keys with the same HMAC-SHA-256(HKDF-SHA-256(key), text), or two
// payloads with the same SHA-256. Both are collisions of SHA-256 as used in
// HMAC and HKDF, and an attacker who chooses everything freely still needs
// about 2^128 steps for either.
//
// It tells nothing about the key, which has 128 random bits and is reached
// through HKDF and HMAC only. And it is no header that anybody would accept: its
// stanza type is ours, ParseHeader refuses it, and it wraps no key. The other
// way round no header MAC is a commitment, as the covered text differs.
//
// Both this check and the digest are needed when opening. The commitment alone
// does not look at the payload; the digest alone does not look at the key.
//
// Commit panics on a key that is none: a commitment to nothing, once signed,
// could not be taken back.
func Commit(key FileKey, payloadSHA256 [sha256.Size]byte) [sha256.Size]byte {
	mac, err := headerMAC(key, commitText(payloadSHA256))
	if err != nil {
		panic(fmt.Sprintf("envelope: commit to file key: %v", err))
	}
	return [sha256.Size]byte(mac)
}

// CheckCommit fails with ErrCommit unless commit was made with this key for the
// payload of this digest.
func CheckCommit(key FileKey, payloadSHA256, commit [sha256.Size]byte) error {
	want, err := headerMAC(key, commitText(payloadSHA256))
	if err != nil {
		return fmt.Errorf("check commitment: %w", err)
	}
	if !hmac.Equal(want, commit[:]) {
		return fmt.Errorf("check commitment: %w: do not trust what this header opens, keep it as evidence", ErrCommit)
	}
	return nil
}

func commitText(payloadSHA256 [sha256.Size]byte) string {
	return intro + "-> testimony-vault/v1/commit " + encode(payloadSHA256[:]) + "\n\n---"
}

// commitHeader is the whole header whose MAC is the commitment. age reads it,
// and opens it for whoever brings the right file key along.
func commitHeader(payloadSHA256, commit [sha256.Size]byte) []byte {
	return []byte(commitText(payloadSHA256) + " " + encode(commit[:]) + "\n")
}
