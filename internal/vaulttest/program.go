package vaulttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Program builds one of the repository's programs for the test, the way it is
// released, and gives its path. The go command links it once for all tests of the
// machine: what it runs it keeps, by its sources, among what it has built.
func Program(t testing.TB, name string) string {
	t.Helper()
	pkg, path := "github.com/relatingfield/vault/cmd/"+name, filepath.Join(t.TempDir(), name)
	if !kept(t, pkg, path) {
		goRun(t, "build", "-trimpath", "-buildvcs=false", "-o", path, pkg)
	}
	depend(t, strings.TrimSpace(goRun(t, "list", "-f", "{{.Dir}}", pkg)))
	return path
}

// kept has the go command "run" the program, which is to say its path. The first time
// that is a path of the moment, and from the second on that of what is kept.
func kept(t testing.TB, pkg, path string) bool {
	for range 2 {
		at := strings.TrimSpace(goRun(t, "run", "-trimpath", "-buildvcs=false", "-exec", "echo", pkg))
		if os.Link(at, path) == nil || duplicate(at, path) == nil {
			return true
		}
	}
	return false
}

func duplicate(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o700)
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
