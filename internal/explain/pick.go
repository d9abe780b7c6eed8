package explain

import (
	"slices"
	"strings"
)

// Pick finds the language of a person by what their system says, in the order of
// POSIX: LC_ALL, LC_MESSAGES, LANG. The first that is set decides; one that names
// no language of ours, or nothing at all, means English, the language that the
// rest of a program speaks.
func Pick(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			return known(v)
		}
	}
	return "en"
}

// known reads ar_YE.UTF-8 or ar-YE. Kurdish without a further word is Sorani here,
// the one Kurdish there are words in.
func known(locale string) string {
	tag := strings.ToLower(locale[:len(locale)-len(strings.TrimLeft(locale, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))])
	if tag == "ku" {
		tag = "ckb"
	}
	if slices.Contains(Languages(), tag) {
		return tag
	}
	return "en"
}
