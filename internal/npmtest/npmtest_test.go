package npmtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/npmtest"
)

// A folder whose lock names nothing still runs its scripts, with the input on
// standard input and the place of the packages as the argument.
func TestAScriptRunsWithInputAndPackages(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":      `{"name":"empty","private":true}`,
		"package-lock.json": `{"name":"empty","lockfileVersion":3,"requires":true,"packages":{"":{"name":"empty"}}}`,
		"echo.cjs":          `process.stdout.write(require("fs").readFileSync(0) + " " + process.argv[2])`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	installed, err := npmtest.Install(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(npmtest.Run(t, dir, "echo.cjs", []byte("heard"))); got != "heard "+installed {
		t.Errorf("the script wrote %q", got)
	}
}

// A lock that is not the packages' is an error: nothing is fetched on the way.
func TestALockThatDoesNotFitIsAnError(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":      `{"name":"x","private":true,"dependencies":{"shamir-secret-sharing":"0.0.4"}}`,
		"package-lock.json": `{"name":"x","lockfileVersion":3,"requires":true,"packages":{"":{"name":"x"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := npmtest.Install(dir); err == nil || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("installed: %v", err)
	}
}
