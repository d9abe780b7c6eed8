package httpapi

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/relatingfield/vault/api"
)

// wordFiles holds what a person is told about each problem, one file a language,
// written by hand. A title says what is the matter; a detail says what is safe
// and what to do.
//
//go:embed words/*.json
var wordFiles embed.FS

// words are the texts by language and problem.
type words map[string]map[api.ProblemName]said

type said struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// languages are those that problems are told in, the first to whoever speaks
// none of them: English, French, Arabic, Ukrainian, Sorani.
func languages() []string { return []string{"en", "fr", "ar", "uk", "ckb"} }

func loadWords() (words, error) {
	w := words{}
	for _, language := range languages() {
		b, err := wordFiles.ReadFile("words/" + language + ".json")
		if err != nil {
			return nil, err
		}
		var texts map[api.ProblemName]said
		if err := json.Unmarshal(b, &texts); err != nil {
			return nil, fmt.Errorf("words in %s: %w", language, err)
		}
		w[language] = texts
	}
	return w, nil
}
