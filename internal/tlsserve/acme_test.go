package tlsserve_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/relatingfield/vault/internal/app"
	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/realserver"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// names answers every question for an address with this machine's, over TCP, so that
// the authority finds the vault under any name.
func names(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(time.Minute))
			_ = answerNames(c)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// answerNames answers one question, with the length of a message before it (RFC 1035
// section 4.2.2).
func answerNames(c net.Conn) error {
	var size [2]byte
	if _, err := io.ReadFull(c, size[:]); err != nil {
		return err
	}
	b := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c, b); err != nil {
		return err
	}
	out, ok := answerName(b)
	if !ok {
		return io.ErrUnexpectedEOF
	}
	_, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
	return err
}

func answerName(question []byte) ([]byte, bool) {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil, false
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	if q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
	}
	out, err := m.Pack()
	return out, err == nil
}

// free is a port that was free just now.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, l.Close())
	return l.Addr().String()
}

// pebble starts the authority, which looks for vaults at one port, and gives its
// address and its management's.
func pebble(t *testing.T, vaults string) (directory, management string) {
	t.Helper()
	_, port, err := net.SplitHostPort(vaults)
	must(t, err)
	looks, err := strconv.Atoi(port)
	must(t, err)
	f := inFiles(t, trusted.server("authority.example"))
	here, there := free(t), free(t)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": here, "managementListenAddress": there, "certificate": f.chain, "privateKey": f.key, "httpPort": 1, "tlsPort": looks, "keyAlgorithm": "ecdsa",
	}})
	must(t, err)
	file := filepath.Join(t.TempDir(), "pebble.json")
	must(t, os.WriteFile(file, settings, 0o600))
	cmd := exec.Command(realserver.Binary(t, realserver.ACME), "-config", file, "-dnsserver", names(t), "-strict")
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0", "PEBBLE_AUTHZREUSE=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	daemontest.DieWithParent(cmd.SysProcAttr)
	var said log
	cmd.Stdout, cmd.Stderr = &said, &said
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
	awaitAnswer(t, "https://"+here+"/dir")
	return "https://" + here + "/dir", "https://" + there
}

func awaitAnswer(t *testing.T, url string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		if resp, err := http.Get(url); err == nil {
			_ = resp.Body.Close()
			return
		}
		<-tick.C
	}
	t.Fatalf("nobody answers at %s", url)
}

// The vault gets itself a certificate from a real authority of another hand, over the
// port that it serves at, for the name that people type, and for no other; what it
// keeps of it nobody else on the machine can read; and a restart asks for none anew.
func TestAVaultGetsItselfACertificate(t *testing.T) {
	addr := free(t)
	directory, management := pebble(t, addr)
	root := get(t, management+"/roots/0")
	authority := filepath.Join(t.TempDir(), "authority.pem") // of its own address, and of what it gives
	must(t, os.WriteFile(authority, append(trusted.pem(), root...), 0o600))
	var cache string
	v := vaulttest.New(t, vaulttest.With(func(c *config.Config) {
		cache = filepath.Join(c.DataDir, "acme")
		c.IKnowThisIsForPractice = true
		c.Listen, c.Origins = addr, []string{"https://vault.example", "https://" + addr}
		c.TLS = config.TLS{Mode: config.TLSACME, ACME: config.ACME{Directory: directory, IAgreeToTheTerms: true, CAFile: authority}}
	}))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	as := func(name string) func(*tls.Config) {
		return func(c *tls.Config) { c.ServerName, c.RootCAs = name, roots }
	}
	first, err := shown(t, v.Addr, as("vault.example"))
	must(t, err)
	if first.Version != tls.VersionTLS13 || first.PeerCertificates[0].VerifyHostname("vault.example") != nil {
		t.Errorf("%s, a certificate for %v", tls.VersionName(first.Version), first.PeerCertificates[0].DNSNames)
	}
	must(t, app.New(v.Config, slog.New(slog.DiscardHandler)).AskReady(t.Context())) // as a supervisor does
	if _, err := shown(t, v.Addr, as("another.example")); err == nil {
		t.Error("it got a certificate for a name that is not its own")
	}
	kept := 0
	must(t, filepath.Walk(cache, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		if kept++; info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return nil
	}))
	if kept < 3 {
		t.Errorf("%d things are kept", kept)
	}
	v.Stop()
	v.Start()
	again, err := shown(t, v.Addr, as("vault.example"))
	must(t, err)
	if !bytes.Equal(again.PeerCertificates[0].Raw, first.PeerCertificates[0].Raw) {
		t.Error("after a restart it asked for another one")
	}
	if strings.Contains(v.Log.String(), "vault.example") || strings.Contains(v.Log.String(), "127.0.0.1") {
		t.Errorf("the log names somebody:\n%s", v.Log)
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	resp, err := http.Get(url)
	must(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return b
}
