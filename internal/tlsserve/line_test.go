package tlsserve_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/gateway"
	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// lineOf writes a certificate and its key into files, and whom the vaults of these
// tests have their own from.
func lineOf(t *testing.T, c tls.Certificate) client.Line {
	t.Helper()
	cert, err := x509.ParseCertificate(c.Certificate[0])
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	must(t, err)
	f := inFiles(t, pair{cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})})
	return client.Line{Certificate: f.chain, Key: f.key, CA: os.Getenv("SSL_CERT_FILE")}
}

// by asks with the SDK over a line.
func (w *programs) by(g *partnertest.Program, line client.Line) error {
	w.t.Helper()
	made, err := client.NewProgram(g.ID, g.Key)
	must(w.t, err)
	over, err := line.HTTP(time.Now)
	must(w.t, err)
	defer over.CloseIdleConnections()
	c, err := client.New(client.Config{Server: w.origin, Vault: w.ID, Program: made, Now: w.Clock.Now, HTTP: over})
	must(w.t, err)
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second) // it tries again and again
	defer cancel()
	_, err = c.Partner(ctx)
	return err
}

// A program that names files comes in where a certificate is asked for; without them,
// or trusting another authority, it does not.
func TestAProgramNamesTheFilesOfItsLine(t *testing.T) {
	w := newPrograms(t, true)
	g := w.partners.Partner().Program()
	line := lineOf(t, w.vouches.client(named(g.ID)))
	must(t, w.by(g, line))
	if w.by(g, client.Line{CA: line.CA}) == nil {
		t.Error("it came in without a certificate")
	}
	line.CA = w.file // vouches for programs, and not for this vault
	if w.by(g, line) == nil {
		t.Error("it trusted a vault that its authority does not vouch for")
	}
}

// A renewed certificate is shown at the next connection, without a restart; one that is
// taken away ends them.
func TestARenewedLineIsShownAtOnce(t *testing.T) {
	w := newPrograms(t, true)
	g := w.partners.Partner().Program()
	line := lineOf(t, newAuthority("nobody").client(named(g.ID))) // no authority of the vault's
	over, err := line.HTTP(time.Now)
	must(t, err)
	over.Transport.(*http.Transport).DisableKeepAlives = true
	made, err := client.NewProgram(g.ID, g.Key)
	must(t, err)
	ask := func() error {
		c, err := client.New(client.Config{Server: w.origin, Vault: w.ID, Program: made, Now: w.Clock.Now, HTTP: over})
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err = c.Partner(ctx)
		return err
	}
	if ask() == nil {
		t.Error("it came in with a certificate that nobody vouches for")
	}
	renewed := lineOf(t, w.vouches.client(named(g.ID)))
	for from, to := range map[string]string{renewed.Key: line.Key, renewed.Certificate: line.Certificate} {
		must(t, os.Rename(from, to))
	}
	must(t, ask())
	must(t, os.Remove(line.Key))
	if ask() == nil {
		t.Error("it came in with a key that is not there any more")
	}
}

// Files that would fail later, or that others may have read, are refused at once.
func TestAFaultyLineIsRefusedInWords(t *testing.T) {
	a := newAuthority("partners")
	good, other := lineOf(t, a.client("urn:a")), lineOf(t, a.client("urn:b"))
	open := lineOf(t, a.client("urn:c"))
	must(t, os.Chmod(open.Key, 0o640))
	day := 24 * time.Hour
	for _, r := range []struct {
		line  client.Line
		after time.Duration
		says  string
	}{
		{good, 0, ""},
		{good, 2 * day, "ended on"},
		{good, -2 * day, "begins on"},
		{open, 0, "chmod 600"},
		{client.Line{Certificate: good.Certificate, Key: other.Key}, 0, "no certificate with its key"},
		{client.Line{Certificate: good.Certificate}, 0, "name both"},
		{client.Line{Key: good.Key}, 0, "name both"},
		{client.Line{CA: good.Key}, 0, "holds no certificates"},
		{client.Line{CA: good.Key + "-none"}, 0, "no such file"},
	} {
		_, err := r.line.HTTP(func() time.Time { return time.Now().Add(r.after) })
		if r.says == "" && err != nil || r.says != "" && (err == nil || !strings.Contains(err.Error(), r.says)) {
			t.Errorf("%+v, %s: %v", r.line, r.says, err)
		}
	}
}

// The command line comes in with the same files, and names what is wrong with them.
func TestTheCommandLineShowsACertificate(t *testing.T) {
	w := newPrograms(t, true)
	g := w.partners.Partner().Program()
	line := lineOf(t, w.vouches.client(named(g.ID)))
	testimony := vaulttest.Program(t, "testimony")
	run := func(flags ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), testimony, append([]string{"partner", "invite", "--timeout", "20s", "--key", keyFile(t, g), "--client", string(g.ID)}, flags...)...)
		cmd.Env = []string{"TESTIMONY_SERVER=" + w.origin, "TESTIMONY_VAULT=" + w.ID.String(), "TESTIMONY_CA=" + line.CA}
		b, err := cmd.CombinedOutput()
		return string(b), err
	}
	if out, err := run("--certificate", line.Certificate, "--certificate-key", line.Key); err != nil || !strings.Contains(out, "Invitation:") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run(); err == nil {
		t.Errorf("it came in without a certificate: %s", out)
	}
	must(t, os.Chmod(line.Key, 0o644))
	if out, err := run("--certificate", line.Certificate, "--certificate-key", line.Key); err == nil || !strings.Contains(out, "chmod 600") {
		t.Errorf("%v: %s", err, out)
	}
}

func keyFile(t *testing.T, g *partnertest.Program) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(g.Key)
	must(t, err)
	file := filepath.Join(t.TempDir(), "program.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return file
}

// A gateway's configuration takes the files from its own folder, and names a fault of
// theirs with the others.
func TestAGatewayNamesTheFilesOfItsLine(t *testing.T) {
	line := lineOf(t, newAuthority("partners").client("urn:a"))
	file := filepath.Join(filepath.Dir(line.Key), "gateway.yaml")
	load := func() string {
		text := fmt.Sprintf("vault: {tls: {certificate_file: %s, key_file: %s, ca_file: %s}}\n", filepath.Base(line.Certificate), filepath.Base(line.Key), line.CA)
		must(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := gateway.Load(file, nil)
		return fmt.Sprint(err)
	}
	if said := load(); strings.Contains(said, "vault.tls") {
		t.Error(said)
	}
	must(t, os.Chmod(line.Key, 0o644))
	if said := load(); !strings.Contains(said, "vault.tls: cannot be used") || !strings.Contains(said, "chmod 600") {
		t.Error(said)
	}
}
