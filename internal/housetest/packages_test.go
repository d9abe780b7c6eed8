package housetest_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Every direct dependency on an npm package says beside its version why it is there,
// is pinned to one version, and nothing has a reason that is not there.
func TestEveryNPMPackageHasItsReason(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "var" || d.Name() == "sdk" && d.IsDir() && filepath.Dir(path) == filepath.Join("..", "..")):
			return filepath.SkipDir
		case d.Name() != "package.json":
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var p struct{ Dependencies, DevDependencies, Reasons map[string]string }
		if err := json.Unmarshal(b, &p); err != nil {
			return err
		}
		all := maps.Clone(p.Dependencies)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, p.DevDependencies)
		seen += len(all)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if len(p.Reasons[name]) < len("why it is") {
				t.Errorf("%s: %s has no reason; write one under \"reasons\"", path, name)
			}
			if v := all[name]; v == "" || v[0] < '0' || v[0] > '9' {
				t.Errorf("%s: %s is %q, which is not one version", path, name, v)
			}
		}
		for name := range p.Reasons {
			if _, there := all[name]; !there {
				t.Errorf("%s: %s has a reason and is not there", path, name)
			}
		}
		return nil
	})
	if err != nil || seen < 20 {
		t.Errorf("%d packages, %v", seen, err)
	}
}
