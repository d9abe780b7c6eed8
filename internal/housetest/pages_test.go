package housetest_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/housetest"
)

const top = "../.."

// pages are the documents for people, by path below the top.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(top, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %d pages, %v", pattern, len(paths), err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.ToSlash(strings.TrimPrefix(p, top+string(filepath.Separator)))] = string(b)
		}
	}
	return out
}

// The sections of the protocol are numbered without gaps, and whoever is sent to
// one of them, by a page or by a comment, finds it.
func TestSectionsOfTheProtocolAreThere(t *testing.T) {
	page := pages(t)["docs/protocol.md"]
	sections := 0
	for _, m := range regexp.MustCompile(`(?m)^## (\d+)\. `).FindAllStringSubmatch(page, -1) {
		if sections++; m[1] != strconv.Itoa(sections) {
			t.Errorf("section %s stands in place %d", m[1], sections)
		}
	}
	refer(t, "docs/protocol.md", page, regexp.MustCompile(`sections? (\d+)(?:(?:,| and) (\d+))*`), sections)
	behind := regexp.MustCompile(`protocol\.md\)?,? sections? (\d+)(?:(?:,| and) (\d+))*`)
	for path, text := range pages(t) {
		refer(t, path, text, behind, sections)
	}
	for path, text := range sources(t) {
		refer(t, path, text, behind, sections)
	}
}

// refer finds references to sections beyond the last.
func refer(t *testing.T, path, text string, reference *regexp.Regexp, last int) {
	t.Helper()
	for _, found := range reference.FindAllString(text, -1) {
		for _, n := range regexp.MustCompile(`\d+`).FindAllString(found, -1) {
			if n, err := strconv.Atoi(n); err != nil || n < 1 || n > last {
				t.Errorf("%s: %q, of %d sections", path, found, last)
			}
		}
	}
}

// sources are the program's files in Go.
func sources(t *testing.T) map[string]string {
	t.Helper()
	tree, err := housetest.Read(os.DirFS(top))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range tree.Files {
		if f.Go != nil {
			out[f.Path] = f.Text
		}
	}
	return out
}

// Decisions are numbered without gaps, title and file alike, and whoever is sent to
// one of them finds it.
func TestDecisionsAreNumberedWithoutGaps(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(top, "docs", "adr", "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d decisions, %v", len(paths), err)
	}
	all := pages(t)
	for i, p := range paths {
		name := filepath.Base(p)
		text := all["docs/adr/"+name]
		if !strings.HasPrefix(name, fmt.Sprintf("%04d-", i+1)) || !strings.HasPrefix(text, fmt.Sprintf("# %d. ", i+1)) {
			t.Errorf("%s stands in place %d", name, i+1)
		}
	}
	maps.Copy(all, sources(t))
	for path, text := range all {
		for _, m := range regexp.MustCompile(`(?:ADR |adr/0*)([1-9]\d*)`).FindAllStringSubmatch(text, -1) {
			if n, err := strconv.Atoi(m[1]); err != nil || n < 1 || n > len(paths) {
				t.Errorf("%s: %q, of %d decisions", path, m[0], len(paths))
			}
		}
	}
}

// A page that names a package, a folder or another page of the repository names one
// that is there.
func TestPagesNameWhatIsThere(t *testing.T) {
	for path, text := range pages(t) {
		for _, m := range regexp.MustCompile("`((?:internal|cmd|api|docs|migrations)/[a-z0-9_./]+)`").FindAllStringSubmatch(text, -1) {
			look(t, path, m[1])
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)[)#]`).FindAllStringSubmatch(text, -1) {
			look(t, path, filepath.Join(filepath.Dir(path), m[1]))
		}
	}
}

func look(t *testing.T, page, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(top, name)); err != nil {
		t.Errorf("%s names %s: %v", page, name, err)
	}
}

// The threat model has a row for each promise of the design, in order, and each row
// names what attacks it.
func TestEveryPromiseIsAttacked(t *testing.T) {
	all, row := pages(t), regexp.MustCompile(`(?m)^\| \*{0,2}P(\d+)\b.*$`)
	promised := row.FindAllStringSubmatch(all["docs/design.md"], -1)
	attacked := row.FindAllStringSubmatch(all["docs/threat-model.md"], -1)
	if len(promised) == 0 || len(promised) != len(attacked) {
		t.Fatalf("%d promises, %d rows in the threat model", len(promised), len(attacked))
	}
	for i, m := range attacked {
		if m[1] != strconv.Itoa(i+1) || promised[i][1] != m[1] {
			t.Errorf("P%s stands in place %d", m[1], i+1)
		}
		if cells := strings.Split(m[0], "|"); len(cells) != 6 || !regexp.MustCompile("`(?:internal|cmd|api)/").MatchString(cells[3]) {
			t.Errorf("P%s names no tests: %s", m[1], m[0])
		}
	}
}
