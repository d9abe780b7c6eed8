package parcel_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/openrosa/parcel"
)

const (
	maxXML  = 1 << 10
	maxFile = 1 << 16
)

type got struct {
	xml        string
	names      []string
	files      map[string][]byte
	lengths    []int64
	incomplete bool
}

func receive(contentType string, body io.Reader) (got, error) {
	p, err := parcel.Open(contentType, body, maxXML, maxFile)
	if err != nil {
		return got{}, err
	}
	g := got{xml: string(p.XML), files: map[string][]byte{}}
	for {
		f, err := p.Next()
		if errors.Is(err, io.EOF) {
			g.incomplete = p.Incomplete()
			return g, nil
		}
		if err != nil {
			return g, err
		}
		g.names, g.lengths = append(g.names, f.Name), append(g.lengths, f.Length)
		if g.files[f.Name], err = io.ReadAll(f); err != nil {
			return g, err
		}
	}
}

// Every post that Collect makes of a submission is read as it was meant, from
// whichever of its libraries and however the line cuts it.
func TestItReadsWhatCollectPosts(t *testing.T) {
	s := collecttest.Sent{Manifest: []byte("<data/>")}
	for i := range 250 {
		s.Files = append(s.Files, collecttest.File{Name: fmt.Sprintf("صورة %d \"x\".jpg.enc", i), Content: bytes.Repeat([]byte("\r\n--"), i)})
	}
	for _, l := range []collecttest.Library{collecttest.OkHttp4, collecttest.OkHttp5} {
		posts := s.Posts(60000, l)
		if len(posts) < 3 {
			t.Fatalf("%d posts", len(posts))
		}
		var names []string
		for i, p := range posts {
			g, err := receive(p.ContentType, iotest.HalfReader(bytes.NewReader(p.Body)))
			if err != nil {
				t.Fatal(err)
			}
			if g.xml != "<data/>" || g.incomplete != (i < len(posts)-1) || len(g.names) > 101 {
				t.Errorf("post %d: %q, incomplete %v, %d files", i, g.xml, g.incomplete, len(g.names))
			}
			for _, name := range g.names {
				want := s.Files[len(names)]
				if name != strings.ReplaceAll(want.Name, `"`, "%22") || !bytes.Equal(g.files[name], want.Content) {
					t.Errorf("%q is not %q, or its content", name, want.Name)
				}
				names = append(names, name)
			}
			if slices.Max(g.lengths) >= 0 != (l == collecttest.OkHttp4) {
				t.Errorf("library %d said lengths %v", l, g.lengths)
			}
		}
		if len(names) != len(s.Files) {
			t.Errorf("%d files came", len(names))
		}
	}
}

const contentType = "multipart/form-data; boundary=b"

func part(header, content string) string { return "--b\r\n" + header + "\r\n\r\n" + content + "\r\n" }

func file(name, content string) string {
	return part(`Content-Disposition: form-data; name="`+name+`"; filename="`+name+`"`, content)
}

const first = "--b\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"s.xml\"\r\n\r\n<a/>\r\n"

// Anything but a form and its files is no post.
func TestOtherBodiesAreRefused(t *testing.T) {
	for name, body := range map[string]string{
		"empty":               "",
		"no part":             "--b--\r\n",
		"file first":          file("a.enc", "x") + first + "--b--\r\n",
		"mark first":          part(`Content-Disposition: form-data; name="*isIncomplete*"`, "yes") + first + "--b--\r\n",
		"a field":             first + part(`Content-Disposition: form-data; name="answer"`, "x") + "--b--\r\n",
		"two names":           first + part(`Content-Disposition: form-data; name="a.enc"; filename="b.enc"`, "x") + "--b--\r\n",
		"mark with a file":    first + part(`Content-Disposition: form-data; name="*isIncomplete*"; filename="a.enc"`, "yes") + "--b--\r\n",
		"unclear mark":        first + part(`Content-Disposition: form-data; name="*isIncomplete*"`, "no") + "--b--\r\n",
		"mark twice":          first + strings.Repeat(part(`Content-Disposition: form-data; name="*isIncomplete*"`, "yes"), 2) + "--b--\r\n",
		"no disposition":      first + part(`Content-Type: text/plain`, "x") + "--b--\r\n",
		"two dispositions":    first + part("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Disposition: form-data; name=\"b\"", "x") + "--b--\r\n",
		"attachment":          first + part(`Content-Disposition: attachment; name="a.enc"; filename="a.enc"`, "x") + "--b--\r\n",
		"encoded":             first + part("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Transfer-Encoding: base64", "eA==") + "--b--\r\n",
		"shorter than said":   first + part("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Length: 2", "x") + "--b--\r\n",
		"longer than said":    first + part("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Length: 0", "x") + "--b--\r\n",
		"length of no number": first + part("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Length: -1", "x") + "--b--\r\n",
		"many parts":          first + strings.Repeat(file("a.enc", ""), 1100) + "--b--\r\n",
		"no multipart":        "hello, canary",
	} {
		t.Run(name, func(t *testing.T) {
			g, err := receive(contentType, strings.NewReader(body))
			if err == nil || errors.Is(err, parcel.ErrTooLarge) {
				t.Errorf("%v, %+v", err, g)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error quotes the body: %v", err)
			}
		})
	}
	for _, c := range []string{"", "text/xml", "multipart/mixed; boundary=b", "multipart/form-data", "multipart/form-data; boundary=" + strings.Repeat("b", 71)} {
		if _, err := receive(c, strings.NewReader(first+"--b--\r\n")); !errors.Is(err, parcel.ErrRefused) {
			t.Errorf("%s: %v", c, err)
		}
	}
}

