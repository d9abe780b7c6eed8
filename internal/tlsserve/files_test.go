package tlsserve_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/peopletest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/tlsserve"
	"github.com/relatingfield/vault/internal/vaulttest"
)

// A vault that speaks TLS itself does all that it does behind a proxy: she tells, a
// reader reads, she takes it back, and the line is cut below TLS.
func TestAVaultSpeaksTLSItself(t *testing.T) {
	v := vaulttest.New(t, withTLS(inFiles(t, trusted.server("vault.example"))))
	if !strings.HasPrefix(v.URL, "https://") {
		t.Fatalf("people are sent to %s", v.URL)
	}
	door := &peopletest.Door{T: t, Origin: v.URL, Vault: v.ID, Steward: v.Steward, Now: v.Clock.Now}
	her, reader := door.Participant(), door.Researcher(100)
	made, err := her.Create(t.Context(), client.Testimony{Title: "شهادة", Parts: []client.Content{client.Bytes("a.txt", "", []byte("what she said")), client.Bytes("b.bin", "", make([]byte, 4<<20))}})
	must(t, err)
	g, err := her.Grant(t.Context(), client.Offer{Testimony: made, Parts: []int64{1, 2}, To: reader.Account(), Terms: api.Terms{Access: statement.Download}})
	must(t, err)
	var read bytes.Buffer
	_, err = reader.Open(t.Context(), g.ID, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &read, nil }))
	must(t, err)
	if read.String() != "what she said" {
		t.Errorf("%q was read", read.String())
	}
	first, cut := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := reader.Open(t.Context(), g.ID, 2, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return &slow{begun: first}, nil }))
		cut <- err
	}()
	<-first
	_, err = her.Revoke(t.Context(), made, g.ID)
	must(t, err)
	if err := <-cut; err == nil {
		t.Log("all of it had left before she took it back")
	}
	if _, err := reader.Open(t.Context(), g.ID, 1, client.SinkFunc(func(client.PartInfo, int64) (io.Writer, error) { return io.Discard, nil })); err == nil {
		t.Error("what she took back is read")
	}
	resp, err := http.Get(v.URL + "/")
	must(t, err)
	must(t, resp.Body.Close())
	if got := resp.Header.Get("Strict-Transport-Security"); got != "max-age=63072000" {
		t.Errorf("Strict-Transport-Security: %q", got)
	}
}

// slow says when the first bytes have come.
type slow struct{ begun chan struct{} }

func (s *slow) Write(b []byte) (int, error) {
	if s.begun != nil {
		close(s.begun)
		s.begun = nil
	}
	return len(b), nil
}

// Nothing older than TLS 1.3 is spoken, and nothing else at all: by the word of another
// program, too.
func TestNothingOlderIsSpoken(t *testing.T) {
	v := vaulttest.New(t, withTLS(inFiles(t, trusted.server("vault.example"))))
	for version := uint16(tls.VersionTLS10); version <= tls.VersionTLS13; version++ {
		state, err := shown(t, v.Addr, func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version })
		if (err == nil) != (version == tls.VersionTLS13) {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil && state.Version != tls.VersionTLS13 {
			t.Errorf("%s was agreed on", tls.VersionName(state.Version))
		}
	}
	if state, err := shown(t, v.Addr, func(c *tls.Config) { c.NextProtos = []string{"h2", "http/1.1"} }); err != nil || state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("%q, %v", state.NegotiatedProtocol, err)
	}
	for flag, good := range map[string]bool{"-tls1_2": false, "-tls1_3": true} {
		cmd := exec.CommandContext(t.Context(), "openssl", "s_client", flag, "-connect", v.Addr, "-servername", "localhost", "-brief")
		out, err := cmd.CombinedOutput() // standard input is empty: it ends when it is connected
		if (err == nil) != good {
			t.Errorf("openssl s_client %s: %v\n%s", flag, err, out)
		}
		if good && (!strings.Contains(string(out), "Protocol version: TLSv1.3") || !strings.Contains(string(out), "TLS_AES_128_GCM_SHA256") && !strings.Contains(string(out), "TLS_AES_256_GCM_SHA384") && !strings.Contains(string(out), "TLS_CHACHA20_POLY1305_SHA256")) {
			t.Errorf("openssl says:\n%s", out)
		}
	}
	resp, err := http.Get("http://" + v.Addr + "/v1/vault")
	must(t, err)
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusBadRequest || bytes.Contains(b, []byte("vault_id")) {
		t.Errorf("without TLS: %d %q %v", resp.StatusCode, b, err)
	}
}

// A certificate that was renewed is shown without a restart; one that cannot be read
// is not, and the one before is shown on.
func TestARenewedCertificateIsShown(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	before, after := trusted.server("before.example"), trusted.server("after.example")
	f, said := inFiles(t, before), &log{}
	cfg, err := tlsserve.FromFiles(f.chain, f.key, func() time.Time { return at }, said.logger())
	must(t, err)
	shows := func(p pair) bool {
		c, err := cfg.GetCertificate(&tls.ClientHelloInfo{})
		must(t, err)
		return bytes.Equal(c.Certificate[0], p.cert.Raw)
	}
	if !shows(before) {
		t.Error("the first is not shown")
	}
	must(t, os.WriteFile(f.chain, []byte("half of it"), 0o644))
	if at = at.Add(2 * time.Second); !shows(before) || !strings.Contains(said.String(), "cannot be read") {
		t.Errorf("while it cannot be read: %s", said)
	}
	must(t, os.WriteFile(f.chain, after.chain, 0o644))
	if at = at.Add(2 * time.Second); !shows(before) {
		t.Error("it is shown without its key")
	}
	must(t, os.WriteFile(f.key, after.key, 0o600))
	if at = at.Add(2 * time.Second); !shows(after) {
		t.Error("the renewed one is not shown")
	}
}

// A key that others can read is none to start with.
func TestAKeyThatOthersReadIsRefused(t *testing.T) {
	f := inFiles(t, trusted.server("vault.example"))
	must(t, os.Chmod(f.key, 0o644))
	if _, err := tlsserve.FromFiles(f.chain, f.key, time.Now, (&log{}).logger()); err == nil || !strings.Contains(err.Error(), "chmod 0600") {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o755))
	if _, err := tlsserve.FromACME(tlsserve.ACME{Directory: "https://127.0.0.1:1/dir", Names: []string{"vault.example"}, Cache: dir}); err == nil || !strings.Contains(err.Error(), "chmod 0700") {
		t.Errorf("%v", err)
	}
}
