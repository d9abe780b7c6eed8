package collecttest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
)

// Library is a version of the HTTP library of Collect: what it says of a part
// differs.
type Library int

// The libraries.
const (
	OkHttp5 Library = iota // Collect since 2025: parts do not say how long they are
	OkHttp4                // before it, and KoboCollect: they do
)

// Post is one request's body.
type Post struct {
	ContentType string
	Body        []byte
	Incomplete  bool
	Files       []string
}

// Posts are the requests that Collect makes of a submission: it begins another one
// before a post would have more than most bytes of files, or has more than a
// hundred of them.
func (s Sent) Posts(most int64, l Library) []Post {
	var out []Post
	for first, at := true, 0; first || at < len(s.Files); first = false {
		b := newBody(l)
		b.file("xml_submission_file", "submission.xml", "text/xml", s.Manifest)
		size, start := int64(len(s.Manifest)), at
		for ; at < len(s.Files); at++ {
			f := s.Files[at]
			b.file(f.Name, f.Name, "application/octet-stream", f.Content)
			b.post.Files = append(b.post.Files, f.Name)
			size += int64(len(f.Content))
			if at+1 < len(s.Files) && (at-start+1 > 100 || size+int64(len(s.Files[at+1].Content)) > most) {
				b.mark()
				at++
				break
			}
		}
		out = append(out, b.end())
	}
	return out
}

// body writes what OkHttp's MultipartBody writes.
type body struct {
	bytes.Buffer
	boundary string
	library  Library
	post     Post
}

func newBody(l Library) *body {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		panic(err) // it never fails
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return &body{library: l, boundary: fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])}
}

func (b *body) file(field, name, media string, content []byte) {
	b.part(fmt.Sprintf("form-data; name=%s; filename=%s", quoted(field), quoted(name)), media, content)
}

func (b *body) mark() {
	b.part(`form-data; name="*isIncomplete*"`, "", []byte("yes"))
	b.post.Incomplete = true
}

func (b *body) part(disposition, media string, content []byte) {
	fmt.Fprintf(b, "--%s\r\nContent-Disposition: %s\r\n", b.boundary, disposition)
	if media != "" {
		fmt.Fprintf(b, "Content-Type: %s\r\n", media)
	}
	if b.library == OkHttp4 {
		fmt.Fprintf(b, "Content-Length: %d\r\n", len(content))
	}
	b.WriteString("\r\n")
	b.Write(content)
	b.WriteString("\r\n")
}

func (b *body) end() Post {
	fmt.Fprintf(b, "--%s--\r\n", b.boundary)
	b.post.Body = b.Bytes()
	b.post.ContentType = "multipart/form-data; boundary=" + b.boundary
	return b.post
}

// quoted escapes as OkHttp does, which is not what the standard says.
func quoted(s string) string {
	return `"` + strings.NewReplacer("\n", "%0A", "\r", "%0D", `"`, "%22").Replace(s) + `"`
}
