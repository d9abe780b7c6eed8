package form_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/gateway/form"
	"github.com/relatingfield/vault/internal/gateway/gatewaytest"
	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/secret"
)

const (
	token = "a-token-of-a-form-that-a-machine-made"
	uuid  = "5b1c2d3e-4f50-4612-8a9b-0c1d2e3f4a5b"
)

type page struct {
	*gatewaytest.World
	url string
}

func newPage(t *testing.T) *page {
	t.Helper()
	p := &page{World: gatewaytest.New(t)}
	p.start()
	return p
}

func (p *page) start() {
	p.url = p.Serve(form.New(p.Intake, []intake.Form{{Name: "contact", Secret: secret.Of([]byte(token)), To: p.To("collection")}}).Routes)
}

func (p *page) post(media string, body io.Reader, header map[string]string) (int, error) {
	req, err := http.NewRequest("POST", p.url+"/form/contact", body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "Bearer "+token)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// part is one of a post: a field, or a file when it has a media type.
type part struct {
	name, value, file, media string
}

func body(t *testing.T, parts ...part) (string, *bytes.Buffer) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q", p.name))
		if p.media != "" {
			h.Set("Content-Disposition", fmt.Sprintf("form-data; name=%q; filename=\"%s\"", p.name, p.file)) // as browsers do, not as Go quotes
			h.Set("Content-Type", p.media)
		}
		to, err := w.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(to, p.value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}

func noise(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A page's post becomes an item of its fields and one for each file, small or large,
// with their names, and without the file nobody chose.
func TestAPageWithFilesComesThrough(t *testing.T) {
	p := newPage(t)
	small, large := noise(t, 1000), noise(t, 3<<20)
	media, b := body(t, part{name: "name", value: "أمل"}, part{name: "voice", value: large, file: `C:\fake\صوت.webm`, media: "audio/webm;codecs=opus"},
		part{name: "photo", value: small, file: "photo.jpg", media: "image/jpeg"}, part{name: "other", file: "", media: "application/octet-stream"}, part{name: "told", value: "she said \"so\"\nand so"})
	if status, err := p.post(media, b, nil); err != nil || status != http.StatusCreated {
		t.Fatal(status, err)
	}
	got := map[string]gatewaytest.Item{}
	for _, i := range p.Items() {
		got[i.Info.Name] = i
	}
	if len(got) != 3 || string(got["صوت.webm"].Content) != large || string(got["photo.jpg"].Content) != small || got["صوت.webm"].Info.MediaType != "audio/webm" {
		t.Errorf("%d items", len(got))
	}
	if text := string(got["form.json"].Content); text != `{"fields":[{"name":"name","value":"أمل"},{"name":"told","value":"she said \"so\"\nand so"}]}` {
		t.Errorf("the fields: %s", text)
	}
	p.Nothing()
}

// A document with files in it comes through likewise.
func TestADocumentWithFilesComesThrough(t *testing.T) {
	p := newPage(t)
	file := noise(t, 100_000)
	text := `{"_uuid":"` + uuid + `","fields":{"told": "ما حدث", "when":[2019, 3]},"files":[{"name":"a.mp3","media_type":"audio/mpeg","data":"` + base64.StdEncoding.EncodeToString([]byte(file)) + `"}]}`
	for range 2 { // the second time it is known
		if status, err := p.post("application/json", strings.NewReader(text), nil); err != nil || status != http.StatusCreated {
			t.Fatal(status, err)
		}
	}
	items := p.Items()
	if len(items) != 2 || string(items[0].Content) != file || items[0].Info.MediaType != "audio/mpeg" || string(items[1].Content) != `{"fields":{"told": "ما حدث", "when":[2019, 3]}}`+"\n" {
		t.Errorf("%+v", items)
	}
}

// A post with an id is taken once, whichever way it says it; without one it is taken
// each time.
func TestAPostWithAnIDIsTakenOnce(t *testing.T) {
	p := newPage(t)
	send := func(header map[string]string, first ...part) {
		t.Helper()
		media, b := body(t, append(first, part{name: "told", value: "x"}, part{name: "f", value: noise(t, 400_000), file: "f.bin", media: "image/png"})...)
		if status, err := p.post(media, b, header); err != nil || status != 201 {
			t.Error(status, err)
		}
	}
	one := map[string]string{"Idempotency-Key": `"` + uuid + `"`}
	other := part{name: "_uuid", value: strings.Replace(uuid, "5b", "6b", 1)}
	send(one)
	send(one)
	send(nil, other)
	send(nil, other)
	if n := len(p.Items()); n != 4 {
		t.Errorf("two posts made %d items", n)
	}
	p.Deliver()
	p.Close()
	p.Open()
	p.start()
	send(one)
	send(nil, other)
	if n := len(p.Items()); n != 0 {
		t.Errorf("after delivery there are %d items again", n)
	}
	send(nil)
	send(nil)
	if n := len(p.Items()); n != 4 {
		t.Errorf("two posts without id made %d items", n)
	}
}

// A post that breaks off, or is larger than allowed, or is no form, leaves nothing,
// not even of the files that had come whole.
func TestAPostIsTakenWholeOrNotAtAll(t *testing.T) {
	p := newPage(t)
	whole := part{name: "f", value: noise(t, 500_000), file: "f.bin", media: "image/png"}
	media, b := body(t, whole, whole, part{name: "told", value: "x"})
	text := b.String()
	r, w := io.Pipe()
	go func() {
		_, _ = io.WriteString(w, text[:900_000])
		_ = w.CloseWithError(errors.New("the line is cut"))
	}()
	if status, err := p.post(media, r, nil); err == nil && status < 400 {
		t.Errorf("cut off: %d", status)
	}
	boundary := strings.TrimPrefix(media, "multipart/form-data; boundary=")
	for name, c := range map[string]struct {
		media, body string
		want        int
	}{
		"no end":         {media, text[:len(text)-6], 408},
		"too large":      {media, strings.Replace(text, whole.value, strings.Repeat("x", 9<<20), 1), 413},
		"no boundary":    {"multipart/form-data", text, 400},
		"other kind":     {"application/x-www-form-urlencoded", "a=b", 400},
		"empty":          {media, "--" + boundary + "--\r\n", 400},
		"long head":      {media, "--" + boundary + "\r\nX: " + strings.Repeat("x", 100_000), 400},
		"long preamble":  {media, strings.Repeat("x", 200_000) + text, 400},
		"many fields":    {media, strings.Repeat("--"+boundary+"\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n", 1001) + "--" + boundary + "--\r\n", 400},
		"large field":    {media, "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n" + strings.Repeat("x", 2<<20) + "\r\n--" + boundary + "--\r\n", 413},
		"no disposition": {media, "--" + boundary + "\r\n\r\nb\r\n--" + boundary + "--\r\n", 400},
		"encoded":        {media, "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nYg==\r\n--" + boundary + "--\r\n", 400},
		"not UTF-8":      {media, "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--" + boundary + "--\r\n", 400},
		"bad id":         {media, "--" + boundary + "\r\nContent-Disposition: form-data; name=_uuid\r\n\r\nx\r\n--" + boundary + "--\r\n", 400},
		"bad document":   {"application/json", `{"fields":{},"more":1}`, 400},
		"bad base64":     {"application/json", `{"fields":{},"files":[{"name":"","media_type":"a/b","data":"*"}]}`, 400},
		"a path":         {"application/json", `{"fields":{},"files":[{"name":"../x","media_type":"a/b","data":""}]}`, 400},
	} {
		if status, err := p.post(c.media, strings.NewReader(c.body), nil); err != nil || status != c.want {
			t.Errorf("%s: %d, want %d, %v", name, status, c.want, err)
		}
	}
	if status, err := p.post(media, strings.NewReader(text), map[string]string{"Authorization": "Bearer x"}); err != nil || status != 401 {
		t.Errorf("without the secret: %d, %v", status, err)
	}
	if n := len(p.Items()); n > 0 {
		t.Errorf("%d items", n)
	}
	p.Nothing()
}

// While a large file comes, and afterwards, nothing of it is readable in the folder.
func TestNothingReadableIsInTheFolder(t *testing.T) {
	p := newPage(t)
	value := noise(t, 1<<20)
	look, err := canarytest.New(canarytest.Mark{Name: "file", Data: []byte(value[:200_000])}, canarytest.Mark{Name: "name", Data: []byte("the-name-of-the-file-she-sent.webm")})
	if err != nil {
		t.Fatal(err)
	}
	media, b := body(t, part{name: "f", value: value, file: "the-name-of-the-file-she-sent.webm", media: "audio/webm"})
	text := b.String()
	r, w := io.Pipe()
	done := make(chan int, 1)
	go func() {
		status, err := p.post(media, r, nil)
		if err != nil {
			status = 0
		}
		done <- status
	}()
	if _, err := io.WriteString(w, text[:1<<20]); err != nil {
		t.Fatal(err)
	}
	clean := func(when string) {
		t.Helper()
		if found, _, err := look.Tree(p.Dir); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", when, found, err)
		}
	}
	clean("while it comes")
	if _, err := io.WriteString(w, text[1<<20:]); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	if status := <-done; status != 201 {
		t.Fatal(status)
	}
	clean("in the queue")
	p.Deliver()
	clean("afterwards")
}

// What a part says it is, is read in one way or refused, and never leads to a path.
func FuzzParseDisposition(f *testing.F) {
	for _, s := range []string{`form-data; name="a"`, `form-data; name="a"; filename="b.jpg"`, `form-data; name="a"; filename="../../b"`, `form-data; name=a; filename*=UTF-8''%D8%A7`, `attachment`, `form-data; name="a"; filename=".."`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, file, _, err := form.ParseDisposition([]string{s})
		if err == nil && (name == "" || strings.ContainsAny(file, "/\\\x00\n") || file == "." || file == ".." || len(file) > 255) {
			t.Errorf("%q: %q, %q", s, name, file)
		}
	})
}

