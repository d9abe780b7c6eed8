package bag

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxElement bounds an element of a name in bytes: what every file system takes,
// with room for what programs put behind a name.
const maxElement = 200

// SafeName makes a name that somebody gave to a file one that it can have in a bag,
// on every system: one element, in NFC, in the letters of any script. What would
// lead elsewhere, steer a terminal, turn the order of text around or have to be
// encoded in a manifest is replaced by "_". A name of nothing but that is "file".
//
// RFC 8493 lets a name hold almost anything and has CR, LF and % encoded; programs
// differ about the last, and sha512sum has rules of its own for backslashes. So none
// of these is in a name here.
func SafeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200c', r == '\u200d': // joiners, which words of some languages need
			return r
		case strings.ContainsRune(`/\:*?"<>|%$`+"`", r), !unicode.IsPrint(r), unicode.In(r, unicode.Cf, unicode.Co):
			return '_'
		}
		return r
	}, name)
	name = clip(strings.TrimLeft(strings.TrimRight(name, ". "), ".-~ "))
	if strings.Trim(name, "_\u200c\u200d") == "" {
		return "file"
	}
	base, _, _ := strings.Cut(strings.ToLower(name), ".")
	if device(base) {
		name = "_" + name
	}
	return name
}

// clip shortens a name and keeps how it ends.
func clip(name string) string {
	if len(name) <= maxElement {
		return name
	}
	end := path.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	cut := maxElement - len(end)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return norm.NFC.String(strings.TrimRight(name[:cut], ". ") + end)
}

// device says whether Windows takes a name for something that is no file.
func device(base string) bool {
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	port, number := base[:min(3, len(base))], base[min(3, len(base)):]
	return (port == "com" || port == "lpt") && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}

// folded makes names equal that some system takes for one.
func folded(name string) string { return strings.ToLower(norm.NFKC.String(name)) }
