// Package forms holds the forms that come with this project, for ODK Collect and
// KoboCollect: open prompts, no question that must be answered but two (is the
// person who speaks an adult; may this be kept and read), "not now" beside every yes
// and no, and the words for purposes and terms that docs/consent.md explains. Before
// anything is told they say who will be able to read it.
//
// A form is made with the key of the organisation that hands it out, in all the
// languages at once: whoever fills it in changes the language on the phone. Its name
// there is neutral, because others look at phones.
package forms

import (
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/relatingfield/vault/internal/openrosa/xform"
)

//go:embed *.xml words/*.json
var files embed.FS

// Names are the forms there are: one with voice, pictures and files, and one for
// weak lines with words alone.
func Names() []string { return []string{"telling", "words"} }

// Languages are those that each form is in.
func Languages() []string { return []string{"en", "fr", "ar", "uk", "ckb"} }

// Choice is what an organisation says about its form.
type Choice struct {
	Form     string // one of Names
	Language string // one of Languages: what the phone shows first
	Key      *rsa.PublicKey
	ID       string // as phones know it; neutral
	Version  string // changes with every change: digits
	Title    string // as it shows on the phone; neutral
	Support  string // where people find help, in whichever language; empty: ask whoever is there
}

// Make gives the form, checked as every other form is.
func Make(c Choice) ([]byte, error) {
	if !slices.Contains(Names(), c.Form) || !slices.Contains(Languages(), c.Language) {
		return nil, fmt.Errorf("the forms are %s; the languages %s", strings.Join(Names(), ", "), strings.Join(Languages(), ", "))
	}
	frame, err := files.ReadFile(c.Form + ".xml")
	if err != nil {
		return nil, fmt.Errorf("make form: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("make form: %w", err)
	}
	texts, err := c.texts()
	if err != nil {
		return nil, fmt.Errorf("make form: %w", err)
	}
	form := []byte(strings.NewReplacer(">TITLE<", ">"+escape(c.Title)+"<", `"FORM"`, quote(c.ID), `"VERSION"`, quote(c.Version),
		`"KEY"`, quote(base64.StdEncoding.EncodeToString(der)), "<!-- itext -->", texts).Replace(string(frame)))
	if _, err := xform.Check(form); err != nil {
		return nil, err
	}
	return form, nil
}

// texts is the itext element: every text in every language, the chosen one first.
func (c Choice) texts() (string, error) {
	var out strings.Builder
	out.WriteString("<itext>\n")
	order := append([]string{c.Language}, slices.DeleteFunc(Languages(), func(l string) bool { return l == c.Language })...)
	for i, l := range order {
		words, err := Words(l)
		if err != nil {
			return "", err
		}
		support := words["support_none"]
		if c.Support != "" {
			support = words["support"] + " " + c.Support
		}
		words["support"] = support
		fmt.Fprintf(&out, "        <translation lang=%s%s>\n", quote(words["language"]), map[bool]string{true: ` default="true()"`}[i == 0])
		for _, id := range slices.Sorted(maps.Keys(words)) {
			fmt.Fprintf(&out, "          <text id=%s><value>%s</value></text>\n", quote(id), escape(words[id]))
		}
		out.WriteString("        </translation>\n")
	}
	out.WriteString("      </itext>")
	return out.String(), nil
}

// Words are the texts of a language by their ids.
func Words(language string) (map[string]string, error) {
	b, err := files.ReadFile("words/" + language + ".json")
	if err != nil {
		return nil, err
	}
	var out map[string]string
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, errors.Join(fmt.Errorf("texts in %s", language), err)
	}
	return out, nil
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a builder takes everything
	}
	return b.String()
}

func quote(s string) string { return `"` + escape(s) + `"` }
