package abusetest_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/bench/yard"
	"github.com/relatingfield/vault/internal/daemontest"
)

// proxied puts the proxy of deploy/config/nginx.conf before the vault: the same file,
// with the places of this test.
func (w *world) proxied() (addr string, trusting *tls.Config) {
	w.t.Helper()
	dir := w.t.TempDir()
	shipped, err := os.ReadFile("../../deploy/config/nginx.conf")
	must(w.t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(w.t, err)
	must(w.t, l.Close())
	addr = l.Addr().String()
	trusting = certificate(w.t, dir)
	text := string(shipped)
	for _, change := range [][2]string{
		{"worker_processes auto;", "daemon off;\nmaster_process off;"}, {"/tmp/", dir + "/"}, {"/run/secrets/", dir + "/"}, {"server node-1:8080", "server " + w.v.Addr},
		{"        server node-2:8080 max_fails=1 fail_timeout=2s;\n", ""}, {"        server node-3:8080 max_fails=1 fail_timeout=2s;\n", ""},
		{"listen 8443 ssl;", "listen " + addr + " ssl;"}, {"listen 8444 ssl;", "listen unix:" + dir + "/phones.sock ssl;"},
	} {
		if !strings.Contains(text, change[0]) {
			w.t.Fatalf("the shipped configuration has no %q any more", change[0])
		}
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	file := filepath.Join(dir, "nginx.conf")
	must(w.t, os.WriteFile(file, []byte(text), 0o600))
	program, err := yard.FindNginx(w.t.Context(), true)
	must(w.t, err)
	cmd := exec.Command(program, "-c", file, "-e", filepath.Join(dir, "error.log"))
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	daemontest.DieWithParent(cmd.SysProcAttr)
	must(w.t, cmd.Start())
	w.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	await(w.t, addr, trusting)
	return addr, trusting
}

func await(t *testing.T, addr string, trusting *tls.Config) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 500 {
		if c, err := tls.Dial("tcp", addr, trusting); err == nil {
			_ = c.Close()
			return
		}
		<-tick.C
	}
	t.Fatal("the proxy does not answer")
}

// certificate puts the proxy's into a folder, and gives how somebody who trusts it
// comes there.
func certificate(t *testing.T, dir string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	one := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"vault.example"}}
	der, err := x509.CreateCertificate(rand.Reader, one, one, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "tls_certificate"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "tls_key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Config{RootCAs: roots, ServerName: "vault.example", MinVersion: tls.VersionTLS13}
}

// Through the proxy, too, no request in doubt is taken for two: the vault answers no
// more requests than whoever sent them sees answers to, and does none of what is posted.
// What stands behind an end that both agree on is a request like any other.
func TestNothingIsSmuggledThroughTheProxy(t *testing.T) {
	w := newWorld(t)
	addr, trusting := w.proxied()
	before, seen, asked := w.disk(), 0, strings.Count(w.v.Log.String(), "msg=request ")
	for name, a := range smuggles() {
		c, err := tls.Dial("tcp", addr, trusting)
		must(t, err)
		must(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		_, _ = io.WriteString(c, a.send)
		_ = c.CloseWrite()
		b, _ := io.ReadAll(c)
		_ = c.Close()
		got := answers(string(b))
		seen += len(got)
		if strings.HasPrefix(a.send, "POST") && (len(got) == 0 || got[0] < "400") {
			t.Errorf("%s: %v\n%.300s", name, got, b)
		}
	}
	if came := strings.Count(w.v.Log.String(), "msg=request ") - asked; came > seen {
		t.Errorf("%d requests came to the vault, and %d were answered", came, seen)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trusting}}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://" + addr + "/v1/vault")
	must(t, err)
	must(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Errorf("afterwards the proxy answers %d", resp.StatusCode)
	}
	w.unharmed(before)
}
