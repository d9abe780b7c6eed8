package gateway_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/gateway"
)

// The example is a configuration with every setting at its default.
func TestTheExampleHoldsTheDefaults(t *testing.T) {
	s, err := gateway.Parse([]byte(gateway.Example))
	if err != nil {
		t.Fatal(err)
	}
	d := gateway.Defaults()
	if s.Limits != d.Limits || s.Log != d.Log || s.Listen != d.Listen || s.IKnowThisIsPublic || len(s.Tella.Users)*len(s.Tella.Projects)*len(s.Kobo)*len(s.Forms) != 1 {
		t.Errorf("%+v", s)
	}
}

// Every fault is told at once, with what to do, and without the secrets.
func TestAFaultyConfigurationIsRefusedAsAWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "g.yaml")
	text := `
listen: 0.0.0.0:8090
vault: {server: "", id: x, client: x, key_file: none.pem}
destinations:
  - {name: ../a, recipient: AGE-SECRET-KEY-PQ-1QQQ, tray: {env: SHORT}}
  - {name: b, recipient: age1pq1, tray: {file: a, env: b}, consultation: x}
  - {name: b, recipient: age1pq1, tray: {file: missing}}
tella: {users: [{name: u, password: {env: SHORT}}], projects: [{slug: s, to: nobody, users: [w]}]}
limits: {room: 1 MiB, uploads: 0, stall: 1s}
log: {level: loud, format: x}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := gateway.Load(file, []string{"SHORT=sesame"})
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	for _, want := range []string{"folder:", "listen: can be reached from other machines", "vault.server:", "vault.id:", "vault.key_file:", "destinations[0]: has no usable name", "destinations[0].recipient",
		"destinations[0].tray: has less than 26", "destinations[1].tray: has not one place", "destinations[1].consultation", "destinations[2]: has the name of another", "destinations[2].tray: cannot be read",
		"tella.users[0].password", "tella.projects[0].to", "tella.projects[0].name", "tella.projects[0].users", "limits.room", "limits.uploads", "limits.stall", "log.level", "log.format"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(err.Error(), "sesame") || strings.Contains(err.Error(), "QQQ") {
		t.Error("it repeats a secret")
	}
	for _, bad := range []string{"lisen: 127.0.0.1:1", "folder: a\nfolder: b", "folder: a\n---\nfolder: b", "tella: {user: []}", "limits: {room: 5 GB}"} {
		if _, err := gateway.Parse([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// A configuration that is read again means the same, whatever was written.
func FuzzParse(f *testing.F) {
	f.Add(gateway.Example)
	f.Add("listen: x")
	f.Add("a: &x [*x]")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := gateway.Parse([]byte(text))
		if err != nil {
			return
		}
		if again, err := gateway.Parse([]byte(text)); err != nil || again.Listen != s.Listen || again.Limits != s.Limits {
			t.Errorf("%q was read in two ways", text)
		}
	})
}
