package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	main "github.com/relatingfield/vault/internal/fuzzrun"
)

// No fuzz function of the module is left out, wherever it stands.
func TestNoTargetIsForgotten(t *testing.T) {
	root := filepath.Join("..", "..")
	found, err := main.Targets(root)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, name := range found {
		listed[name] = true
	}
	written, seen := regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`), 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.Contains(path, "testdata") {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, m := range written.FindAllStringSubmatch(string(b), -1) {
			seen++
			if dir, _ := filepath.Rel(root, filepath.Dir(path)); !listed[filepath.ToSlash(dir)+"."+m[1]] {
				t.Errorf("%s in %s is not run", m[1], path)
			}
		}
		return err
	})
	if err != nil || seen < 80 || seen != len(found) {
		t.Errorf("%d targets were found and %d are written, %v", len(found), seen, err)
	}
}

// A target that breaks is named, and its input is kept where go test meets it.
func TestWhatBreaksIsNamedAndKept(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":         "module broken\n\ngo 1.24\n",
		"broken_test.go": "package broken\n\nimport \"testing\"\n\nfunc FuzzBroken(f *testing.F) {\n\tf.Add([]byte(\"a\"))\n\tf.Fuzz(func(t *testing.T, b []byte) {\n\t\tif len(b) > 1 {\n\t\t\tt.Fatal(\"it broke\")\n\t\t}\n\t})\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var said strings.Builder
	err := main.Run(t.Context(), []string{"-each", "3s"}, &said)
	if err == nil || !strings.Contains(err.Error(), "FuzzBroken") || !strings.Contains(err.Error(), "it broke") {
		t.Fatalf("%v\n%s", err, &said)
	}
	if kept, err := filepath.Glob(filepath.Join(dir, "testdata", "fuzz", "FuzzBroken", "*")); err != nil || len(kept) != 1 {
		t.Errorf("kept: %v, %v", kept, err)
	}
	if err := main.Run(t.Context(), []string{"-only", "NoSuch"}, &said); err == nil {
		t.Error("running nothing is called a success")
	}
}

// The end of a target's time is no failure, and any other failure is one.
func TestOnlyTheEndOfTimeIsForgiven(t *testing.T) {
	late := "fuzz: elapsed: 2s\n--- FAIL: FuzzX (2.01s)\n    context deadline exceeded\nFAIL\n"
	for text, want := range map[string]bool{late: true, "FAIL\n": false, strings.Replace(late, "context", "the context", 1): false,
		strings.Replace(late, "\nFAIL", "\n    Failing input written to testdata\nFAIL", 1): false} {
		if main.OnlyLate(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
