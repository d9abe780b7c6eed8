// Package stockage gives tests the age program itself, to hold our files
// against other people's code.
//
// It builds filippo.io/age/cmd/age and age-keygen from the module versions in
// go.mod, so the program is pinned by go.sum and no network or installed copy
// is needed. It is built once a machine and kept in the user's cache folder. A
// test that cannot have it fails: an interoperability test that is skipped
// proves nothing.
package stockage

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Binary returns the path of the age program.
func Binary(t testing.TB) string {
	t.Helper()
	return program(t, "age")
}

// Keygen returns the path of the age-keygen program.
func Keygen(t testing.TB) string {
	t.Helper()
	return program(t, "age-keygen")
}

func program(t testing.TB, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("find the cache folder for %s: %v", name, err)
	}
	path := filepath.Join(cache, "testimony-vault", "age-"+version(t), name)
	if _, err := os.Stat(path); err != nil {
		build(t, path, "filippo.io/age/cmd/"+name)
	}
	return path
}

func version(t testing.TB) string {
	t.Helper()
	return strings.TrimSpace(run(t, "list", "-m", "-f", "{{.Version}}", "filippo.io/age"))
}

// build makes the program beside its place and renames it there: test processes
// that build at the same time replace a whole program by an equal one.
func build(t testing.TB, path, pkg string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("make room for %s: %v", pkg, err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		t.Fatalf("make room for %s: %v", pkg, err)
	}
	defer os.RemoveAll(dir)
	built := filepath.Join(dir, "program")
	run(t, "build", "-trimpath", "-o", built, pkg)
	if err := os.Rename(built, path); err != nil {
		t.Fatalf("put %s in place: %v", pkg, err)
	}
}

// run runs the go command where the test runs, inside this module.
func run(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}
