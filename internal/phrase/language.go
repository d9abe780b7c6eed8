package phrase

import (
	"fmt"

	"github.com/tyler-smith/go-bip39/wordlists"
)

// Language says which BIP-39 word list a phrase is spelled in.
//
// More lists follow when native speakers have made them; until then Digits
// serves every language.
type Language int

// The languages that have a list.
const (
	English Language = iota
	French
)

// Languages is every language that has a list, in the order Parse tries them.
func Languages() []Language { return []Language{English, French} }

// ParseLanguage reads a BCP 47 tag: "en" or "fr".
func ParseLanguage(tag string) (Language, error) {
	for _, l := range Languages() {
		if l.Tag() == tag {
			return l, nil
		}
	}
	return 0, fmt.Errorf("no word list for %q: use en or fr, or the digits", tag)
}

// Tag is the language's BCP 47 tag.
func (l Language) Tag() string { return [...]string{"en", "fr"}[l] }

// String is the language's English name.
func (l Language) String() string { return [...]string{"English", "French"}[l] }

// list is the 2048 words of BIP-39, taken from a package that holds nothing else
// and checks each list against the CRC-32 of the published file when a program
// starts: typing 4096 words here would be one more place for a wrong one. They are
// in NFD and in the published order.
func (l Language) list() []string {
	return [...][]string{wordlists.English, wordlists.French}[l]
}
