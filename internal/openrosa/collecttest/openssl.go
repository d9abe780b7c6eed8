// Package collecttest is a phone with ODK Collect on it, for tests.
//
// It fills forms, encrypts them as Collect does and sends them with the very
// requests that Collect's HTTP library makes: same parts in the same order, same
// headers, a date on a twelve-hour clock, posts split where Collect splits them. All
// encryption is done by the openssl program, and its other side is opened by it too,
// so that nothing here shares code with package fieldform: where both agree, it is
// about the format and not about one mistake made twice.
package collecttest

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// openssl runs the program and gives what it writes.
func openssl(t testing.TB, in []byte, args ...string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	c := exec.Command("openssl", args...)
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(in), &out, &said
	if err := c.Run(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", args[0], err, said.String())
	}
	return out.Bytes()
}

// Key is an organisation's key pair for its forms.
type Key struct {
	Private string // a file, PKCS #8 in PEM
	Public  string // a file, in PEM
	Base64  string // the public key as it stands in a form
}

// NewKey makes an RSA key of so many bits.
func NewKey(t testing.TB, bits string) Key {
	t.Helper()
	private := filepath.Join(t.TempDir(), "private.pem")
	write(t, private, openssl(t, nil, "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:"+bits))
	return KeyOf(t, private)
}

// KeyOf is the key in a file.
func KeyOf(t testing.TB, private string) Key {
	t.Helper()
	k := Key{Private: private, Public: filepath.Join(t.TempDir(), "public.pem")}
	write(t, k.Public, openssl(t, nil, "pkey", "-in", k.Private, "-pubout"))
	der := openssl(t, nil, "pkey", "-in", k.Private, "-pubout", "-outform", "DER")
	k.Base64 = base64Of(t, der)
	return k
}

func base64Of(t testing.TB, b []byte) string {
	t.Helper()
	return strings.TrimSpace(string(openssl(t, b, "base64", "-A")))
}

func write(t testing.TB, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func oaep() []string {
	return []string{"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"}
}

// wrap encrypts a little with the public key, in base64.
func (k Key) wrap(t testing.TB, b []byte) string {
	t.Helper()
	return base64Of(t, openssl(t, b, append([]string{"pkeyutl", "-encrypt", "-pubin", "-inkey", k.Public}, oaep()...)...))
}

func (k Key) unwrap(t testing.TB, text string) []byte {
	t.Helper()
	b := openssl(t, []byte(text), "base64", "-d", "-A")
	return openssl(t, b, append([]string{"pkeyutl", "-decrypt", "-inkey", k.Private}, oaep()...)...)
}

func md5Of(t testing.TB, b []byte) []byte {
	t.Helper()
	return openssl(t, b, "dgst", "-md5", "-binary")
}

// cfb runs AES-256-CFB over bytes, one way or the other.
func cfb(t testing.TB, way string, key, iv, b []byte) []byte {
	t.Helper()
	return openssl(t, b, "enc", way, "-aes-256-cfb", "-nopad", "-K", hex.EncodeToString(key), "-iv", hex.EncodeToString(iv))
}
