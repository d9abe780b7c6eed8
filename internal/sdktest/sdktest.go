// Package sdktest has the TypeScript package as somebody has it who installed it: made
// by the repository's own builder and compiler, in a folder with nothing of ours beside
// it but the packages that it depends on.
//
// Promises: what runs here can import the package and Node's own modules, and nothing
// else of this repository. Assumes: the web app's packages are installed (make app).
package sdktest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Build makes the package from the repository at root in a new folder, and gives its
// path.
func Build(t testing.TB, root string) string {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "package")
	run(t, root, nil, "go", "run", "./internal/sdk", "-root", root, "-out", out)
	modules := filepath.Join(root, "internal", "web", "app", "node_modules")
	if err := os.Symlink(modules, filepath.Join(out, "node_modules")); err != nil {
		t.Fatal(err)
	}
	run(t, out, nil, "node", filepath.Join(modules, "typescript", "bin", "tsc"), "-p", ".")
	if err := os.Remove(filepath.Join(out, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return out
}

// Use makes a folder of somebody who depends on the package in dir.
func Use(t testing.TB, root, dir string) string {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	modules := filepath.Join(root, "internal", "web", "app", "node_modules")
	for from, to := range map[string]string{
		dir: "testimony-vault", filepath.Join(modules, "@noble"): "@noble", filepath.Join(modules, "@scure"): "@scure", filepath.Join(modules, "@types"): "@types",
		filepath.Join(modules, "undici-types"): "undici-types",
	} {
		if err := os.MkdirAll(filepath.Join(home, "node_modules"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(from, filepath.Join(home, "node_modules", to)); err != nil {
			t.Fatal(err)
		}
	}
	config := `{"compilerOptions":{"target":"ES2022","module":"NodeNext","moduleResolution":"NodeNext","lib":["ES2023","DOM","DOM.Iterable"],"types":["node"],"strict":true,` +
		`"noUncheckedIndexedAccess":true,"exactOptionalPropertyTypes":true,"skipLibCheck":true,"preserveSymlinks":true,"outDir":"out","rootDir":"."},"include":["*.ts"]}`
	for name, text := range map[string]string{"package.json": `{"type":"module","private":true}`, "tsconfig.json": config} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// Program checks the types of a program in home, runs it, and gives what it says.
func Program(t testing.TB, root, home, text string, env ...string) string {
	t.Helper()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "program.ts"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run(t, home, nil, "node", filepath.Join(root, "internal", "web", "app", "node_modules", "typescript", "bin", "tsc"), "-p", ".")
	return run(t, home, env, "node", "--preserve-symlinks", filepath.Join("out", "program.js"))
}

func run(t testing.TB, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatal(fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, &said, &complaints))
	}
	return said.String()
}
