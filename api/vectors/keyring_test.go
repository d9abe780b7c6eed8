package vectors_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/roster"
)

type keyVector struct {
	Secret     string `json:"secret_hex"`
	Vault      string `json:"vault_id"` // empty for a steward
	Context    string `json:"context_hex"`
	Salt       string `json:"salt_hex"`
	AgeSeed    string `json:"age_seed_hex"`
	SignSeed   string `json:"ed25519_seed_hex"`
	Identity   string `json:"age_identity"`
	Recipient  string `json:"age_recipient"`
	PublicKey  string `json:"ed25519_public"`
	Thumbprint string `json:"thumbprint"`
	Message    string `json:"message"`
	Signature  string `json:"signature"`
}

// The keys are those of keyring.json, step by step. Salt and seeds are computed
// here a second time, from HMAC alone, so that the file does not only repeat
// what the product says.
func TestKeyringVectors(t *testing.T) {
	founded := foundingID(t)
	var made []keyVector
	for _, secret := range secrets()[:3] {
		keys, err := keyring.DeriveSteward(parseSecret(t, secret))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, keyVectorOf(t, keyVector{Secret: secret}, []byte("steward"), keys))
	}
	for _, vault := range []roster.VaultID{founded, {}} {
		for _, secret := range []string{secrets()[0], secrets()[5]} {
			keys, err := keyring.Derive(parseSecret(t, secret), vault)
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, keyVectorOf(t, keyVector{Secret: secret, Vault: vault.String()}, vault[:], keys))
		}
	}
	file(t, "keyring.json", made)
}

func keyVectorOf(t *testing.T, v keyVector, context []byte, keys *keyring.Keys) keyVector {
	t.Helper()
	salt := sha256.Sum256(append([]byte("testimony-vault/v1\x00"), context...))
	ageSeed := hkdf(parseSecret(t, v.Secret), salt[:], "age")
	signSeed := hkdf(parseSecret(t, v.Secret), salt[:], "ed25519")
	public := ed25519.NewKeyFromSeed(signSeed).Public().(ed25519.PublicKey)
	identity := strings.Split(string(keys.IdentityFile().Reveal()), "\n")[1]
	if !public.Equal(keys.Public()) || bech32Data(t, identity) != hex.EncodeToString(ageSeed) {
		t.Errorf("secret %s, vault %q: the keys come from other seeds", v.Secret, v.Vault)
	}
	v.Context, v.Salt = hex.EncodeToString(context), hex.EncodeToString(salt[:])
	v.AgeSeed, v.SignSeed = hex.EncodeToString(ageSeed), hex.EncodeToString(signSeed)
	v.Identity, v.Recipient = identity, keys.Recipient
	v.PublicKey, v.Thumbprint = base64.RawURLEncoding.EncodeToString(public), string(keys.ID)
	v.Message = "I was heard. سُمِعت."
	signature, err := keys.Sign(nil, []byte(v.Message), nil)
	if err != nil || !ed25519.Verify(public, []byte(v.Message), signature) {
		t.Errorf("signature: %v", err)
	}
	v.Signature = base64.RawURLEncoding.EncodeToString(signature)
	return v
}

// hkdf is RFC 5869 with SHA-256 for one block of output.
func hkdf(s phrase.Secret, salt []byte, info string) []byte {
	extract := hmac.New(sha256.New, salt)
	extract.Write(s.Reveal())
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write([]byte(info + "\x01"))
	return expand.Sum(nil)
}

// bech32Data is the data of an age identity in hex, without reading its checksum.
func bech32Data(t *testing.T, identity string) string {
	t.Helper()
	data, ok := strings.CutPrefix(identity, "AGE-SECRET-KEY-PQ-1")
	if !ok {
		t.Fatal("not a hybrid identity")
	}
	var out []byte
	value, bits := 0, 0
	for _, c := range data[:len(data)-6] {
		value, bits = value<<5|strings.IndexRune("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", c), bits+5
		if bits >= 8 {
			bits -= 8
			out = append(out, byte(value>>bits))
			value &= 1<<bits - 1
		}
	}
	return hex.EncodeToString(out)
}
