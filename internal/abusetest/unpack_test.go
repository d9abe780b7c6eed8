package abusetest_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing that comes in is ever unpacked: there is no reader of a compressed format in
// any program of the vault, so nothing can be small on the line and large inside.
func TestNothingIsUnpacked(t *testing.T) {
	readers := []string{"gzip.NewReader", "zlib.NewReader", "flate.NewReader", "bzip2.NewReader", "lzw.NewReader", "zip.NewReader", "zip.OpenReader", "brotli.NewReader", "zstd.NewReader"}
	looked := 0
	for _, top := range []string{"../../internal", "../../api", "../../cmd"} {
		must(t, filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "tools" || d.Name() == "bench" || strings.HasSuffix(d.Name(), "test")) {
				return filepath.SkipDir // made for tests and measurements
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			if path == "../../internal/openrosa/provision/provision.go" {
				return nil // what a picture for phones holds, 16 KiB at most; her own program made it
			}
			for _, r := range readers {
				if strings.Contains(string(b), r) {
					t.Errorf("%s has %s: say how much may come out, and test it with what is small and opens large", path, r)
				}
			}
			return nil
		}))
	}
	if looked < 300 {
		t.Errorf("%d files were looked at", looked)
	}
}
