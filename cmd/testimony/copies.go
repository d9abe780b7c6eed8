package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// maxLooked bounds how many files are passed in the search for copies.
const maxLooked = 1_000_000

// copiesOf finds the folders below dirs that this program has filled under a
// grant: those with its TERMS.json. What else somebody made of it is not found.
func copiesOf(g api.ID, dirs []string) ([]string, error) {
	var out []string
	left := maxLooked
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if left--; left < 0 {
				return usage("--look: there are too many files in %s: name smaller folders", dir)
			}
			if err == nil && d.Name() == client.TermsFile && d.Type().IsRegular() && isOf(path, g) {
				out = append(out, filepath.Dir(path))
			}
			return err
		})
		if err != nil {
			return nil, usage("--look: %s", err)
		}
	}
	return out, nil
}

// isOf says whether a TERMS.json names the grant. What cannot be read as one is
// of nothing: it is not believed either way.
func isOf(path string, g api.ID) bool {
	text, err := os.ReadFile(path)
	var terms struct {
		Grant api.ID `json:"grant"`
	}
	return err == nil && json.Unmarshal(text, &terms) == nil && terms.Grant == g
}
