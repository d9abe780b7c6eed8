package client_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/bag"
	"github.com/relatingfield/vault/internal/bundle"
	"github.com/relatingfield/vault/internal/statement"
)

// authority is a time stamping authority of one test, made with openssl.
type authority struct{ dir string }

const authoritySettings = `[tsa]
default_tsa = here
[here]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
[req]
distinguished_name = name
[name]
[stamping]
extendedKeyUsage = critical,timeStamping
basicConstraints = CA:FALSE
`

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t.TempDir()}
	must(t, os.WriteFile(filepath.Join(a.dir, "tsa.cnf"), []byte(authoritySettings), 0o600))
	must(t, os.WriteFile(filepath.Join(a.dir, "serial"), []byte("01\n"), 0o600))
	for _, line := range []string{
		"req -x509 -newkey ed25519 -nodes -keyout ca.key -out ca.pem -subj /CN=Authority -days 3650",
		"req -new -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Stamps -config tsa.cnf",
		"x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 3650 -extfile tsa.cnf -extensions stamping -out tsa.pem",
	} {
		run(t, a.dir, "openssl", strings.Fields(line)...)
	}
	return a
}

// stamp asks for a stamp of a file as the manual says, and gives the reply.
func (a *authority) stamp(t *testing.T, file, digest string) []byte {
	t.Helper()
	run(t, a.dir, "openssl", "ts", "-query", "-data", file, "-"+digest, "-cert", "-out", "request.tsq")
	run(t, a.dir, "openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr")
	return readFile(t, a.dir, "reply.tsr")
}

// A stamp of the tag manifest goes into the bundle and is verified with openssl;
// nothing else does, and the bundle stays whole.
func TestABundleIsStamped(t *testing.T) {
	e := newEvidence(t)
	dir := e.bundle(t, e.grant(t, statement.Pseudonym, 2), true)
	a := newAuthority(t)
	tags := filepath.Join(dir, bag.TagManifest512)
	for name, reply := range map[string][]byte{"nothing": nil, "noise": []byte("stamp"), "another file": a.stamp(t, filepath.Join(dir, bag.Manifest512), "sha512"),
		"a digest that is not looked at": a.stamp(t, tags, "sha384"), "something behind it": append(a.stamp(t, tags, "sha512"), 0)} {
		if _, err := client.StampBundle(dir, reply); !errors.Is(err, client.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	report, err := client.StampBundle(dir, a.stamp(t, tags, "sha512"))
	if err != nil || report.Stamped.IsZero() || report.Signer != e.reader.Account() || report.Institution != "Institute for Listening" || report.Vault != e.w.Vault.ID {
		t.Fatalf("%+v, %v", report, err)
	}
	out := run(t, dir, "openssl", "ts", "-verify", "-data", bag.TagManifest512, "-in", bundle.StampFile, "-CAfile", filepath.Join(a.dir, "ca.pem"))
	if !bytes.Contains(out, []byte("Verification: OK")) {
		t.Errorf("%s", out)
	}
	checksElsewhere(t, dir)
	if _, err := client.StampBundle(dir, a.stamp(t, tags, "sha512")); !errors.Is(err, client.ErrRefused) {
		t.Errorf("a second stamp: %v", err)
	}
}

// Whatever somebody does to a bundle, also somebody who writes its manifests anew and
// signs it with another key, it does not check.
func TestAForgedBundleDoesNotCheck(t *testing.T) {
	other := newEvidence(t)
	elsewhere := other.bundle(t, other.grant(t, statement.Pseudonym, 2), true)
	for name, forge := range map[string]func(t *testing.T, dir string){
		"other content": func(t *testing.T, dir string) { write(t, dir, "data/"+bundle.EventsFile, []byte("{}\n")) },
		"no signature":  func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, bundle.SignatureFile))) },
		"another's signature": func(t *testing.T, dir string) {
			write(t, dir, bundle.SignatureFile, readFile(t, elsewhere, bundle.SignatureFile))
		},
		"a key nobody vouches for": func(t *testing.T, dir string) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			must(t, err)
			sums, err := bag.Check(os.DirFS(dir))
			must(t, err)
			checked, err := bundle.Check(os.DirFS(dir))
			must(t, err)
			jws, err := bundle.Sign(key, checked.Signed.Vault, checked.Signed.Day, sums[bag.TagManifest512], sums[bag.TagManifest256])
			must(t, err)
			write(t, dir, bundle.SignatureFile, []byte(jws))
		},
		"a stamp of noise": func(t *testing.T, dir string) { write(t, dir, bundle.StampFile, []byte("noise")) },
	} {
		e := newEvidence(t)
		dir := e.bundle(t, e.grant(t, statement.Pseudonym, 2), true)
		if _, err := client.CheckBundle(os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		forge(t, dir)
		if _, err := client.CheckBundle(os.DirFS(dir)); !errors.Is(err, client.ErrBundle) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := client.StampBundle(dir, nil); !errors.Is(err, client.ErrBundle) {
			t.Errorf("%s: it was stamped: %v", name, err)
		}
	}
}

func write(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), b, 0o600))
}
