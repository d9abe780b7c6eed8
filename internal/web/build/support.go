package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Helper is somebody near her who helps. An operator who knows such people writes them
// into internal/web/support/LANGUAGE.json before building; none are made up here.
type Helper struct {
	Name  string `json:"name"`
	What  string `json:"what"`            // what they do, and whom they tell
	Reach string `json:"reach,omitempty"` // how to reach them: a number, an address, hours
}

// readHelpers reads the helpers of a language; a file that is not there has none.
func readHelpers(file string) ([]Helper, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Helper
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i, h := range all {
		if strings.TrimSpace(h.Name) == "" || strings.TrimSpace(h.What) == "" {
			return nil, fmt.Errorf("%s: entry %d: a name and what they do are needed", file, i+1)
		}
	}
	return all, nil
}
