package config_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/relatingfield/vault/internal/config"
)

// tlsRows are about a vault that speaks TLS itself.
func tlsRows() []row {
	files := func(more ...string) config.Sources {
		return fill(set("tls.mode=files", "tls.certificate=c.pem", "tls.key=k.pem", "origins=https://a.test"), more...)
	}
	acme := func(more ...string) config.Sources {
		return fill(set("tls.mode=acme", "tls.acme.i_agree_to_the_terms=true", "origins=https://a.test"), more...)
	}
	mutual := func(more ...string) config.Sources {
		return fill(files("programs.mutual_tls.listen=0.0.0.0:8445", "programs.mutual_tls.ca_file=p.pem", "programs.mutual_tls.origin=https://p.test:8445"), more...)
	}
	return []row{
		{set("tls.mode=yes"), "tls.mode", "is \"yes\"", "one of none, files, acme"},
		{files("tls.key="), "tls.certificate", "and tls.key are not both set", "name the two files"},
		{set("tls.key=k.pem"), "tls.certificate", "or tls.key is set, but tls.mode is none", "set tls.mode to files"},
		{files("field_tools.origin=https://forms.test:8444"), "field_tools.origin", "is for old TLS", "let a proxy speak TLS"},
		{files("origins=https://a.test,http://" + onion), "origins", "is without TLS, which the vault now speaks", "an onion service needs"},
		{acme("tls.acme.directory=http://ca.test"), "tls.acme.directory", "is no address of an authority", "https://acme-v02"},
		{acme("tls.acme.i_agree_to_the_terms=false"), "tls.acme.i_agree_to_the_terms", "is not true", "read the authority's terms"},
		{acme("origins=http://127.0.0.1:8080"), "origins", "no host to get a certificate for", "list the addresses"},
		{set("programs.mutual_tls.only=true"), "programs.mutual_tls.listen", "is empty, but the rest of mutual_tls is not", "leave mutual_tls out"},
		{mutual("programs.mutual_tls.listen=8445"), "programs.mutual_tls.listen", "is no address and port of its own", "0.0.0.0:8445"},
		{mutual("programs.mutual_tls.listen=127.0.0.1:8080"), "programs.mutual_tls.listen", "is no address and port of its own", "0.0.0.0:8445"},
		{mutual("tls.mode=none", "tls.certificate=", "tls.key="), "programs.mutual_tls.listen", "the vault has no certificate to show", "files or acme"},
		{mutual("programs.mutual_tls.ca_file="), "programs.mutual_tls.ca_file", "is missing", "may vouch for programs"},
		{mutual("programs.mutual_tls.origin=http://127.0.0.1:1"), "programs.mutual_tls.origin", "is no origin with https", "https://partners.vault.example:8445"},
		{mutual("programs.mutual_tls.origin=https://a.test"), "programs.mutual_tls.origin", "is also an address where people sign in", "an address of their own"},
		{set("strangers.most_work_bits=3"), "strangers.most_work_bits", "is less than the work of a sign-in", "lower strangers.work_bits"},
		{set("strangers.proxies=10.0.0.1"), "strangers.proxies", "holds what is no network", "192.0.2.0/24"},
		{set("limits.keep_free=0"), "limits.keep_free", "is 0 B", "1 MiB at least"},
		{set("limits.bytes_in_all=1 MiB"), "limits.bytes_in_all", "is 1 MiB", "1 GiB at least"},
		{set("limits.requests_per_second=1"), "limits.requests_per_second", "is 1", "10 at least"},
		{env("TESTIMONYD_TLS_CERTIFICAT=x"), "TESTIMONYD_TLS_CERTIFICAT", "there is no such setting", "write TESTIMONYD_TLS_CERTIFICATE if"},
		{set("canary_fil=x"), "--set canary_fil", "there is no such setting", "write canary_file if"},
	}
}

