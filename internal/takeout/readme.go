package takeout

import (
	"embed"
	"fmt"
)

//go:embed readme/*.txt
var readmes embed.FS

// Languages are those in which README.txt can be had.
func Languages() []string { return []string{"en", "fr", "ar", "uk", "ckb"} }

// ReadmeIn is README.txt in a language of Languages.
func ReadmeIn(language string) ([]byte, error) {
	b, err := readmes.ReadFile("readme/" + language + ".txt")
	if err != nil {
		return nil, fmt.Errorf("there is no README in %q: choose one of %v", language, Languages())
	}
	return b, nil
}
