// Sdk makes the TypeScript package's sources: the protocol and sealing of the web app as
// they are, types and calls generated from the contract, and the few files of api/ts.
//
// Promises: the same sources give the same bytes on every machine; the folder holds the
// package and nothing else. Assumes: the repository's root is the working folder.
// Does not: compile; make sdk-ts runs the TypeScript compiler on what this makes, and
// whoever has the package can do so again and compare.
//
// Specification: docs/sdk.md.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/relatingfield/vault/api"
)

func main() {
	root := flag.String("root", ".", "the repository")
	out := flag.String("out", "sdk/ts", "the folder to make the package in")
	flag.Parse()
	if err := build(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "make sdk:", err)
		os.Exit(1)
	}
}

func build(root, out string) error {
	made := map[string][]byte{}
	contract, err := generate(api.OpenAPI)
	if err != nil {
		return err
	}
	made["src/contract.ts"] = contract
	for from, to := range map[string]string{"internal/web/app/src/core": "src/core", "api/ts": ""} {
		if err := collect(filepath.Join(root, from), to, made); err != nil {
			return err
		}
	}
	licence, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return err
	}
	made["LICENSE"] = licence
	return write(out, made)
}

var sibling = regexp.MustCompile(`((?:from\s+|import\()"\.[^"]*)\.ts"`)

// collect takes a folder's files. Imports name the compiled files, as programs that use
// the package need them.
func collect(dir, to string, made map[string][]byte) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if strings.HasSuffix(name, ".md") && to != "" {
			return nil
		}
		if strings.HasSuffix(name, ".ts") {
			text = sibling.ReplaceAll(text, []byte(`$1.js"`))
			if to == "" {
				name = "src/" + name
			}
		}
		made[strings.TrimPrefix(to+"/"+name, "/")] = text
		return nil
	})
}

// write makes the folder hold what was made and nothing else but the modules that the
// compiler needs.
func write(out string, made map[string][]byte) error {
	old, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range old {
		if e.Name() != "node_modules" {
			if err := os.RemoveAll(filepath.Join(out, e.Name())); err != nil {
				return err
			}
		}
	}
	for name, text := range made {
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, bytes.TrimLeft(text, "\ufeff"), 0o600); err != nil {
			return err
		}
	}
	return nil
}
