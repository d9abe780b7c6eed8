package rosa_test

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/gateway/gatewaytest"
	"github.com/relatingfield/vault/internal/gateway/rosa"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/secret"
)

const (
	token = "0123456789abcdef0123456789abcdef"
	uuid  = "5b1c2d3e-4f50-4612-8a9b-0c1d2e3f4a5b"
)

func document(id, title string) []byte {
	return []byte(`<?xml version="1.0"?><h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:orx="http://openrosa.org/xforms"><h:head><h:title>` + title +
		`</h:title><model><instance><data id="` + id + `" version="3"><told/><orx:meta><orx:instanceID/></orx:meta></data></instance><bind nodeset="/data/told" type="string"/></model></h:head><h:body/></h:html>`)
}

// filled is what Collect makes of a form: either namespace of meta is in use.
func filled(id, uuid, told string, old bool) []byte {
	prefix, ns := "orx:", ` xmlns:orx="http://openrosa.org/xforms"`
	if old {
		prefix, ns = "", ""
	}
	return []byte(fmt.Sprintf(`<?xml version='1.0' ?><data%[1]s id="%[2]s" version="3"><told>%[3]s</told><photo>a.jpg</photo><%[4]smeta><%[4]sinstanceID>uuid:%[5]s</%[4]sinstanceID></%[4]smeta></data>`, ns, id, told, prefix, uuid))
}

type phone struct {
	*gatewaytest.World
	url string
}

func newPhone(t *testing.T) *phone {
	t.Helper()
	p := &phone{World: gatewaytest.New(t)}
	p.start()
	return p
}

func (p *phone) start() {
	p.T.Helper()
	f, err := rosa.New(p.Intake, rosa.Config{Address: "https://gateway.example",
		Collectors: []rosa.Collector{{Name: "phone-1", Token: secret.Of([]byte(token))}, {Name: "phone-2", Token: secret.Of([]byte(strings.Repeat("f", 32)))}},
		Forms: []rosa.Form{{Document: document("notes", "Notes"), Collectors: []string{"phone-1"}, To: p.To("amal")},
			{Document: document("other", "Other"), Collectors: []string{"phone-1", "phone-2"}, To: p.To("collection")}}})
	if err != nil {
		p.T.Fatal(err)
	}
	p.url = p.Serve(f.Routes)
}

func (p *phone) ask(method, path string, body io.Reader, header map[string]string) (*http.Response, string) {
	p.T.Helper()
	req, err := http.NewRequest(method, p.url+path, body)
	if err != nil {
		p.T.Fatal(err)
	}
	req.Header.Set("X-OpenRosa-Version", "1.0")
	req.Header.Set("Date", "Sun, 08 Mar 2026 03:04:05 GMT+03:00") // a twelve-hour clock
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.T.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		p.T.Fatal(err)
	}
	if v := resp.Header.Get("X-OpenRosa-Version"); v != "1.0" && resp.StatusCode != http.StatusMethodNotAllowed {
		p.T.Errorf("%s %s: X-OpenRosa-Version %q", method, path, v)
	}
	return resp, string(b)
}

// send posts as Collect does, first asking with HEAD, and gives the statuses.
func (p *phone) send(s collecttest.Sent, most int64, l collecttest.Library) (statuses []int) {
	p.T.Helper()
	if resp, _ := p.ask("HEAD", "/or/"+token+"/submission?deviceID=collect%3AaBc", nil, nil); resp.StatusCode != http.StatusNoContent || resp.Header.Get("X-OpenRosa-Accept-Content-Length") == "" {
		p.T.Fatalf("HEAD: %v", resp)
	}
	for _, post := range s.Posts(most, l) {
		resp, _ := p.ask("POST", "/or/"+token+"/submission?deviceID=collect%3AaBc", bytes.NewReader(post.Body), map[string]string{"Content-Type": post.ContentType})
		statuses = append(statuses, resp.StatusCode)
	}
	return statuses
}

