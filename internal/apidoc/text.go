package apidoc

import (
	"html/template"
	"regexp"
	"strings"
)

// said renders the little of Markdown that the contract's descriptions use:
// paragraphs, ### headings, `code`, **weight** and [links](https://…). Everything else
// is text.
func said(text string) template.HTML {
	var b strings.Builder
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		heading, rest, _ := strings.Cut(block, "\n")
		if h, ok := strings.CutPrefix(heading, "### "); ok {
			b.WriteString("<h3>" + inline(h) + "</h3>\n")
			block = rest
		}
		if strings.TrimSpace(block) != "" {
			b.WriteString("<p>" + inline(block) + "</p>\n")
		}
	}
	return template.HTML(b.String()) // every piece of the contract's text went through inline, which escapes
}

var marks = regexp.MustCompile("`([^`]+)`" + `|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https://[^)\s]+)\)`)

// inline escapes first: what the marks add is all the markup there is.
func inline(text string) string {
	return marks.ReplaceAllStringFunc(template.HTMLEscapeString(strings.TrimSpace(text)), func(m string) string {
		p := marks.FindStringSubmatch(m)
		switch {
		case p[1] != "":
			return "<code>" + p[1] + "</code>"
		case p[2] != "":
			return "<strong>" + p[2] + "</strong>"
		}
		return `<a rel="noreferrer" href="` + p[4] + `">` + p[3] + "</a>"
	})
}
