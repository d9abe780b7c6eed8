package main

import (
	"os/exec"
	"testing"
)

// The scripts use what everybody has. Where it is missing they fail, and this
// says what to do about it.
func TestOrdinaryToolsAreInstalled(t *testing.T) {
	for tool, pkg := range map[string]string{"curl": "curl", "tar": "tar", "sha256sum": "coreutils", "sed": "sed", "base64": "coreutils", "sha512sum": "coreutils", "openssl": "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Errorf("%s is missing: install it with: apt-get install %s", tool, pkg)
		}
	}
}
