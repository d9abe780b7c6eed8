package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) } // a string always encodes

// types is what an operation takes and gives.
func (c *contract) types(o operation) string {
	var b strings.Builder
	words := o.Summary + ". " + o.Description
	if o.Deprecated {
		words += " @deprecated"
	}
	b.WriteString(doc("  ", words) + "  " + o.ID + ": {\n")
	for _, in := range []string{"path", "query", "header"} {
		b.WriteString("    " + in + ": " + taken(o.Parameters, in) + ";\n")
	}
	body, answer := "undefined", "Response"
	if o.Request != nil {
		for media, m := range o.Request.Content {
			body = "Blob | Uint8Array<ArrayBuffer>"
			if isJSON(media) {
				body = m.Schema.kind()
			}
		}
	}
	for _, status := range []string{"200", "201"} {
		for media, m := range o.Responses[status].Content {
			if media == "application/json" {
				answer = m.Schema.kind()
			}
		}
	}
	fmt.Fprintf(&b, "    body: %s;\n    answer: %s;\n  };\n", body, answer)
	return b.String()
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// taken are the parameters of one place. An idempotency key may be left out: who calls
// draws one.
func taken(list []parameter, in string) string {
	var b strings.Builder
	for _, p := range list {
		if p.In != in {
			continue
		}
		mark := "?"
		if p.Required && p.Name != "Idempotency-Key" {
			mark = ""
		}
		kind := p.Schema.kind()
		if in != "query" && kind == "number" || kind == "PartNumber" {
			kind = "number | string"
		}
		fmt.Fprintf(&b, " %s%s: %s;", quoted(p.Name), mark, kind)
	}
	if b.Len() == 0 {
		return "Record<never, never>"
	}
	return "{" + b.String() + " }"
}

// place is what a program needs to make the request.
func (c *contract) place(o operation) string {
	security := c.Security
	if o.Security != nil {
		security = *o.Security
	}
	key := false
	for _, p := range o.Parameters {
		key = key || p.Name == "Idempotency-Key" && p.Required
	}
	media := ""
	if o.Request != nil {
		for m := range o.Request.Content {
			media = m
		}
	}
	json := false
	for _, status := range []string{"200", "201"} {
		_, ok := o.Responses[status].Content["application/json"]
		json = json || ok
	}
	return fmt.Sprintf("  %s: { method: %q, path: %q, signed: %v, once: %v, media: %q, json: %v },\n", o.ID, o.method, o.path, len(security) > 0, key, media, json)
}