// Each part is bounded, and what is gathered in memory is bounded by less.
func TestPartsAreBounded(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	xml := func(n int) string {
		return part(`Content-Disposition: form-data; name="xml_submission_file"; filename="s.xml"`, long(n))
	}
	for name, body := range map[string]string{
		"xml":      xml(maxXML+1) + "--b--\r\n",
		"file":     first + file("a.enc", long(maxFile+1)) + "--b--\r\n",
		"said":     first + part(fmt.Sprintf("Content-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"\r\nContent-Length: %d", maxFile+1), "x"),
		"header":   first + part("X: "+long(1<<20)+"\r\nContent-Disposition: form-data; name=\"a.enc\"; filename=\"a.enc\"", "x"),
		"mark":     first + part(`Content-Disposition: form-data; name="*isIncomplete*"`, long(1<<20)),
		"preamble": long(1<<20) + "\r\n" + first,
	} {
		t.Run(name, func(t *testing.T) {
			line := &counting{r: io.MultiReader(strings.NewReader(body), endless{})}
			if _, err := receive(contentType, line); err == nil || line.n > 1<<18 {
				t.Errorf("%v after %d bytes", err, line.n)
			}
		})
	}
	if g, err := receive(contentType, strings.NewReader(xml(maxXML)+file("a.enc", long(maxFile))+"--b--\r\n")); err != nil || len(g.files["a.enc"]) != maxFile {
		t.Errorf("what is exactly large enough: %v, %d bytes", err, len(g.files["a.enc"]))
	}
}

type counting struct {
	r io.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "xxxx"), nil }

// A line that breaks is told from a body that ends, wherever it breaks.
func TestABrokenLineIsNoEnd(t *testing.T) {
	body := first + file("a.enc", strings.Repeat("x", 9000)) + "--b--\r\n"
	gone := errors.New("gone")
	for at := 0; at < len(body)-6; at += 97 {
		if _, err := receive(contentType, io.MultiReader(strings.NewReader(body[:at]), iotest.ErrReader(gone))); !errors.Is(err, gone) {
			t.Fatalf("broken at %d: %v", at, err)
		}
		if _, err := receive(contentType, strings.NewReader(body[:at])); err == nil {
			t.Fatalf("ended at %d: no error", at)
		}
	}
}

// A file that was not read to its end is not passed over.
func TestFilesAreReadInOrder(t *testing.T) {
	p, err := parcel.Open(contentType, strings.NewReader(first+file("a.enc", "xxxx")+file("b.enc", "y")+"--b--\r\n"), maxXML, maxFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := p.Next()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Next(); err == nil {
		t.Error("the rest of a file was passed over")
	}
}

// Any bytes end, within what is allowed, and give the files they hold.
func FuzzOpen(f *testing.F) {
	f.Add(contentType, []byte(first+file("a.enc", "x")+"--b--\r\n"))
	f.Add(contentType, []byte(first+part(`Content-Disposition: form-data; name="*isIncomplete*"`, "yes")+"--b--"))
	f.Add(`multipart/form-data; boundary="b b"`, []byte("--b b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		g, err := receive(contentType, bytes.NewReader(body))
		sum := len(g.xml)
		for _, c := range g.files {
			sum += len(c)
		}
		if sum > len(body) || len(g.xml) > maxXML || err == nil && g.files == nil {
			t.Fatalf("%d bytes of %d, %v", sum, len(body), err)
		}
	})
}
