package webtest_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/webtest"
)

// The web app's tests pass, in node and in both browsers, against the programs of
// this very source.
func TestTheWebApp(t *testing.T) {
	if err := webtest.Missing(); err != nil {
		t.Fatal(err)
	}
	if err := webtest.Compile(t.Context()); err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := webtest.Programs(bin); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"core", "tell", "browser"} {
		files, err := webtest.Files(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			t.Run(folder+"/"+file, func(t *testing.T) {
				t.Parallel() // each has vaults, browsers and folders of its own
				said, err := webtest.Run(t.Context(), bin, folder, file)
				if err != nil {
					t.Fatalf("%v\n%s", err, said)
				}
			})
		}
	}
}

// A file of tests that are left out is a failure, and so is one without any.
func TestNothingIsSkipped(t *testing.T) {
	for name, text := range map[string]string{
		"none":    "",
		"skipped": `import { test } from "node:test"; test("a", { skip: true }, () => {})`,
		"todo":    `import { test } from "node:test"; test("a", { todo: true }, () => {})`,
	} {
		file := "probe-" + name
		path := filepath.Join(webtest.App, ".built", "test", "probe", file+".js")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, err := webtest.Run(t.Context(), t.TempDir(), "probe", file); !errors.Is(err, webtest.ErrIncomplete) {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
	}
}
