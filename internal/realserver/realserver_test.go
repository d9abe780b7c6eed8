package realserver_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/realserver"
)

// Each program can be had, and is what it is called.
func TestTheProgramsCanBeHad(t *testing.T) {
	for pkg, says := range map[string]string{realserver.S3: "versitygw", realserver.Tus: "tusd", realserver.Toxic: "host", realserver.ACME: "config"} {
		out, err := exec.Command(realserver.Binary(t, pkg), "-h").CombinedOutput()
		if !strings.Contains(strings.ToLower(string(out)), says) {
			t.Errorf("%s -h: %v\n%s", pkg, err, out)
		}
	}
}
