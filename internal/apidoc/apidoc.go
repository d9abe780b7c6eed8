// Package apidoc renders the contract, an OpenAPI 3.1 document, as pages for people:
// one for each tag with every operation, its answers, refusals and examples, one for
// what is said everywhere, and one for the schemas.
//
// Promises: the same contract gives the same bytes; every operation, parameter, header,
// status, example and schema of it is shown; the pages have no script, name no other
// site and load one style of their own, so that they work under the strictest policy
// and on a phone; text of the contract is text on the page, whatever characters it has.
//
// Assumes: the contract is the project's own, checked by package apitest and linted:
// what it does not use of OpenAPI is not shown, and a reference that leads nowhere is an
// error. Does not: serve anything; internal/web/build puts the pages into the site.
//
// Specification: OpenAPI 3.1.0.
package apidoc

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"
)

// Root is where the pages are served.
const Root = "/docs/api/"

//go:embed page.html style.css
var files embed.FS

// page is what the template is filled with. One of Chapter, Schemas and Everywhere is
// what it is about; the first page has none.
type page struct {
	*Contract
	Hash       string // of the site, first eight digits
	Title      string
	Chapter    *Chapter
	Everywhere bool
	Schemas    bool
}

// Pages renders the contract: what is served, by path. hash stands at the foot of
// every page.
func Pages(contract []byte, hash string) (map[string][]byte, error) {
	c, err := Read(contract)
	if err != nil {
		return nil, fmt.Errorf("render the contract: %w", err)
	}
	t, err := template.ParseFS(files, "page.html")
	if err != nil {
		return nil, err
	}
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	made := map[string][]byte{Root + "style.css": style}
	list := map[string]page{"": {Title: c.Title}, "everywhere": {Title: "Everywhere", Everywhere: true}, "schemas": {Title: "Schemas", Schemas: true}}
	for i := range c.Chapters {
		list[c.Chapters[i].Name] = page{Title: c.Chapters[i].Name, Chapter: &c.Chapters[i]}
	}
	for name, p := range list {
		p.Contract, p.Hash = c, hash
		var b bytes.Buffer
		if err := t.Execute(&b, p); err != nil {
			return nil, fmt.Errorf("render the contract: %s: %w", name, err)
		}
		made[Root+name] = squeezed(b.Bytes())
	}
	return made, nil
}

// squeezed takes out the empty lines that actions of the template leave.
func squeezed(b []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(b)) {
		if strings.TrimSpace(line) != "" {
			out.WriteString(line)
		}
	}
	return out.Bytes()
}
