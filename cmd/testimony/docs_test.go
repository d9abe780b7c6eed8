package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/cli.md")

const root = "../.."

// reference is docs/cli.md: everything that the program says of itself.
func reference() string {
	var b strings.Builder
	b.WriteString("# The command line client\n\n" +
		"What `testimony help` says, in one place. It is written by a test (`go test ./cmd/testimony -update`) and compared with the\n" +
		"program by the same test. The flags that most commands take, the environment and the exit codes come first.\n")
	block := func(title, text string) {
		b.WriteString("\n" + title + "\n\n    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n")
	}
	block("## Flags and environment", commonFlags)
	block("## Exit codes", codes)
	block("## Terms", termsManual())
	for _, s := range sections() {
		b.WriteString("\n## " + s.title + "\n")
		for _, c := range s.commands {
			block("### "+c.name, manual(c))
		}
	}
	return regexp.MustCompile(`(?m)^ +$`).ReplaceAllString(b.String(), "")
}

// The page is what the program says.
func TestTheManualIsCurrent(t *testing.T) {
	path := filepath.Join(root, "docs", "cli.md")
	if *update {
		if err := os.WriteFile(path, []byte(reference()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != reference() {
		t.Errorf("docs/cli.md is not what the program says (%v): go test ./cmd/testimony -update", err)
	}
}

// Every command that the documents tell people to type exists, with its flags.
func TestDocumentsNameCommandsThatExist(t *testing.T) {
	found := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if filepath.Base(path) == "cli.md" {
				continue // which is written by the program itself
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, typed := range commandLines(string(text)) {
				found++
				if err := understood(typed); err != nil {
					t.Errorf("%s: testimony %s: %v", path, strings.Join(typed, " "), err)
				}
			}
		}
	}
	if found < 15 {
		t.Errorf("only %d commands found", found)
	}
}

// commandLines finds what is to be typed: calls in indented blocks, with their
// flags, and between backticks, where a flag may be all there is of it.
func commandLines(text string) [][]string {
	text = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, " ")
	var out [][]string
	for _, re := range []*regexp.Regexp{
		regexp.MustCompile(`(?m)^(?: {4,}|\t)(?:.*[$;&|] +)?(?:bin/)?testimony ([^\n]*)$`),
		regexp.MustCompile("`(?:bin/)?testimony ([^`\n]*)`"),
	} {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			out = append(out, arguments(m[1]))
		}
	}
	return out
}

// arguments splits a line as a shell would, up to whatever comes behind the call.
func arguments(line string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`).FindAllString(line, -1) {
		if strings.ContainsAny(m[:1], "|&;>#") {
			break
		}
		out = append(out, strings.Trim(m, `'"`))
	}
	return out
}

func understood(typed []string) error {
	if len(typed) == 0 || typed[0] == "help" {
		return nil
	}
	c, rest, err := find(typed)
	if err != nil {
		return err
	}
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Bool("json", false, "")
	c.make().flags(f)
	_, err = parse(f, rest)
	return err
}
