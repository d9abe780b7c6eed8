// Package webtest runs the tests of the web app: its protocol in node, its pages in
// Chromium and Firefox ESR against the real testimonyd, each test file a test of Go.
//
// Promises: nothing is skipped: a browser, node, package or built site that is missing
// is a failure that says what to run, and so is a test file without tests or with one
// that is left out; each file has a time limit, and what it started ends with it.
//
// Assumes: make site has been run. Does not: fetch anything, or leave the machine.
//
// Specification: docs/web.md.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/relatingfield/vault/internal/daemontest"
	"github.com/relatingfield/vault/internal/web"
)

// App is the web app's folder, seen from the folder of a package beside this one.
const App = "../web/app"

const (
	compiling = 5 * time.Minute
	oneFile   = 10 * time.Minute
	ending    = 20 * time.Second // for a browser to be closed
)

// Missing says what a test needs and does not find, or nothing.
func Missing() error { return MissingIn(App) }

// MissingIn is Missing for whoever sees the app in another folder.
func MissingIn(app string) error {
	programs := map[string]string{
		"node": "install Node.js 20 or newer", "go": "install Go",
		program("CHROMIUM", "/usr/bin/chromium"):   "run make browsers",
		program("FIREFOX", "/usr/bin/firefox-esr"): "run make browsers",
	}
	var errs []error
	for name, do := range programs {
		if _, err := exec.LookPath(name); err != nil {
			errs = append(errs, fmt.Errorf("%w: %s", err, do))
		}
	}
	if _, err := os.Stat(filepath.Join(app, "node_modules", ".package-lock.json")); err != nil {
		errs = append(errs, fmt.Errorf("%w: run make site, which fetches the packages", err))
	}
	site, err := web.Open()
	if err == nil && !site.Built() {
		err = errors.New("the site has not been built: run make site")
	}
	return errors.Join(append(errs, err)...)
}

func program(variable, usual string) string {
	if set := os.Getenv(variable); set != "" {
		return set
	}
	return usual
}

// Compile compiles the app and its tests for node.
func Compile(ctx context.Context) error { return CompileIn(ctx, App) }

// CompileIn is Compile for whoever sees the app in another folder.
func CompileIn(ctx context.Context, app string) error {
	ctx, cancel := context.WithTimeout(ctx, compiling)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.test.json")
	cmd.Dir = app
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile the tests: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Programs builds testimonyd and testimony with the site as it is now, and what
// answers the core's tests.
func Programs(dir string) error {
	for _, pkg := range []string{"cmd/testimonyd", "cmd/testimony", "internal/webcoretest"} {
		if _, err := daemontest.Build(dir, pkg); err != nil {
			return err
		}
	}
	return nil
}

// Files are the test files of a folder of the app's tests: "core", "tell" or "browser".
func Files(folder string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(App, "test", folder, "*.test.ts"))
	if err != nil {
		return nil, err
	}
	for i, f := range found {
		found[i] = strings.TrimSuffix(filepath.Base(f), ".ts")
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no tests in test/%s", folder)
	}
	return found, nil
}

// ErrIncomplete says that a file ran without running all of its tests.
var ErrIncomplete = errors.New("a test file must have tests, and run them all")

// Run runs one compiled test file with the programs in bin, and returns what it said.
func Run(ctx context.Context, bin, folder, file string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, oneFile)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=spec", filepath.Join(".built", "test", folder, file+".js"))
	cmd.Dir = App
	cmd.Env = append(os.Environ(), "TESTIMONY_BIN="+bin)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // node's tests close their browsers
	cmd.WaitDelay = ending
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w", file, errors.Join(err, ctx.Err()))
	}
	return string(out), whole(string(out), file)
}

var counts = regexp.MustCompile(`(?m)^ℹ (tests|pass|skipped|todo|cancelled) (\d+)$`)

// whole reads the counts at the end of a report. A file without tests is reported as
// one test, with its own name.
func whole(report, file string) error {
	n := map[string]string{}
	for _, m := range counts.FindAllStringSubmatch(report, -1) {
		n[m[1]] = m[2]
	}
	if n["tests"] == "" || n["tests"] == "0" || n["pass"] != n["tests"] || strings.Contains(report, file+".js (") {
		return fmt.Errorf("%w: %s of %s passed, %s were skipped", ErrIncomplete, n["pass"], n["tests"], n["skipped"])
	}
	return nil
}
