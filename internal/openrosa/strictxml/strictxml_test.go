package strictxml_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/strictxml"
)

func limits() strictxml.Limits { return strictxml.Limits{Size: 4096, Depth: 8, Nodes: 64} }

// Whatever could be expanded, fetched, read in two ways or grow without end is no
// document.
func TestDangerousDocumentsAreRefused(t *testing.T) {
	for name, doc := range map[string]string{
		"empty":                "",
		"only space":           " \n",
		"text only":            "hello",
		"document type":        `<!DOCTYPE a><a/>`,
		"internal entity":      `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"external entity":      `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
		"unknown entity":       `<a>&nbsp;</a>`,
		"stylesheet":           `<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>`,
		"late declaration":     `<a/><?xml version="1.0"?>`,
		"declaration inside":   `<a><?xml version="1.0"?></a>`,
		"another encoding":     `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`,
		"not UTF-8":            "<a>\xff</a>",
		"control character":    "<a>\x01</a>",
		"control by number":    "<a>&#1;</a>",
		"two roots":            `<a/><b/>`,
		"text behind the root": `<a/>b`,
		"text before the root": `b<a/>`,
		"not closed":           `<a><b></b>`,
		"closed wrongly":       `<a><b></a></b>`,
		"attribute twice":      `<a b="1" b="2"/>`,
		"deep":                 strings.Repeat("<a>", 9) + strings.Repeat("</a>", 9),
		"many":                 "<a>" + strings.Repeat("<b/>", 64) + "</a>",
		"many attributes":      `<a b1="" b2=""` + strings.Repeat(` `, 10) + ">" + strings.Repeat(`<b c=""/>`, 31) + "</a>",
		"long":                 "<a>" + strings.Repeat("b", 4096) + "</a>",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := strictxml.Parse([]byte(doc), limits()); !errors.Is(err, strictxml.ErrRefused) {
				t.Errorf("%.80q: %v", doc, err)
			}
		})
	}
}

// An error says nothing of what the document says.
func TestErrorsDoNotQuoteTheDocument(t *testing.T) {
	for _, doc := range []string{`<canary><b></canary>`, `<a>&canary;</a>`, `<!DOCTYPE canary><a/>`, `<?canary?><a/>`, `<a canary="1" canary="2"/>`} {
		_, err := strictxml.Parse([]byte(doc), limits())
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", doc, err)
		}
	}
}

// Elements are found by local name in whatever namespace, with their text as it
// was meant.
func TestElementsAreKnownByLocalName(t *testing.T) {
	doc := "\ufeff<?xml version='1.0' encoding='UTF-8' ?>\n<!-- c --><x:data xmlns:x='u' id='f' x:id='g'><n0:meta xmlns:n0='v'> <a>1</a>\n<b> t&lt;<![CDATA[<z>]]>&#x627; </b></n0:meta></x:data>\n"
	root, err := strictxml.Parse([]byte(doc), limits())
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := root.Attr("id"); root.Name != "data" || root.Space != "u" || !ok || id != "f" {
		t.Errorf("root %s in %s with id %q", root.Name, root.Space, id)
	}
	meta, err := root.One("meta")
	if err != nil || meta == nil {
		t.Fatal(meta, err)
	}
	b, err := meta.One("b")
	if err != nil || b == nil {
		t.Fatal(b, err)
	}
	if text, err := b.Plain(); err != nil || text != "t<<z>ا" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := meta.Plain(); !errors.Is(err, strictxml.ErrRefused) {
		t.Errorf("text with elements in it: %v", err)
	}
	if none, err := root.One("b"); none != nil || err != nil {
		t.Errorf("found %v, %v where there is none", none, err)
	}
}

// Where one element belongs, a second one is not chosen from.
func TestTwoWhereOneBelongsIsAnError(t *testing.T) {
	root, err := strictxml.Parse([]byte(`<a><b>1</b><x:b xmlns:x="u">2</x:b></a>`), limits())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.One("b"); !errors.Is(err, strictxml.ErrRefused) {
		t.Error(err)
	}
	seen := 0
	if root.Walk(func(e *strictxml.Element) bool { seen++; return e.Name == "a" }) || seen != 2 {
		t.Errorf("walked over %d", seen)
	}
}

// Any bytes give a tree within the limits or a refusal.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`<a b="c"><d>e</d></a>`, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "<a><![CDATA[x]]></a>", "<?xml version='1.0'?><x:a xmlns:x='y'/>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		l := limits()
		root, err := strictxml.Parse(doc, l)
		if err != nil {
			if root != nil || !errors.Is(err, strictxml.ErrRefused) {
				t.Fatalf("%v with a tree %v", err, root != nil)
			}
			return
		}
		nodes, text := 0, 0
		root.Walk(func(e *strictxml.Element) bool { nodes += 1 + len(e.Attrs); text += len(e.Text); return true })
		if nodes > l.Nodes || text > l.Size || len(doc) > l.Size {
			t.Fatalf("%d nodes and %d bytes of text", nodes, text)
		}
	})
}
