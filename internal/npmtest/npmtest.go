// Package npmtest gives tests programs of the npm registry, to hold what we
// compute against other people's code.
//
// A test's folder holds package.json and package-lock.json; the packages are
// fetched once a machine into the user's cache folder, in exactly the versions
// and bytes that the lock names, without running anything they bring. A test that
// cannot have them, or has no node, fails: an interoperability test that is
// skipped proves nothing.
package npmtest

import (
	"bytes"
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

// Run runs script, a file of folder, with node, gives it input on its standard
// input and the folder of the installed packages as its argument, and returns
// what it writes.
func Run(t testing.TB, folder, script string, input []byte) []byte {
	t.Helper()
	installed, err := Install(folder)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join(folder, script), installed)
	cmd.Stdin = bytes.NewReader(input)
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Install returns a folder with the node_modules that folder's lock names.
func Install(folder string) (path string, err error) {
	files := map[string][]byte{}
	sum := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json"} {
		if files[name], err = os.ReadFile(filepath.Join(folder, name)); err != nil {
			return "", fmt.Errorf("install packages: %w", err)
		}
		sum.Write(files[name])
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("install packages: %w", err)
	}
	path = filepath.Join(cache, "testimony-vault", "npm-"+hex.EncodeToString(sum.Sum(nil)[:8]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := install(path, files); err != nil {
		return "", fmt.Errorf("install packages: %w", err)
	}
	return path, nil
}

// install fetches beside the place and renames, so that the folder is there whole
// or not at all. Whoever comes second finds the same packages there.
func install(path string, files map[string][]byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "install-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = dir
	if _, err := output(cmd); err != nil {
		return err
	}
	err = os.Rename(dir, path)
	if _, there := os.Stat(path); there == nil {
		return nil
	}
	return err
}

func output(cmd *exec.Cmd) ([]byte, error) {
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("%w: install Node.js 20 or newer with npm", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(complaints.String()))
	}
	return out, nil
}
