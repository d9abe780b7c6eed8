package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// pkg is a package with fuzz targets.
type pkg struct {
	root, dir string // of the module, and of the package in it
	targets   []string
}

// moduleRoot is the folder of go.mod above here.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("there is no go.mod here or above")
		}
		dir = up
	}
}

// find reads every test file of the module for targets that only matches.
func find(root string, only *regexp.Regexp) ([]pkg, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root || foreign(path, root)):
			return filepath.SkipDir
		case !strings.HasSuffix(d.Name(), "_test.go"):
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		names, err := targets(path)
		for _, n := range names {
			if only.MatchString(filepath.ToSlash(dir) + "." + n) {
				found[dir] = append(found[dir], n)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for fuzz targets: %w", err)
	}
	var out []pkg
	for dir, names := range found {
		slices.Sort(names)
		out = append(out, pkg{root, dir, names})
	}
	slices.SortFunc(out, func(a, b pkg) int { return strings.Compare(a.dir, b.dir) })
	return out, nil
}

// foreign tells whether a folder is another module's.
func foreign(path, root string) bool {
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil && path != root
}

// targets lists the fuzz functions of a file.
func targets(path string) (out []string, err error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Fuzz") {
			out = append(out, fn.Name.Name)
		}
	}
	return out, nil
}
