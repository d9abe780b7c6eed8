package main

import (
	"errors"
	"fmt"
	"regexp"
)

// A budget is how many bytes a person may have to load, compressed, before a page is
// of use to her. Beside what the page's own markup and modules name, that is what its
// scripts ask for at once, by the names of the data block "places". What a view loads
// later, when she gets there, a browser measures (test/browser/weight.test.ts).
type budget struct {
	page string
	most int
	asks []string
}

var budgets = []budget{
	{"/", 25_000, nil},
	{"/help", 25_000, nil},
	{"/about", 25_000, nil},
	{"/notes", 90_000, []string{"worker.js", "words/unlock"}},
	{"/read", 180_000, []string{"worker.js", "viewer.js"}},
	{"/team", 120_000, []string{"worker.js"}},
}

// loads are the files that a page, a style or a module names: what a module imports
// only when it gets there stands behind a parenthesis, and does not count.
var loads = regexp.MustCompile(`(?:src|href)="(/a/[^"]+)"|(?:from|import)\s*"\./([^"]+\.js)"`)

func weigh(made files, wire *squeezed, a assets) error {
	var errs []error
	for _, b := range budgets {
		for _, lang := range languages {
			page := "/" + lang + b.page
			if n := weight(made, wire, b.first(a, lang)...); n > b.most {
				errs = append(errs, fmt.Errorf("%s and what it loads weigh %d bytes compressed; %d are the most", page, n, b.most))
			}
		}
	}
	return errors.Join(errs...)
}

// first are the page and what its scripts ask for.
func (b budget) first(a assets, lang string) []string {
	paths := []string{"/" + lang + b.page}
	for _, name := range b.asks {
		to, ok := a[name]
		if !ok {
			to = a[name+"/"+lang]
		}
		paths = append(paths, to)
	}
	return paths
}

// weight is of files and all that they name, each once.
func weight(made files, wire *squeezed, paths ...string) (total int) {
	seen := map[string]bool{}
	for len(paths) > 0 {
		path := paths[len(paths)-1]
		paths = paths[:len(paths)-1]
		body, ok := made[path]
		if !ok || seen[path] {
			continue
		}
		seen[path] = true
		total += min(len(wire.get(path)), len(body))
		for _, m := range loads.FindAllSubmatch(body, -1) {
			if len(m[1]) > 0 {
				paths = append(paths, string(m[1]))
			} else {
				paths = append(paths, "/a/"+string(m[2]))
			}
		}
	}
	return total
}
