package deploy_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/config"
)

// onion starts tor with the service's configuration, without a network, and gives the
// address it made once tor has opened everything it will.
func onion(t *testing.T) string {
	t.Helper()
	path, err := exec.Command("../internal/tools/tor").Output()
	if err != nil {
		t.Fatalf("tor: %v", err)
	}
	dir := t.TempDir()
	service := filepath.Join(dir, "vault")
	text := strings.NewReplacer("/var/lib/tor/vault", service, "Log warn syslog", "Log notice stdout").Replace(read(t, "onion/torrc"))
	if !strings.Contains(text, service) {
		t.Fatal("the service has no folder")
	}
	text += "DataDirectory " + filepath.Join(dir, "data") + "\nDisableNetwork 1\n"
	file := filepath.Join(dir, "torrc")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	tor := strings.TrimSpace(string(path))
	alone := []string{"-f", file, "--defaults-torrc", os.DevNull, "--ignore-missing-torrc"}
	if out, err := exec.Command(tor, append(alone, "--verify-config")...).CombinedOutput(); err != nil || !strings.Contains(string(out), "Configuration was valid") {
		t.Fatalf("%v:\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, tor, alone...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() }) // killed: its state is in the test's folder
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line := lines.Text()
		if (strings.Contains(line, "[warn]") || strings.Contains(line, "[err]")) && !strings.Contains(line, "running Tor as root") {
			t.Errorf("tor is not content: %s", line)
		}
		if said += line + "\n"; strings.Contains(line, "Bootstrapped 0%") {
			break
		}
	}
	host, err := os.ReadFile(filepath.Join(service, "hostname"))
	if err != nil {
		t.Fatalf("%v:\n%s", err, said)
	}
	return strings.TrimSpace(string(host))
}

// Tor itself accepts the configuration, starts by it, and makes an address that
// testimonyd accepts, on a vault that only tor can reach.
func TestTorServesTheVaultsAddress(t *testing.T) {
	host := onion(t)
	cfg, err := config.Sources{Set: []string{"origins=http://" + host, "onion=http://" + host}}.Load()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(read(t, "onion/torrc"), "HiddenServicePort 80 "+cfg.Listen+"\n") {
		t.Errorf("tor leads elsewhere than to %s", cfg.Listen)
	}
}

// The machine's tor does nothing for anybody else.
func TestTorServesNobodyElse(t *testing.T) {
	text := read(t, "onion/torrc")
	for _, line := range []string{"SocksPort 0", "ORPort 0", "ControlPort 0", "SafeLogging 1", "HiddenServiceVersion 3"} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("the configuration does not say %q", line)
		}
	}
	if strings.Contains(text, "SingleHop") || strings.Contains(text, "NonAnonymous") {
		t.Error("the service would show where it is")
	}
}
