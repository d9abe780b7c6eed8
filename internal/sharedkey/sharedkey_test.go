package sharedkey_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/secret"
	"github.com/relatingfield/vault/internal/sharedkey"
	"github.com/relatingfield/vault/internal/stockagetest"
)

func fresh(t *testing.T) *sharedkey.Key {
	t.Helper()
	k, err := sharedkey.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func split(t *testing.T, k *sharedkey.Key, n, threshold int) []secret.Bytes {
	t.Helper()
	shares, err := k.Split(rand.Reader, n, threshold)
	if err != nil {
		t.Fatal(err)
	}
	return shares
}

func sealed(t *testing.T, recipient, text string) []byte {
	t.Helper()
	to, _, err := envelope.ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The key that two of three shares make opens, with the stock age program, what
// was sealed to the key before it was taken apart.
func TestStockAgeOpensWithTheRecombinedKey(t *testing.T) {
	k := fresh(t)
	file, sum := sealed(t, k.Recipient, "heard"), sharedkey.Digest([]byte(k.Recipient))
	shares := split(t, k, 3, 2)
	k.Wipe()
	again, err := sharedkey.Combine([]secret.Bytes{shares[2], shares[0]}, sum)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"key.txt": again.IdentityFile().Reveal(), "part.age": file} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(stockagetest.Binary(t), "-d", "-i", filepath.Join(dir, "key.txt"), filepath.Join(dir, "part.age")).Output()
	if err != nil || string(out) != "heard" {
		t.Errorf("stock age says %q, %v", out, err)
	}
}

// Too few shares, or one that is not right, make no key; the false one is known
// by its digest.
func TestFalseSharesMakeNoKey(t *testing.T) {
	k := fresh(t)
	sum, shares := sharedkey.Digest([]byte(k.Recipient)), split(t, k, 5, 3)
	false3 := secret.Copy(shares[2].Reveal())
	false3.Reveal()[4] ^= 0x10
	for name, some := range map[string][]secret.Bytes{
		"too few": shares[:2], "a false one": {shares[0], shares[1], false3}, "of another key": split(t, fresh(t), 3, 3),
	} {
		if _, err := sharedkey.Combine(some, sum); !errors.Is(err, sharedkey.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	digest := sharedkey.Digest(shares[2].Reveal())
	if err := sharedkey.CheckShare(shares[2], digest); err != nil {
		t.Error(err)
	}
	if err := sharedkey.CheckShare(false3, digest); !errors.Is(err, sharedkey.ErrShare) {
		t.Errorf("the false share: %v", err)
	}
}

// A wiped key opens nothing and shows nothing.
func TestAWipedKeyOpensNothing(t *testing.T) {
	k := fresh(t)
	file := sealed(t, k.Recipient, "heard")
	if _, err := age.Decrypt(bytes.NewReader(file), k); err != nil {
		t.Fatal(err)
	}
	k.Wipe()
	if _, err := age.Decrypt(bytes.NewReader(file), k); err == nil {
		t.Error("it opened the file")
	}
	if strings.Contains(string(k.IdentityFile().Reveal()), "AGE-SECRET") {
		t.Error("it still has its text")
	}
}

// What goes into a file comes out of it, for its recipient alone, and every file
// has the same length.
func TestAFileGivesItsCardToItsRecipientAlone(t *testing.T) {
	trustee, other, k := fresh(t), fresh(t), fresh(t)
	share := split(t, k, 3, 2)[0]
	for _, note := range []string{"", "إلى أختي: افتحيها فقط إذا طلبت ذلك", strings.Repeat("x", 800)} {
		file, err := sharedkey.SealFile(sharedkey.Card{Share: share, Threshold: 2, Of: 3, Note: note}, trustee.Recipient)
		if err != nil || len(file) != sharedkey.FileSize {
			t.Fatalf("%d bytes, %v", len(file), err)
		}
		c, err := sharedkey.OpenFile(file, trustee)
		if err != nil || !c.Share.Equal(share) || c.Threshold != 2 || c.Of != 3 || c.Note != note {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := sharedkey.OpenFile(file, other); err == nil {
			t.Error("somebody else opened it")
		}
	}
}

// Cards that say nothing sensible, and files of another shape, are refused.
func TestWhatIsNoFileIsRefused(t *testing.T) {
	k := fresh(t)
	share := split(t, k, 3, 2)[0]
	for name, c := range map[string]sharedkey.Card{
		"no share": {Threshold: 2, Of: 3}, "threshold of one": {Share: share, Threshold: 1, Of: 3}, "threshold above all": {Share: share, Threshold: 4, Of: 3},
		"long note": {Share: share, Threshold: 2, Of: 3, Note: strings.Repeat("x", 1000)}, "control characters": {Share: share, Threshold: 2, Of: 3, Note: "\x1b"},
		"long share": {Share: secret.Of(make([]byte, 257)), Threshold: 2, Of: 3},
	} {
		if _, err := sharedkey.SealFile(c, k.Recipient); !errors.Is(err, sharedkey.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	good, err := sharedkey.SealFile(sharedkey.Card{Share: share, Threshold: 2, Of: 3}, k.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"nothing": nil, "cut": good[:len(good)-1], "longer": append(good[:len(good):len(good)], 0), "other text": sealed(t, k.Recipient, strings.Repeat(" ", envelope.CardSize)),
		"no age": make([]byte, sharedkey.FileSize),
	} {
		if _, err := sharedkey.OpenFile(file, k); !errors.Is(err, sharedkey.ErrFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sharedkey.SealFile(sharedkey.Card{Share: share, Threshold: 2, Of: 3}, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"); !errors.Is(err, envelope.ErrRecipient) {
		t.Errorf("a classic recipient: %v", err)
	}
}

// No verb, JSON or log shows a seed or share.
func TestKeysAndCardsAreRedacted(t *testing.T) {
	k := fresh(t)
	card := sharedkey.Card{Share: split(t, k, 2, 2)[0], Threshold: 2, Of: 2}
	nested := struct {
		Key  *sharedkey.Key
		card sharedkey.Card
	}{k, card}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, k, card, nested)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "k", k, "n", nested)
	if err := json.NewEncoder(&out).Encode([]any{k, nested}); err != nil {
		t.Fatal(err)
	}
	text := string(k.IdentityFile().Reveal())
	if at := strings.Index(text, "AGE-SECRET"); strings.Contains(out.String(), text[at+30:at+60]) {
		t.Error("the identity is in the output")
	}
	if b := card.Share.Reveal()[4:20]; strings.Contains(out.String(), fmt.Sprintf("%x", b)) || strings.Contains(out.String(), strings.Trim(fmt.Sprint(b), "[]")) {
		t.Error("a share is in the output")
	}
}

// A card has one spelling: what is read is written back byte for byte.
func FuzzParseCard(f *testing.F) {
	f.Add([]byte(`{"share":"AAAB","threshold":2,"of":3,"note":""}` + strings.Repeat(" ", 976) + "\n"))
	f.Add(bytes.Repeat([]byte(" "), envelope.CardSize))
	k, err := sharedkey.New(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, plaintext []byte) {
		c, err := sharedkey.ParseCard(plaintext)
		if err != nil {
			return
		}
		file, err := sharedkey.SealFile(c, k.Recipient)
		if err != nil {
			t.Fatal(err)
		}
		again, err := sharedkey.OpenFile(file, k)
		if err != nil || !again.Share.Equal(c.Share) || again.Note != c.Note || again.Threshold != c.Threshold || again.Of != c.Of {
			t.Errorf("%+v became %+v, %v", c, again, err)
		}
	})
}
