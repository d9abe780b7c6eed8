package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// catalogues are the texts: language, room, key. A text is a string, or an object
// from plural category to string.
type catalogues map[string]map[string]map[string]json.RawMessage

func readWords(dir string) (catalogues, error) {
	c := catalogues{}
	for _, lang := range languages {
		found, err := filepath.Glob(filepath.Join(dir, lang, "*.json"))
		if err != nil {
			return nil, err
		}
		c[lang] = map[string]map[string]json.RawMessage{}
		for _, file := range found {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			room := strings.TrimSuffix(filepath.Base(file), ".json")
			if c[lang][room], err = readRoom(text); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return c, nil
}

// readRoom reads a catalogue. A key that stands twice in it is refused: of two texts
// that somebody mends, one would be the wrong one.
func readRoom(text []byte) (map[string]json.RawMessage, error) {
	var twice map[string]jsontext.Value
	if err := strict.Unmarshal(text, &twice); err != nil {
		return nil, err
	}
	var texts map[string]json.RawMessage
	return texts, json.Unmarshal(text, &texts)
}

// categories are the plural forms that a language tells apart (CLDR 46), for whole
// numbers.
var categories = map[string][]string{
	"en": {"one", "other"}, "fr": {"one", "other"}, "ckb": {"one", "other"},
	"uk": {"one", "few", "many"}, "ar": {"zero", "one", "two", "few", "many", "other"},
}

// check finds what is missing, left over, or said with other names than in English.
func (c catalogues) check(root string) error {
	used, err := usedKeys(root)
	if err != nil {
		return err
	}
	var errs []error
	stands := map[string]string{}
	for room, texts := range c["en"] {
		for key := range texts {
			if other, ok := stands[key]; ok {
				errs = append(errs, fmt.Errorf("words: %q stands in %s and in %s", key, min(room, other), max(room, other)))
			}
			stands[key] = room
			if !used(key) {
				errs = append(errs, fmt.Errorf("words: %s: %q is used nowhere: remove it", room, key))
			}
		}
	}
	for _, lang := range languages {
		errs = append(errs, c.compare(lang)...)
	}
	return errors.Join(errs...)
}

func (c catalogues) compare(lang string) (errs []error) {
	fault := func(room, key, what string) {
		errs = append(errs, fmt.Errorf("words/%s/%s.json: %q %s", lang, room, key, what))
	}
	for room, english := range c["en"] {
		for key, text := range english {
			theirs, ok := c[lang][room][key]
			if !ok {
				fault(room, key, "is missing")
				continue
			}
			if what := differ(lang, text, theirs); what != "" {
				fault(room, key, what)
			}
		}
	}
	for room, texts := range c[lang] {
		for key := range texts {
			if _, ok := c["en"][room][key]; !ok {
				fault(room, key, "is not in English: add it there or remove it")
			}
		}
	}
	return errs
}

var (
	placeholders = regexp.MustCompile(`\{[a-z_]+\}`)
	blank        = regexp.MustCompile(`^\s*$`)
)

// differ compares a text with the English one: the same kind, the same places to fill,
// every plural form of its language.
func differ(lang string, english, theirs json.RawMessage) string {
	e, ep := forms(english)
	t, tp := forms(theirs)
	if ep != tp {
		return "is a plural in one language and not in the other"
	}
	if tp {
		want := slices.Sorted(slices.Values(categories[lang]))
		if got := slices.Sorted(maps.Keys(t)); !slices.Equal(got, want) {
			return fmt.Sprintf("has the plural forms %v; %s has %v", got, lang, want)
		}
	}
	want := names(e["other"])
	for form, text := range t {
		if blank.MatchString(text) {
			return "is empty"
		}
		// One, two or none may be said in a word, so a plural may leave its number out.
		if got := names(text); !tp && !slices.Equal(got, want) || tp && !within(got, want) {
			return fmt.Sprintf("(%s) fills in %v; in English it is %v", form, got, want)
		}
	}
	return ""
}

func forms(text json.RawMessage) (all map[string]string, plural bool) {
	if json.Unmarshal(text, &all) == nil {
		return all, true
	}
	var one string
	if err := json.Unmarshal(text, &one); err != nil {
		return map[string]string{"other": ""}, false
	}
	return map[string]string{"other": one}, false
}

func names(text string) []string {
	found := placeholders.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// usedKeys tells whether a key stands, quoted, in a template or a script. A key that
// ends in a star there stands for all that begin so: they are put together from codes
// of the API.
func usedKeys(root string) (func(key string) bool, error) {
	quoted := regexp.MustCompile("[\"`']([a-z][a-z0-9._-]*\\*?)[\"`']")
	exact, prefixes := map[string]bool{}, []string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "site" || d.Name() == "words" || d.Name() == ".built" || d.Name() == "test") {
			return filepath.SkipDir
		}
		if !slices.Contains([]string{".ts", ".tsx", ".html"}, filepath.Ext(file)) {
			return nil
		}
		text, err := os.ReadFile(file)
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			if p, ok := strings.CutSuffix(m[1], "*"); ok {
				prefixes = append(prefixes, p)
			} else {
				exact[m[1]] = true
			}
		}
		return err
	})
	return func(key string) bool {
		return exact[key] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
	}, err
}

// printed are the rooms whose texts stand in pages only; no script asks for them.
var printed = []string{"help", "about"}

// publish makes one file of texts for each room and language.
func (c catalogues) publish(made files, a assets) error {
	for lang, rooms := range c {
		for room, texts := range rooms {
			if slices.Contains(printed, room) {
				continue
			}
			body, err := json.Marshal(texts)
			if err != nil {
				return err
			}
			a.publish(made, "words/"+room+"/"+lang, room+"-"+lang+".json", body)
		}
	}
	return nil
}

// text gives a plain text for a template.
func (c catalogues) text(lang, key string) (string, error) {
	for _, texts := range c[lang] {
		if raw, ok := texts[key]; ok {
			var s string
			return s, json.Unmarshal(raw, &s)
		}
	}
	return "", fmt.Errorf("no text %q in %s", key, lang)
}
