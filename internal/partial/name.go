package partial

import (
	"encoding/base64"
	"strings"
)

const (
	suffix   = ".partial"
	opening  = ".opening"
	keyChars = 22
)

// Name is what the name of a file in the making says.
type Name struct {
	Target          string // the base name of what it will become
	Source, Version string // keys
}

// String is the name within its folder.
func (n Name) String() string { return n.stem() + suffix }

func (n Name) workshop() string { return n.stem() + opening }

func (n Name) stem() string { return "." + n.Target + "." + n.Source + "." + n.Version }

// Parse reads a name as String writes it, and nothing else: what is removed by name
// must be ours.
func Parse(s string) (Name, bool) {
	rest, ours := strings.CutSuffix(s, suffix)
	rest, hidden := strings.CutPrefix(rest, ".")
	rest, version, two := cutLast(rest)
	target, source, three := cutLast(rest)
	n := Name{target, source, version}
	return n, ours && hidden && two && three && target != "" && isKey(source) && isKey(version) && n.String() == s
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func isKey(s string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(s) == keyChars && len(b) == 16
}
