package vaulttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Program builds one of the repository's programs for the test, the way it is
// released, and gives its path.
func Program(t testing.TB, name string) string {
	t.Helper()
	pkg, path := "github.com/relatingfield/vault/cmd/"+name, filepath.Join(t.TempDir(), name)
	goRun(t, "build", "-trimpath", "-buildvcs=false", "-o", path, pkg)
	depend(t, strings.TrimSpace(goRun(t, "list", "-f", "{{.Dir}}", pkg)))
	return path
}

func goRun(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}

// depend reads a program's own sources: go test keeps results until a file that
// the test read has changed, and does not know what the go command read for it.
func depend(t testing.TB, dir string) {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		if _, err := os.ReadFile(s); err != nil {
			t.Fatal(err)
		}
	}
}
