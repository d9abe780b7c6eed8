package answer_test

import (
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/openrosa/answer"
	"github.com/relatingfield/vault/internal/openrosa/forms"
	"github.com/relatingfield/vault/internal/openrosa/strictxml"
)

func parse(t *testing.T, doc []byte) *strictxml.Element {
	t.Helper()
	e, err := strictxml.Parse(doc, strictxml.Limits{Size: 1 << 16, Depth: 8, Nodes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Every message is there in every language and says nothing about what this is.
func TestMessagesAreNeutral(t *testing.T) {
	p, err := answer.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range forms.Languages() {
		for _, k := range answer.Kinds() {
			e := parse(t, p.Message(l, k))
			m, err := e.One("message")
			if err != nil || m == nil || m.Text == "" || e.Name != "OpenRosaResponse" || e.Space != "http://openrosa.org/http/response" {
				t.Errorf("%s %s: %+v, %v", l, k, m, err)
				continue
			}
			for _, word := range []string{"testimon", "vault", "témoi", "coffre", "شهاد", "خزن", "свідч", "сховищ", "شایەت", "گەنجین", "encrypt", "chiffr"} {
				if strings.Contains(strings.ToLower(m.Text), word) {
					t.Errorf("%s %s says %q", l, k, m.Text)
				}
			}
		}
	}
}

// A list of forms has what Collect looks for, in the namespace in which it looks.
func TestListsAreAsCollectReadsThem(t *testing.T) {
	e := parse(t, answer.List([]answer.Form{{ID: "f<1>", Name: "Notes & lists", Version: "2", MD5: "00ff", URL: "https://v.example/or/t/forms/f", Manifest: "https://v.example/m"}}))
	if e.Name != "xforms" || e.Space != "http://openrosa.org/xforms/xformsList" || len(e.All("xform")) != 1 {
		t.Fatalf("%+v", e)
	}
	for name, want := range map[string]string{"formID": "f<1>", "name": "Notes & lists", "version": "2", "hash": "md5:00ff", "downloadUrl": "https://v.example/or/t/forms/f", "manifestUrl": "https://v.example/m"} {
		f, err := e.Children[0].One(name)
		if err != nil || f == nil || f.Text != want || f.Space != e.Space {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	if m := parse(t, answer.NoFiles()); m.Name != "manifest" || m.Space != "http://openrosa.org/xforms/xformsManifest" || len(m.Children) != 0 {
		t.Errorf("%+v", m)
	}
	if e := parse(t, answer.List(nil)); len(e.Children) != 0 {
		t.Errorf("%+v", e)
	}
}
