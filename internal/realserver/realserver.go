// Package realserver gives tests and benchmarks the programs of other people that
// we are held against: an S3 server, a tus server, a proxy that spoils lines, an authority
// that gives certificates.
//
// They are pinned by internal/tools/servers/go.mod and internal/tools/acme/go.mod,
// modules apart from the product's, and built by the go command, once a machine and set of versions, into
// the user's cache folder. A test that cannot have its program fails: a test that
// is skipped proves nothing.
package realserver

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The programs.
const (
	S3    = "github.com/versity/versitygw/cmd/versitygw"
	Tus   = "github.com/tus/tusd/v2/cmd/tusd"
	Toxic = "github.com/Shopify/toxiproxy/v2/cmd/server"
	ACME  = "github.com/letsencrypt/pebble/v2/cmd/pebble"
)

// Binary returns the path of a program, for a test.
func Binary(t testing.TB, pkg string) string {
	t.Helper()
	path, err := Build(pkg)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Build returns the path of a program, and makes it if it is not there. It must be
// called from inside this module.
func Build(pkg string) (string, error) {
	path, err := buildOnce(pkg)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", pkg, err)
	}
	return path, nil
}

func buildOnce(pkg string) (string, error) {
	root, err := run("", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return "", err
	}
	module := "servers"
	if pkg == ACME {
		module = "acme"
	}
	versions := filepath.Join(root, "internal", "tools", module)
	sums, err := os.ReadFile(filepath.Join(versions, "go.sum"))
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(sums)
	path := filepath.Join(cache, "testimony-vault", module+"-"+hex.EncodeToString(sum[:8]), strings.ReplaceAll(pkg, "/", "-"))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, build(versions, path, pkg)
}

// build makes the program beside its place and renames it there: processes that
// build at the same time replace a whole program by an equal one.
func build(versions, path, pkg string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	built := filepath.Join(dir, "program")
	if _, err := run(versions, "build", "-trimpath", "-o", built, pkg); err != nil {
		return err
	}
	return os.Rename(built, path)
}

func run(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaints.String()))
	}
	return strings.TrimSpace(string(out)), nil
}
