package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func cmpText(a, b string) int { return cmp.Compare(a, b) }

func licenceOf(s string) licence {
	if strings.Contains(s, " ") {
		return licence{Expression: s}
	}
	return licence{Licence: &spdx{s}}
}

// linked is what go list says of a package.
type linked struct {
	Module *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// modules lists what a program is linked from, beside Go's own library. Only Linux is
// released, so only its files count.
func modules(ctx context.Context, program string) (string, []part, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-tags", "release", "-json=Module", program)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", nil, fmt.Errorf("go list: %w", err)
	}
	seen := map[string]bool{}
	var parts []part
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l linked
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return "", nil, err
		}
		if l.Module == nil || l.Module.Main || seen[l.Module.Path] {
			continue
		}
		seen[l.Module.Path] = true
		name, err := licenceIn(l.Module.Dir)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", l.Module.Path, err)
		}
		parts = append(parts, part{name: l.Module.Path, version: l.Module.Version, purl: "pkg:golang/" + l.Module.Path + "@" + l.Module.Version, licence: name})
	}
	return path.Base(program), parts, nil
}

// notices are phrases that stand in one licence and in no other of those we accept.
var notices = []struct {
	id    string
	texts []string
}{
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "to deal in the software without restriction"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "neither the name"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms", "provided that the following conditions are met"}},
}

var spaces = regexp.MustCompile(`[\s#*/;]+`)

// licenceIn reads the licence of a module from its own folder, or says "unknown".
func licenceIn(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		if !e.Type().IsRegular() || !strings.HasPrefix(upper, "LICENSE") && !strings.HasPrefix(upper, "LICENCE") && !strings.HasPrefix(upper, "COPYING") {
			continue
		}
		b, err := fs.ReadFile(os.DirFS(dir), e.Name())
		if err != nil {
			return "", err
		}
		if id := licenceText(string(b)); id != "" && !slices.Contains(found, id) {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return "unknown", nil
	}
	slices.Sort(found)
	return strings.Join(found, " AND "), nil
}

func licenceText(text string) string {
	text = spaces.ReplaceAllString(strings.ToLower(text), " ")
	for _, n := range notices {
		if !slices.ContainsFunc(n.texts, func(t string) bool { return !strings.Contains(text, t) }) {
			return n.id
		}
	}
	return ""
}

// locked is what package-lock.json says of a package.
type locked struct {
	Version, Integrity, License string
	Dev, Optional               bool
}

// packages lists what a lock file ships: nothing that only builds or tests.
func packages(lock string) (string, []part, error) {
	b, err := os.ReadFile(filepath.Clean(lock))
	if err != nil {
		return "", nil, err
	}
	var file struct {
		Name     string
		Packages map[string]locked
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return "", nil, err
	}
	var parts []part
	for at, p := range file.Packages {
		name, inside := cutLast(at, "node_modules/")
		if !inside || p.Dev || p.Optional {
			continue
		}
		sum, err := integrity(p.Integrity)
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, part{name, p.Version, "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + p.Version, "SHA-512", sum, p.License})
	}
	return "web-app", parts, nil
}
