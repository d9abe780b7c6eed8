package housetest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// levelTwo is how many requirements each section of OWASP ASVS 5.0.0 has at levels 1
// and 2. Those of level 3 come last in a section, so numbers up to these are meant.
var levelTwo = map[string]int{
	"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
	"4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
	"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4,
	"10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
	"12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
	"16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}

var (
	attackRow  = regexp.MustCompile(`(?m)^\| (\d+\.\d+)\.(\d+) \| (\S+) \|([^|]*)\|([^|]*)\|$`)
	namedTest  = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	namedWeb   = regexp.MustCompile("`([a-z-]+(?:\\.test)?\\.ts)`")
	testInCode = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
)

// The page on our own attacks has each requirement once, with a word that there is and
// a way in which it is met, and names tests that exist.
func TestTheSelfAttackIsWholeAndNamesWhatIsThere(t *testing.T) {
	b, err := os.ReadFile("../../docs/security/self-attack.md")
	if err != nil {
		t.Fatal(err)
	}
	page, seen := string(b), map[string]int{}
	for _, row := range attackRow.FindAllStringSubmatch(page, -1) {
		seen[row[1]+"."+row[2]]++
		if !slices.Contains([]string{"met", "n/a", "other", "part"}, row[3]) || strings.TrimSpace(row[4]) == "" {
			t.Errorf("%s.%s is %q, in no way", row[1], row[2], row[3])
		}
	}
	for section, n := range levelTwo {
		for i := 1; i <= n; i++ {
			name := fmt.Sprintf("%s.%d", section, i)
			if seen[name] != 1 {
				t.Errorf("%s stands there %d times", name, seen[name])
			}
			delete(seen, name)
		}
	}
	for name := range seen {
		t.Errorf("%s is no requirement up to level 2", name)
	}
	goTests, webTests := testsOfTheTree(t)
	for _, m := range namedTest.FindAllStringSubmatch(page, -1) {
		if !goTests[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
	for _, m := range namedWeb.FindAllStringSubmatch(page, -1) {
		if !webTests[m[1]] {
			t.Errorf("there is no %s", m[1])
		}
	}
}

func testsOfTheTree(t *testing.T) (inGo, inWeb map[string]bool) {
	t.Helper()
	inGo, inWeb = map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".ts") && strings.Contains(path, "/app/test/"):
			inWeb[d.Name()] = true
		case strings.HasSuffix(path, "_test.go"):
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range testInCode.FindAllSubmatch(b, -1) {
				inGo[string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return inGo, inWeb
}
