package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/apidoc"
	"github.com/relatingfield/vault/internal/web"
)

// spoken are the languages as those who speak them write their names.
var spoken = []Language{
	{"ar", "العربية", "rtl"}, {"ckb", "کوردیی ناوەندی", "rtl"}, {"uk", "Українська", "ltr"}, {"fr", "Français", "ltr"}, {"en", "English", "ltr"},
}

// Language is a language of the site, as templates see it.
type Language struct{ Tag, Name, Dir string }

// plainPages have one form for everybody; the others exist in each language.
var (
	plainPages = map[string]string{"root": "/", "blank": "/blank", "viewer": "/viewer"}
	pages      = map[string]string{"start": "/", "notes": "/notes", "read": "/read", "team": "/team", "help": "/help", "about": "/about"}
)

// apps are the pages that work with an account.
var apps = []string{"notes", "read", "team"}

// inPage are the rooms whose texts stand in a page itself.
var inPage = map[string][]string{"notes": {"common", "tell"}, "read": {"common", "researcher", "unlock"}, "team": {"common", "steward", "unlock"}}

// Page is what a template is filled with.
type Page struct {
	Language
	Name      string // of the template
	Path      string // behind the language, for the links to the other languages
	App       bool   // works with an account
	Languages []Language
	Local     []Helper // whom the operator names, in this language
	Hash      string   // of the site, first eight digits
	texts     catalogues
	assets    assets
}

// T is a text in the page's language.
func (p Page) T(key string) (string, error) { return p.texts.text(p.Tag, key) }

// In is a text in another language than the page's.
func (p Page) In(lang, key string) (string, error) { return p.texts.text(lang, key) }

// Has tells whether there is such an asset.
func (p Page) Has(name string) bool { return p.assets[name] != "" }

// Asset is where something is served.
func (p Page) Asset(name string) (string, error) {
	to, ok := p.assets[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return to, nil
}

// Places is a data block that tells a page's scripts where things are: the texts and
// recordings in the page's language, and whatever belongs to no language.
func (p Page) Places() (template.JS, error) {
	places := map[string]string{}
	for name, to := range p.assets {
		kind, rest, _ := strings.Cut(name, "/")
		switch kind {
		case "words":
			if room, ok := strings.CutSuffix(rest, "/"+p.Tag); ok {
				places["words/"+room] = to
			}
		case "media":
			if lang, clip, ok := strings.Cut(rest, "/"); ok && lang == p.Tag {
				places["media/"+clip] = to
			}
		case "readme":
			if rest == p.Tag {
				places[kind] = to
			}
		case "list", "worker.js":
			places[name] = to
		}
	}
	text, err := json.Marshal(places) // which escapes < and >
	return template.JS(text), err     // JSON in which the characters of markup are escaped
}

// Needs are the files that a script imports, to be fetched with it and not after it.
func (p Page) Needs(script string) (paths []string) {
	prefix := "needs/" + script + "/"
	for _, name := range slices.Sorted(maps.Keys(p.assets)) {
		if strings.HasPrefix(name, prefix) {
			paths = append(paths, p.assets[name])
		}
	}
	return paths
}

// Words is a data block with the texts that the page's script asks for at once: one
// request less, at which a page on a slow line would wait for its first word.
func (p Page) Words() (template.JS, error) {
	rooms := map[string]map[string]json.RawMessage{}
	for _, room := range inPage[p.Name] {
		rooms[room] = p.texts[p.Tag][room]
	}
	text, err := json.Marshal(rooms)
	return template.JS(text), err // as in Places
}

// render makes every page twice: the hash that stands on each is over the site with
// zeros in its place, since nothing can contain its own hash.
func render(root string, texts catalogues, a assets, made files) error {
	if err := renderAll(root, texts, a, made, web.NoShort); err != nil {
		return err
	}
	return renderAll(root, texts, a, made, web.Short(made))
}

func renderAll(root string, texts catalogues, a assets, made files, hash string) error {
	contract, err := apidoc.Pages(api.OpenAPI, hash)
	if err != nil {
		return err
	}
	maps.Copy(made, contract)
	dir := filepath.Join(root, "pages")
	for name, path := range plainPages {
		p := Page{Language: Language{Tag: "en", Dir: "ltr"}, Name: name, Path: path, Languages: spoken, Hash: hash, texts: texts, assets: a}
		if err := p.render(dir, path, made); err != nil {
			return err
		}
	}
	for _, l := range spoken {
		local, err := readHelpers(filepath.Join(root, "support", l.Tag+".json"))
		if err != nil {
			return err
		}
		for name, path := range pages {
			p := Page{Language: l, Name: name, Path: path, App: slices.Contains(apps, name), Languages: spoken, Local: local, Hash: hash, texts: texts, assets: a}
			if err := p.render(dir, "/"+l.Tag+path, made); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p Page) render(dir, path string, made files) error {
	t, err := template.New("layout.html").Option("missingkey=error").ParseFiles(filepath.Join(dir, "layout.html"), filepath.Join(dir, p.Name+".html"))
	if err != nil {
		return err
	}
	root := "layout.html"
	if _, plain := plainPages[p.Name]; plain {
		root = p.Name + ".html"
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, root, p); err != nil {
		return err
	}
	made[path] = b.Bytes()
	return nil
}
