package canarytest_test

import (
	"encoding/base32"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/canarytest"
	"github.com/relatingfield/vault/internal/samples"
)

// secrets is marked plaintext: each mark holds a word that stands nowhere else.
type secrets struct {
	t       *testing.T
	text    []byte // small: it lies in a row
	long    []byte // text of several blocks
	voice   []byte // large: it lies in the object store
	photo   []byte
	name    string // of files
	title   string // also label and warning
	headers http.Header
	code    string // of her tray
	stray   string // in places where nobody expects anything
}

// word is 24 random characters.
func word(t *testing.T) string {
	t.Helper()
	return strings.ToLower(base32.StdEncoding.EncodeToString(noise(t, 15)))
}

func newSecrets(t *testing.T) *secrets {
	t.Helper()
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) []byte {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	s := &secrets{t: t, voice: file(samples.UkrainianVoice), photo: file(samples.Photo), stray: "stray-" + word(t)}
	s.text = fmt.Appendf(file(samples.ArabicText), "\n%s\n", word(t))
	s.name, s.title = "شهادة-"+word(t)+".txt", "البيت الأخير "+word(t)
	for range 300 {
		s.long = fmt.Appendf(s.long, "%s %s\n", word(t), file(samples.UkrainianText)[:400])
	}
	s.headers = http.Header{}
	for _, name := range []string{"User-Agent", "X-Forwarded-For", "Forwarded", "X-Real-Ip", "Accept-Language", "Referer", "Cookie", "X-Device-Id", "From", "Traceparent", "Tracestate", "Baggage"} {
		s.headers.Set(name, word(t))
	}
	return s
}

func (s *secrets) scanner() *canarytest.Scanner {
	s.t.Helper()
	marks := []canarytest.Mark{
		{Name: "the text", Data: s.text}, {Name: "the long text", Data: s.long}, {Name: "the voice", Data: s.voice}, {Name: "the photo", Data: s.photo},
		{Name: "a file's name", Data: []byte(s.name)}, {Name: "the title", Data: []byte(s.title)}, {Name: "a stray word", Data: []byte(s.stray)},
	}
	if s.code != "" {
		marks = append(marks, canarytest.Mark{Name: "a tray's code", Data: []byte(s.code)})
	}
	for name, values := range s.headers {
		marks = append(marks, canarytest.Mark{Name: "the header " + name, Data: []byte(values[0])})
	}
	return scanner(s.t, marks...)
}

// marked puts the marked headers on every request, as devices and proxies do.
type marked struct {
	headers http.Header
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (m marked) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range m.headers {
		r.Header[name] = values
	}
	return m.next.RoundTrip(r)
}