// backupRows are about where backups go, and to whom they are sealed. A secret key that
// was put where a public one belongs is not repeated.
func backupRows(t *testing.T) []row {
	classic, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	modern, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return []row{
		{set("backups.recipients=AGE-SECRET-KEY-" + password), "backups.recipients", "holds a secret key", "write the public key"},
		{set("backups.recipients=age1x"), "backups.recipients", "holds what is no recipient", "as age-keygen prints it"},
		{set("backups.recipients=" + classic.Recipient().String() + "," + modern.Recipient().String()), "backups.recipients", "mixes classic and post-quantum recipients", "age-keygen -pq"},
		{set("backups.objects=none"), "backups.objects", "is \"none\"", "one of copy, reference"},
		{set("backups.dir=x/journal/b", "journal.dir=x/journal"), "backups.dir", "is the folder of journal.dir, or one lies in the other", "a folder of its own"},
		{set("backups.dir=./var"), "backups.dir", "is data_dir, or a folder above it", "a folder of its own"},
	}
}

// newcomerRows are what config check sees of the files of TLS, backups and stewards.
func newcomerRows(t *testing.T) []row {
	certificate, key := pair(t)
	_, other := pair(t)
	plain := inFile(t, "plain", "x", 0o600)
	open := func(mode os.FileMode) string {
		dir := filepath.Join(t.TempDir(), "open")
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	files := func(certificate, key string) config.Sources {
		return set("tls.mode=files", "tls.certificate="+certificate, "tls.key="+key, "origins=https://a.test", "data_dir="+open(0o700))
	}
	return []row{
		{set("canary_file=/nowhere/words"), "canary_file", "no such file", "name a file that this user may read"},
		{set("canary_file=" + t.TempDir()), "canary_file", "is no file", "leave the setting out"},
		{set("backups.dir=" + open(0o755)), "backups.dir", "can look into", "chmod o-rwx"},
		{set("tls.mode=acme", "tls.acme.i_agree_to_the_terms=true", "origins=https://a.test", "tls.acme.cache="+open(0o750)), "tls.acme.cache", "holds keys, and others on this machine can look into", "chmod go-rwx"},
		{files("/nowhere/c.pem", inFile(t, "k", key, 0o600)), "tls.certificate", "no such file", "name a file that this user may read"},
		{files(plain, inFile(t, "k", key, 0o600)), "tls.certificate", "holds no certificate", "BEGIN CERTIFICATE"},
		{files(inFile(t, "c", certificate, 0o644), "/nowhere/k.pem"), "tls.key", "no such file", "name a file that this user may read"},
		{files(inFile(t, "c", certificate, 0o644), inFile(t, "k", key, 0o604)), "tls.key", "every user of this machine can come to", "chmod 600"},
		{files(inFile(t, "c", certificate, 0o644), inFile(t, "k", other, 0o600)), "tls.key", "does not fit the certificate", "without a passphrase"},
		{set("tls.acme.ca_file=" + plain), "tls.acme.ca_file", "holds no certificate", "BEGIN CERTIFICATE"},
		{set("programs.mutual_tls.ca_file=" + plain), "programs.mutual_tls.ca_file", "holds no certificate", "BEGIN CERTIFICATE"},
	}
}

// pair is a certificate and its key.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"a.test"}, NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}
	public, err := x509.CreateCertificate(rand.Reader, shape, shape, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", public), block("PRIVATE KEY", private)
}

func block(kind string, b []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
}

// What is right with TLS, backups and the stewards' words is sound.
func TestSoundFilesAreSound(t *testing.T) {
	certificate, key := pair(t)
	dir := filepath.Join(t.TempDir(), "vault")
	s := set("data_dir="+dir, "origins=https://a.test", "tls.mode=files", "tls.certificate="+inFile(t, "c", certificate, 0o644), "tls.key="+inFile(t, "k", key, 0o640),
		"backups.dir="+dir+"/backups", "canary_file="+inFile(t, "words", "", 0o644))
	var out strings.Builder
	if err := config.Command("check", s, &out); err != nil || out.String() != "the configuration is sound\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
