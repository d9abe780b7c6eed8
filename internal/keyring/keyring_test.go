package keyring_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/keyring"
	"github.com/relatingfield/vault/internal/phrase"
	"github.com/relatingfield/vault/internal/roster"
	"github.com/relatingfield/vault/internal/statement"
)

func draw(t *testing.T) phrase.Secret {
	t.Helper()
	s, err := phrase.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func derive(t *testing.T, s phrase.Secret, vault [32]byte) *keyring.Keys {
	t.Helper()
	k, err := keyring.Derive(s, vault)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// One secret has the same keys in the same vault for ever, and others in every
// other vault and as a steward.
func TestKeysDependOnTheSecretAndTheVaultAlone(t *testing.T) {
	s := draw(t)
	here := derive(t, s, [32]byte{1})
	if again := derive(t, s, [32]byte{1}); again.ID != here.ID || again.Recipient != here.Recipient {
		t.Error("a second derivation gives other keys")
	}
	steward, err := keyring.DeriveSteward(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*keyring.Keys{
		"another vault":  derive(t, s, [32]byte{2}),
		"another secret": derive(t, draw(t), [32]byte{1}),
		"a steward":      steward,
	} {
		if other.ID == here.ID || other.Recipient == here.Recipient {
			t.Errorf("%s has the same keys", name)
		}
	}
}

// A wiped or zero secret makes no keys: they would be everybody's.
func TestNoKeysWithoutASecret(t *testing.T) {
	wiped := draw(t)
	wiped.Wipe()
	for name, s := range map[string]phrase.Secret{"zero": {}, "wiped": wiped} {
		if _, err := keyring.Derive(s, [32]byte{}); err == nil {
			t.Errorf("a %s secret made keys", name)
		}
		if _, err := keyring.DeriveSteward(s); err == nil {
			t.Errorf("a %s secret made a steward's keys", name)
		}
	}
}

// What is sealed to the recipient with age opens with the keys, and with the
// identity file as age reads it, whose text age would have written alike.
func TestAgeOpensWhatIsSealedToTheRecipient(t *testing.T) {
	for range 10 {
		k := derive(t, draw(t), [32]byte{7})
		lines := strings.Split(string(k.IdentityFile().Reveal()), "\n")
		identities, err := age.ParseIdentities(bytes.NewReader(k.IdentityFile().Reveal()))
		if err != nil || len(identities) != 1 {
			t.Fatalf("identity file: %v", err)
		}
		stock := identities[0].(*age.HybridIdentity)
		if stock.String() != lines[1] || stock.Recipient().String() != k.Recipient || lines[0] != "# public key: "+k.Recipient {
			t.Fatal("age writes another identity or recipient")
		}
		for name, identity := range map[string]age.Identity{"keys": k, "identity file": stock} {
			if got := open(t, seal(t, k.Recipient, "heard"), identity); got != "heard" {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

func seal(t *testing.T, recipient, text string) *bytes.Buffer {
	t.Helper()
	r, err := age.ParseHybridRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &sealed
}

func open(t *testing.T, sealed io.Reader, identity age.Identity) string {
	t.Helper()
	r, err := age.Decrypt(sealed, identity)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Another account's keys open nothing.
func TestOtherKeysDoNotOpen(t *testing.T) {
	k, other := derive(t, draw(t), [32]byte{7}), derive(t, draw(t), [32]byte{7})
	if _, err := age.Decrypt(seal(t, k.Recipient, "heard"), other); err == nil {
		t.Fatal("another account opened the file")
	}
}

// Signatures verify under the public key whose thumbprint is the account.
func TestSignaturesVerifyUnderTheAccountsKey(t *testing.T) {
	k := derive(t, draw(t), [32]byte{7})
	public := k.Public().(ed25519.PublicKey)
	if id.Of(public) != k.ID {
		t.Error("the thumbprint is of another key")
	}
	for _, opts := range []crypto.SignerOpts{nil, crypto.Hash(0)} {
		signature, err := k.Sign(nil, []byte("message"), opts)
		if err != nil || !ed25519.Verify(public, []byte("message"), signature) {
			t.Errorf("signature with %v: %v", opts, err)
		}
	}
}

// A statement can be signed without the private key leaving the keys, and its
// account is theirs.
func TestStatementsAreSignedByTheKeys(t *testing.T) {
	k := derive(t, draw(t), [32]byte{7})
	signer := &statement.Signer{Key: k, Vault: roster.VaultID{7}.String(), Rand: rand.Reader, Now: time.Now}
	s, _, err := signer.Sign(statement.Head{}, statement.Key{Role: statement.Participant, Recipient: k.Recipient})
	if err != nil {
		t.Fatal(err)
	}
	if s.Issuer != k.ID {
		t.Error("the statement is of another account")
	}
}

// The key signs under no other scheme than plain Ed25519.
func TestTheKeyMakesNoOtherKindOfSignature(t *testing.T) {
	k := derive(t, draw(t), [32]byte{7})
	digest := sha512.Sum512([]byte("message"))
	for name, opts := range map[string]crypto.SignerOpts{
		"Ed25519ph":  crypto.SHA512,
		"Ed25519ctx": &ed25519.Options{Context: "x"},
	} {
		if _, err := k.Sign(nil, digest[:], opts); err == nil {
			t.Errorf("%s was signed", name)
		}
	}
}

// No verb, JSON or log shows a private key, bare, nested or dereferenced.
func TestKeysAreRedactedEverywhere(t *testing.T) {
	s := draw(t)
	k := derive(t, s, [32]byte{7})
	nested := struct {
		Shown  *keyring.Keys
		hidden *keyring.Keys
		value  keyring.Keys
	}{k, k, *k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		for _, v := range []any{k, *k, nested, &nested} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", k, "n", nested)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", k, "n", nested)
	if err := json.NewEncoder(&out).Encode([]any{k, *k, nested}); err != nil {
		t.Fatal(err)
	}
	identity := strings.Split(string(k.IdentityFile().Reveal()), "\n")[1]
	for name, form := range map[string]string{"identity": identity[30:60], "hex identity": hex.EncodeToString([]byte(identity[30:60]))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("output contains the %s", name)
		}
	}
	for _, info := range []string{"age", "ed25519"} {
		for name, form := range forms(seed(t, s, [32]byte{7}, info)) {
			if strings.Contains(out.String(), form) {
				t.Errorf("output contains the %s seed as %s", info, name)
			}
		}
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Error("output does not contain the redaction mark")
	}
}

// seed is what the package documents as seed_age or seed_sig.
func seed(t *testing.T, s phrase.Secret, vault [32]byte, info string) []byte {
	t.Helper()
	salt := sha256.Sum256(append([]byte("testimony-vault/v1\x00"), vault[:]...))
	b, err := hkdf.Key(sha256.New, s.Reveal(), salt[:], info, 32)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// forms are the ways in which bytes could be spilled: their middle, so that a
// longer or shifted spill is found too.
func forms(b []byte) map[string]string {
	middle := b[8:24]
	return map[string]string{
		"hex":     hex.EncodeToString(middle),
		"HEX":     strings.ToUpper(hex.EncodeToString(middle)),
		"decimal": strings.Trim(fmt.Sprint(middle), "[]"),
		"base64":  base64.StdEncoding.EncodeToString(b)[4:36],
		"text":    string(middle),
	}
}
