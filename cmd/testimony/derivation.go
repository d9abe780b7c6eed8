package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// derivation tells a reader of a part that there is an original, and that it is
// not this; nothing of an original.
func derivation(info client.PartInfo) string {
	if info.DerivedFrom == 0 {
		return ""
	}
	return fmt.Sprintf("It is %s of part %d of the testimony, which you see only if she lets you open that part too.", kindWords(info.Kind), info.DerivedFrom)
}

// derivationIn is derivation for a part that was saved; nothing where it is sealed
// still.
func derivationIn(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, client.InfoFile))
	if err != nil {
		return ""
	}
	var info client.PartInfo
	if err := json.Unmarshal(b, &info); err != nil {
		return ""
	}
	return derivation(info)
}

// tell prints a line, if there is anything to say.
func (s *screen) tell(text string) {
	if text != "" {
		s.sayf("  %s\n", text)
	}
}

// promised says what is owed for a text that is about to be shown: nothing of it
// is kept, and so are no terms beside it.
func (p *program) promised(t api.Terms) {
	p.err.sayf("You promised:\n")
	for _, line := range termsInWords(t) {
		p.err.sayf("  %s\n", line)
	}
}
