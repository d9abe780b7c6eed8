// Package snippettest finds what the documentation shows as code, so that a test can run
// each piece, or hold it against what is run.
//
// Promises: every block of a Markdown file that a reader sees as code is found, fenced
// or indented, with its language and the line on which it begins. Does not: run
// anything.
package snippettest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Block is a piece of code in a page.
type Block struct {
	File string // from the root, with slashes
	Line int
	Lang string // what stands behind the fence; empty: indented
	Text string
}

// Blocks are those of all pages below root that the repository has.
func Blocks(root string) (out []Block, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{"node_modules", "sdk", "var", "bin", "dist", "testdata"}, d.Name()) || strings.HasPrefix(d.Name(), ".") && name != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".md") {
			return nil
		}
		text, err := os.ReadFile(path)
		out = append(out, In(filepath.ToSlash(name), string(text))...)
		return err
	})
	return out, err
}

// In finds the blocks of one page. Indented text is code after an empty line, and not
// within a list.
func In(file, page string) (out []Block) {
	var open *Block
	empty, listed := true, false
	for n, line := range strings.Split(page, "\n") {
		fence, fenced := strings.CutPrefix(line, "```")
		indented := strings.HasPrefix(line, "    ") && strings.TrimSpace(line) != ""
		switch {
		case open != nil && open.Lang != "" && fenced:
			out, open = append(out, *open), nil
		case open != nil && open.Lang != "":
			open.Text += line + "\n"
		case fenced:
			if open != nil {
				out = append(out, *open)
			}
			open = &Block{File: file, Line: n + 1, Lang: fence + " "}
			open.Lang = strings.TrimSpace(open.Lang)
			if open.Lang == "" {
				open.Lang = "none"
			}
		case open != nil && (indented || strings.TrimSpace(line) == ""):
			open.Text += strings.TrimPrefix(line, "    ") + "\n"
		case open != nil:
			out, open = append(out, *open), nil
		case indented && empty && !listed:
			open = &Block{File: file, Line: n + 1, Text: strings.TrimPrefix(line, "    ") + "\n"}
		}
		empty = strings.TrimSpace(line) == ""
		if !empty && !strings.HasPrefix(line, " ") {
			listed = strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "- ") || len(line) > 2 && line[1] == '.' && line[2] == ' '
		}
	}
	if open != nil {
		out = append(out, *open)
	}
	return out
}