func noise(t *testing.T, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// A phone finds its forms, as Collect looks for them, and nobody else's.
func TestAPhoneFindsItsForms(t *testing.T) {
	p := newPhone(t)
	resp, body := p.ask("GET", "/or/"+token+"/formList?deviceID=x", nil, nil)
	var list struct {
		XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsList xforms"`
		Forms   []struct {
			ID   string `xml:"formID"`
			Hash string `xml:"hash"`
			URL  string `xml:"downloadUrl"`
		} `xml:"xform"`
	}
	if err := xml.Unmarshal([]byte(body), &list); err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/xml; charset=utf-8" || len(list.Forms) != 2 {
		t.Fatalf("%v, %v: %s", resp, err, body)
	}
	if f := list.Forms[0]; f.ID != "notes" || !strings.HasPrefix(f.Hash, "md5:") || f.URL != "https://gateway.example/or/"+token+"/forms/0" {
		t.Errorf("%+v", f)
	}
	if _, body := p.ask("GET", "/or/"+token+"/forms/0", nil, nil); body != string(document("notes", "Notes")) {
		t.Error(body)
	}
	if _, body := p.ask("GET", "/or/"+token+"/formList?formID=other", nil, nil); strings.Count(body, "<xform>") != 1 {
		t.Error(body)
	}
	other := strings.Repeat("f", 32)
	if _, body := p.ask("GET", "/or/"+other+"/formList", nil, nil); strings.Contains(body, "notes") {
		t.Error("another's form is listed")
	}
	for path, want := range map[string]int{"/or/" + other + "/forms/0": 404, "/or/" + other + "/forms/1": 200, "/or/" + token + "/forms/0/manifest": 200, "/or/" + token + "/forms/-1": 404, "/or/" + token + "/forms/9": 404,
		"/or/x/formList": 403, "/or/" + token + "x/forms/0": 403} {
		resp, _ := p.ask("GET", path, nil, nil)
		if resp.StatusCode != want || resp.Header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

// A form with files comes through, whole or split over posts, from old and new
// libraries and with either namespace, and once however often it is sent.
func TestAFilledFormComesThroughOnce(t *testing.T) {
	for _, l := range []collecttest.Library{collecttest.OkHttp4, collecttest.OkHttp5} {
		p := newPhone(t)
		photo, voice := noise(t, 400_000), noise(t, 700_000)
		doc := filled("notes", uuid, "ما حدث", l == collecttest.OkHttp4)
		s := collecttest.Sent{Manifest: doc, Files: []collecttest.File{{Name: "a.jpg", Content: photo}, {Name: "1700000000.m4a", Content: voice}}}
		for _, most := range []int64{500_000, 10 << 20, 10 << 20} { // split; then all again, twice
			for _, status := range p.send(s, most, l) {
				if status != http.StatusCreated {
					t.Fatal(status)
				}
			}
		}
		items := p.Items()
		if len(items) != 3 || !bytes.Equal(items[0].Content, voice) || !bytes.Equal(items[1].Content, photo) || !bytes.Equal(items[2].Content, doc) || items[2].To != "amal" {
			t.Errorf("%d items", len(items))
		}
		p.Nothing()
		p.Deliver()
		p.Close()
		p.Open()
		p.start()
		if got := p.send(s, 10<<20, l); got[0] != http.StatusCreated || len(p.Items()) != 0 {
			t.Errorf("after delivery: %v, %d items", got, len(p.Items()))
		}
	}
}

// Other answers under the same id are a conflict; what is no form of the phone's, or
// is encrypted, or broken, is refused in its language; nothing of it stays.
func TestWhatIsNoFilledFormIsRefused(t *testing.T) {
	p := newPhone(t)
	one := func(doc []byte, files ...collecttest.File) int {
		t.Helper()
		return p.send(collecttest.Sent{Manifest: doc, Files: files}, 1<<30, collecttest.OkHttp5)[0]
	}
	if s := one(filled("notes", uuid, "x", false)); s != 201 {
		t.Fatal(s)
	}
	if s := one(filled("notes", uuid, "y", false), collecttest.File{Name: "a.jpg", Content: noise(t, 500_000)}); s != http.StatusConflict {
		t.Errorf("other answers: %d", s)
	}
	second := strings.Replace(uuid, "5b", "6b", 1)
	for what, c := range map[string]struct {
		doc  []byte
		want int
	}{
		"unknown form": {filled("none", second, "x", false), 404},
		"encrypted":    {[]byte(`<data id="notes" encrypted="yes"><meta><instanceID>uuid:` + second + `</instanceID></meta></data>`), 400},
		"no id":        {[]byte(`<data id="notes"><meta/></data>`), 400},
		"guessable id": {[]byte(`<data id="notes"><meta><instanceID>1</instanceID></meta></data>`), 400},
		"entities":     {[]byte(`<!DOCTYPE d [<!ENTITY a "b">]><data id="notes"><meta><instanceID>uuid:` + second + `</instanceID></meta></data>`), 400},
		"no XML":       {[]byte(`{}`), 400},
		"long XML":     {bytes.Repeat([]byte(" "), 2<<20), 413},
	} {
		if s := one(c.doc); s != c.want {
			t.Errorf("%s: %d, want %d", what, s, c.want)
		}
	}
	large := collecttest.File{Name: "a.mp4", Content: make([]byte, 9<<20)}
	if s := one(filled("notes", second, "x", false), large); s != http.StatusRequestEntityTooLarge {
		t.Errorf("a large file: %d", s)
	}
	if s := one(filled("notes", second, "x", false), collecttest.File{Name: "../a", Content: []byte("x")}); s != http.StatusBadRequest {
		t.Errorf("a path: %d", s)
	}
	resp, said := p.ask("POST", "/or/"+token+"/submission", strings.NewReader("x"), map[string]string{"Content-Type": "text/plain", "Accept-Language": "xx, uk-UA;q=0.9"})
	if resp.StatusCode != 400 || !strings.Contains(said, "OpenRosaResponse") || strings.IndexFunc(said, func(r rune) bool { return r >= 'а' && r <= 'я' }) < 0 {
		t.Errorf("%d %s", resp.StatusCode, said)
	}
	if n := len(p.Items()); n != 1 {
		t.Errorf("%d items", n)
	}
	p.Nothing()
}

// A full queue is told as such, and the phone keeps its form.
func TestAPhoneKeepsItsFormWhenThereIsNoRoom(t *testing.T) {
	p := newPhone(t)
	p.Close()
	p.Room = 100 << 10
	p.Open()
	p.start()
	s := collecttest.Sent{Manifest: filled("notes", uuid, "x", false), Files: []collecttest.File{{Name: "a.jpg", Content: noise(t, 200_000)}}}
	if got := p.send(s, 1<<30, collecttest.OkHttp5)[0]; got != http.StatusServiceUnavailable || len(p.Items()) != 0 {
		t.Errorf("%d, %d items", got, len(p.Items()))
	}
	p.Nothing()
}

// Nothing of answers, files or tokens is in the folder.
func TestNothingReadableIsInTheFolder(t *testing.T) {
	p := newPhone(t)
	told, photo := "a sentence that stands nowhere else, "+fmt.Sprintf("%x", noise(t, 16)), noise(t, 500_000)
	look, err := canarytest.New(canarytest.Mark{Name: "told", Data: []byte(told)}, canarytest.Mark{Name: "photo", Data: photo[:100_000]},
		canarytest.Mark{Name: "token", Data: []byte(token)}, canarytest.Mark{Name: "id", Data: []byte(uuid)})
	if err != nil {
		t.Fatal(err)
	}
	s := collecttest.Sent{Manifest: filled("notes", uuid, told, false), Files: []collecttest.File{{Name: "a.jpg", Content: photo}}}
	if got := p.send(s, 1<<30, collecttest.OkHttp5)[0]; got != 201 {
		t.Fatal(got)
	}
	for range 2 {
		if found, size, err := look.Tree(p.Dir); err != nil || len(found) > 0 || size < 64 {
			t.Errorf("in %d bytes: %v, %v", size, found, err)
		}
		p.Deliver()
	}
}

// What is taken for a filled form has one id, which a stranger could not guess.
func FuzzParseFilled(f *testing.F) {
	f.Add(filled("notes", uuid, "x", false))
	f.Add(filled("notes", uuid, "x", true))
	f.Add([]byte(`<data id="a"><meta><instanceID>uuid:x</instanceID></meta><meta/></data>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := rosa.ParseFilled(b, 1<<16)
		if err == nil && (len(out.Instance) != 36 || out.Form == "" || bytes.Contains(b, []byte("<!DOCTYPE"))) {
			t.Errorf("%+v from %q", out, b)
		}
	})
}
