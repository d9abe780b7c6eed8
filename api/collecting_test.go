package api_test

import (
	"strings"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/openrosa/answer"
	"github.com/relatingfield/vault/internal/openrosa/provision"
	"github.com/relatingfield/vault/internal/statement"
)

// phoning hands out a form and lets a phone send it.
func (c *cast) phoning() {
	tray, form, collector, token, until := c.id(), c.id(), c.id(), c.id(), c.day()+90*statement.Day
	document := `<h:html xmlns:h="http://www.w3.org/1999/xhtml">…</h:html>`
	c.tell("newForm", "A form that encrypts to the partner's key", api.NewForm{Tray: string(c.id()), Document: []byte(document)})
	one := api.Form{Form: form, Tray: tray, FormID: "notes", Version: "2026-11-23", Name: "Notes", Day: c.day()}
	c.tell("form", "Phones get it", one)
	c.tell("forms", "One", api.Forms{Forms: []api.Form{one}})
	c.tell("withdrawnForm", "No phone gets it any more", api.WithdrawnForm{Form: form})
	c.tell("newCollector", "As long as may be", api.NewCollector{Tray: string(c.id())})
	c.tell("issuedCollector", "For one phone", c.issued(collector, token, until))
	c.tell("collectorRotation", "Until a day", api.Rotation{Until: until})
	c.tell("rotatedCollector", "A new address", c.issued(collector, c.id(), until))
	c.tell("collectors", "One", api.Collectors{Collectors: []api.Collector{{Collector: collector, Tray: tray, Day: c.day(), Until: until}}})
	c.tell("revokedCollector", "Good no more", api.RevokedCollector{Collector: collector})

	base := "https://vault.example/or/" + string(token) + "/forms/" + string(form)
	c.tell("formList", "One form", string(answer.List([]answer.Form{{ID: "notes", Name: "Notes", Version: "2026-11-23",
		MD5: strings.Repeat("0", 32), URL: base, Manifest: base + "/manifest"}})))
	c.tell("xform", "How it begins", document)
	c.tell("formManifest", "There are none", string(answer.NoFiles()))
	c.tell("filledForm", "How it begins", "--b\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"submission.xml\"\r\nContent-Type: text/xml\r\n\r\n<data id=\"notes\" encrypted=\"yes\">…</data>\r\n")
	said, err := answer.Load()
	c.must(err)
	for _, k := range answer.Kinds() {
		c.tell("phone"+strings.ToUpper(string(k[:1]))+string(k[1:]), "To a phone in English", string(said.Message("en", k)))
	}
}

func (c *cast) issued(collector, token id.ID, until int64) api.IssuedCollector {
	address := "https://vault.example/or/" + string(token)
	settings, err := provision.New(address, "Notes").Text()
	c.must(err)
	return api.IssuedCollector{Collector: collector, Token: string(token), URL: address, Settings: settings, Until: until}
}