// A document that is taken holds its files under names that are no paths.
func FuzzParseDocument(f *testing.F) {
	f.Add([]byte(`{"fields":{"a":1},"files":[{"name":"x","media_type":"a/b","data":"eA=="}]}`))
	f.Add([]byte(`{"_uuid":"x","fields":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := form.ParseDocument(b)
		if err != nil {
			return
		}
		if len(d.Fields) > 0 && d.Fields[0] != '{' {
			t.Errorf("fields %q", d.Fields)
		}
		for _, a := range d.Files {
			if strings.ContainsAny(a.Name, `/\`) || len(a.Name) > 255 {
				t.Errorf("a file by the name %q", a.Name)
			}
		}
	})
}

// Whatever a body is, it is taken whole or leaves nothing, and the answer is one that
// is meant.
func FuzzPost(f *testing.F) {
	p := &page{World: gatewaytest.New(f)}
	p.start()
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=_uuid\r\n\r\n" + uuid + "\r\n--b--\r\n"))
	f.Add([]byte("--b\nContent-Disposition: form-data; name=a\n\nx\n--b--"))
	f.Fuzz(func(t *testing.T, body []byte) {
		p.T = t
		status, err := p.post("multipart/form-data; boundary=b", bytes.NewReader(body), nil)
		if err != nil {
			t.Fatal(err)
		}
		switch status {
		case 201:
			if p.Queue.Waiting() == 0 && !bytes.Contains(body, []byte("_uuid")) {
				t.Error("it was acknowledged and is not there")
			}
			p.Deliver()
		case 400, 408, 413:
		default:
			t.Errorf("%d", status)
		}
		if left := p.Left(); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}
