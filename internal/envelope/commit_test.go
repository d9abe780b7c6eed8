package envelope_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"

	"filippo.io/age"
	"github.com/relatingfield/vault/internal/envelope"
)

// publicCheck is how anybody checks a commitment with age's public API alone:
// the commitment is the MAC of a header that names the payload's digest.
func publicCheck(fileKey []byte, digest, commit [32]byte) error {
	b64 := base64.RawStdEncoding.EncodeToString
	header := "age-encryption.org/v1\n-> testimony-vault/v1/commit " + b64(digest[:]) + "\n\n--- " + b64(commit[:]) + "\n"
	_, err := age.DecryptHeader([]byte(header), age.NewInjectedFileKeyIdentity(fileKey))
	return err
}

// A commitment holds for one key and one digest, for us and for stock age.
func TestACommitmentIsCheckableWithAgeAlone(t *testing.T) {
	key, other := newKey(t), newKey(t)
	digest := sha256.Sum256([]byte("payload"))
	commit := envelope.Commit(key, digest)
	flipped := commit
	flipped[31] ^= 1
	for _, c := range []struct {
		name           string
		key            envelope.FileKey
		digest, commit [32]byte
		holds          bool
	}{
		{"the right one", key, digest, commit, true},
		{"another key", other, digest, commit, false},
		{"another payload", key, sha256.Sum256([]byte("other")), commit, false},
		{"one bit changed", key, digest, flipped, false},
	} {
		ours, theirs := envelope.CheckCommit(c.key, c.digest, c.commit), publicCheck(c.key.Reveal(), c.digest, c.commit)
		if (ours == nil) != c.holds || (theirs == nil) != c.holds || !c.holds && !errors.Is(ours, envelope.ErrCommit) {
			t.Errorf("%s: we say %v, age says %v", c.name, ours, theirs)
		}
	}
}

// The commitment of a known key and digest never changes: other clients compute
// the same. (The value was computed with Python's hmac and hashlib.)
func TestACommitmentHasOneValue(t *testing.T) {
	key, err := envelope.FileKeyOf([]byte("YELLOW SUBMARINE"))
	if err != nil {
		t.Fatal(err)
	}
	commit := envelope.Commit(key, sha256.Sum256([]byte("payload")))
	const want = "SBH84BIIchgzBwq3hBMWF1xRS7dAWs7xCYrrwkgR_To"
	if got := base64.RawURLEncoding.EncodeToString(commit[:]); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// A commitment is public. Set before the payload as a header it opens nothing
// for anybody who has no key, and no vault takes it for a header.
func TestACommitmentIsNoHeader(t *testing.T) {
	key := newKey(t)
	payload, want := seal(t, []byte("her account"), key, 1)
	b64 := base64.RawStdEncoding.EncodeToString
	header := []byte("age-encryption.org/v1\n-> testimony-vault/v1/commit " + b64(want.SHA256[:]) + "\n\n--- " + b64(want.Commit[:]) + "\n")
	if _, err := envelope.ParseHeader(header); !errors.Is(err, envelope.ErrHeader) {
		t.Errorf("ParseHeader: %v", err)
	}
	if _, err := ageOpen(header, payload, hybrid(t), classic(t)); err == nil {
		t.Error("it opened")
	}
	plain, err := ageOpen(header, payload, age.NewInjectedFileKeyIdentity(bytes.Clone(key.Reveal())))
	if err != nil || string(plain) != "her account" {
		t.Errorf("with the key: %q, %v", plain, err)
	}
}
