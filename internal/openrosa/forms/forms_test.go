package forms_test

import (
	"crypto/rand"
	"crypto/rsa"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/openrosa/strictxml"
	"github.com/relatingfield/vault/internal/openrosa/xform"
	"github.com/relatingfield/vault/internal/statement"
)

func make3072(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func choice(key *rsa.PrivateKey, form, language string) forms.Choice {
	return forms.Choice{Form: form, Language: language, Key: &key.PublicKey, ID: "notes-1", Version: "2026112301", Title: "Notes & <lists>", Support: `“Haven”, 0123 & "more"`}
}

func each(t *testing.T, visit func(t *testing.T, c forms.Choice, doc []byte, root *strictxml.Element)) {
	key := make3072(t)
	for _, name := range forms.Names() {
		for _, l := range forms.Languages() {
			t.Run(name+" "+l, func(t *testing.T) {
				c := choice(key, name, l)
				doc, err := forms.Make(c)
				if err != nil {
					t.Fatal(err)
				}
				root, err := strictxml.Parse(doc, strictxml.Limits{Size: xform.MaxSize, Depth: 50, Nodes: 20000})
				if err != nil {
					t.Fatal(err)
				}
				visit(t, c, doc, root)
			})
		}
	}
}

// Every form passes the check for forms of partners, under the name that was chosen.
func TestTheFormsOfThisProjectPassTheCheck(t *testing.T) {
	each(t, func(t *testing.T, c forms.Choice, doc []byte, _ *strictxml.Element) {
		f, err := xform.Check(doc)
		if err != nil {
			t.Fatal(err)
		}
		if f.ID != c.ID || f.Version != c.Version || f.Name != c.Title || !f.Key.Equal(c.Key) {
			t.Errorf("%+v", f)
		}
	})
}

// Whatever the form shows is there in every language, the chosen one first, and
// there is nothing that it does not show.
func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	used := regexp.MustCompile(`jr:itext\('([^']+)'\)`)
	each(t, func(t *testing.T, c forms.Choice, doc []byte, root *strictxml.Element) {
		var shown []string
		for _, m := range used.FindAllStringSubmatch(string(doc), -1) {
			shown = append(shown, m[1])
		}
		var languages []string
		root.Walk(func(e *strictxml.Element) bool {
			if e.Name != "translation" {
				return true
			}
			lang, _ := e.Attr("lang")
			if d, _ := e.Attr("default"); (d == "true()") != (len(languages) == 0) {
				t.Errorf("%s has default %q", lang, d)
			}
			languages = append(languages, lang)
			ids := map[string]bool{}
			for _, text := range e.All("text") {
				id, _ := text.Attr("id")
				v, err := text.One("value")
				if err != nil || v == nil || strings.TrimSpace(v.Text) == "" {
					t.Errorf("%s has no text for %s", lang, id)
				}
				ids[id] = true
			}
			for _, id := range shown {
				if !ids[id] {
					t.Errorf("%s has no %s", lang, id)
				}
			}
			return true
		})
		if len(languages) != len(forms.Languages()) || !strings.HasSuffix(languages[0], "("+c.Language+")") {
			t.Errorf("it is in %q", languages)
		}
	})
}

// Each question that is asked has its place in the data, and each place that can be
// filled has a question.
func TestQuestionsAndDataBelongTogether(t *testing.T) {
	each(t, func(t *testing.T, _ forms.Choice, doc []byte, root *strictxml.Element) {
		places, bound, asked := map[string]bool{}, map[string]bool{}, map[string]bool{}
		root.Walk(func(e *strictxml.Element) bool {
			if e.Name == "data" {
				for _, c := range e.Children {
					places["/data/"+c.Name] = true
				}
			}
			if v, ok := e.Attr("nodeset"); ok && e.Name == "bind" {
				bound[v] = true
			}
			if v, ok := e.Attr("ref"); ok && strings.HasPrefix(v, "/data/") {
				asked[v] = true
			}
			return true
		})
		delete(places, "/data/meta")
		for p := range places {
			if !bound[p] || !asked[p] {
				t.Errorf("%s: bound %v, asked %v", p, bound[p], asked[p])
			}
		}
		for p := range asked {
			if !places[p] {
				t.Errorf("%s is asked and has no place", p)
			}
		}
		for _, path := range regexp.MustCompile(`/data/[a-z_]+`).FindAllString(string(doc), -1) {
			if !places[path] && path != "/data/orx" {
				t.Errorf("%s is used and is not there", path)
			}
		}
	})
}

// The words for terms are those that statements know, each of them offered.
func TestTermsAreThoseOfStatements(t *testing.T) {
	each(t, func(t *testing.T, _ forms.Choice, _ []byte, root *strictxml.Element) {
		offered := map[string][]string{}
		root.Walk(func(e *strictxml.Element) bool {
			if ref, ok := e.Attr("ref"); ok && strings.HasPrefix(e.Name, "select") {
				for _, item := range e.All("item") {
					v, err := item.One("value")
					if err != nil {
						t.Fatal(err)
					}
					offered[ref] = append(offered[ref], v.Text)
				}
			}
			return true
		})
		for _, p := range statement.Purposes() {
			if !slices.Contains(offered["/data/purposes"], string(p)) {
				t.Errorf("purpose %s is not offered", p)
			}
		}
		for _, a := range statement.Attributions() {
			if !slices.Contains(offered["/data/attribution"], string(a)) {
				t.Errorf("attribution %s is not offered", a)
			}
		}
		for _, m := range statement.Media() {
			if !slices.Contains(offered["/data/media"], string(m)) {
				t.Errorf("medium %s is not offered", m)
			}
		}
		for ref, values := range offered {
			if !slices.Contains(values, "notnow") {
				t.Errorf("%s cannot be answered with not now: %q", ref, values)
			}
		}
	})
}

// Nothing is filled in beforehand, and only what has to be known first is required.
func TestNothingIsTickedBeforehand(t *testing.T) {
	each(t, func(t *testing.T, _ forms.Choice, _ []byte, root *strictxml.Element) {
		var required []string
		root.Walk(func(e *strictxml.Element) bool {
			if e.Name == "data" {
				for _, c := range e.Children {
					if strings.TrimSpace(c.Text) != "" {
						t.Errorf("%s begins as %q", c.Name, c.Text)
					}
				}
			}
			if e.Name == "setvalue" {
				t.Error("something is set by itself")
			}
			if _, ok := e.Attr("required"); ok {
				where, _ := e.Attr("nodeset")
				required = append(required, where)
			}
			return true
		})
		if !slices.Equal(required, []string{"/data/adult", "/data/keep"}) {
			t.Errorf("required: %q", required)
		}
	})
}

// What is not among the choices, and a key that is too short, makes no form.
func TestOtherChoicesAreRefused(t *testing.T) {
	key := make3072(t)
	short, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	bad := []forms.Choice{choice(key, "other", "en"), choice(key, "telling", "de"), choice(short, "telling", "en"), choice(key, "telling", "en")}
	bad[3].ID = ""
	for _, c := range bad {
		if doc, err := forms.Make(c); err == nil {
			t.Errorf("%s in %s was made: %d bytes", c.Form, c.Language, len(doc))
		}
	}
}
