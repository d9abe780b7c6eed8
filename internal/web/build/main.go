// Build makes the site that package web carries: pages in every language from
// templates and catalogues, scripts and styles from the TypeScript in internal/web/app.
//
// Promises: the same sources and packages give the same bytes on every machine;
// nothing is written when anything is wrong: a text that is missing in a language, one
// that nothing uses, a page or view that has grown beyond its budget.
//
// Assumes: npm ci has been run in internal/web/app. Does not: fetch anything.
//
// Specification: docs/web.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// languages are those of the site, each complete or not built.
var languages = []string{"en", "fr", "ar", "uk", "ckb"}

func main() {
	root := flag.String("root", "internal/web", "the folder of pages, words and app")
	out := flag.String("out", "internal/web/site", "the folder to make the site in")
	flag.Parse()
	if err := build(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "build site:", err)
		os.Exit(1)
	}
}

// files are what is served, by path.
type files map[string][]byte

func build(root, out string) error {
	texts, err := readWords(filepath.Join(root, "app", "words"))
	if err != nil {
		return err
	}
	if err := texts.check(root); err != nil {
		return err
	}
	made := files{}
	assets, err := bundle(filepath.Join(root, "app"), made)
	if err != nil {
		return err
	}
	if err := texts.publish(made, assets); err != nil {
		return err
	}
	if err := publishLists(made, assets); err != nil {
		return err
	}
	if err := publishReadmes(made, assets); err != nil {
		return err
	}
	if err := copyMedia(root, texts, made, assets); err != nil {
		return err
	}
	if err := render(root, texts, assets, made); err != nil {
		return err
	}
	wire := squeeze(made)
	if err := weigh(made, wire, assets); err != nil {
		return err
	}
	return write(out, made, wire)
}
