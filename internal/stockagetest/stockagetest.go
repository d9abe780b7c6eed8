// Package stockagetest gives tests and benchmarks the age program itself, to
// hold our files against other people's code.
//
// It builds filippo.io/age/cmd/age and age-keygen from the module versions in
// go.mod, so the program is pinned by go.sum and neither the network nor an
// installed copy is needed, only the go command. It is built once a machine and
// kept in the user's cache folder. A test that cannot have it fails: an
// interoperability test that is skipped proves nothing.
package stockagetest

import (
	"errors"
	"fmt"
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
	path, err := Build(name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Build returns the path of age or age-keygen, and makes it if it is not there.
// It must be called from inside this module.
func Build(name string) (path string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	version, err := run("list", "-m", "-f", "{{.Version}}", "filippo.io/age")
	if err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	path = filepath.Join(cache, "testimony-vault", "age-"+version, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := build(path, "filippo.io/age/cmd/"+name); err != nil {
		return "", fmt.Errorf("build %s: %w", name, err)
	}
	return path, nil
}

// build makes the program beside its place and renames it there: processes that
// build at the same time replace a whole program by an equal one.
func build(path, pkg string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	built := filepath.Join(dir, "program")
	if _, err := run("build", "-trimpath", "-o", built, pkg); err != nil {
		return err
	}
	return os.Rename(built, path)
}

// run runs the go command where the test runs, inside this module.
func run(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaints.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
