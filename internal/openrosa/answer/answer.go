// Package answer writes what phones with ODK Collect are answered: lists of forms,
// and short messages in five languages that say what to do and nothing about what
// this is. Whoever looks at the phone may read them.
//
// Specification: OpenRosa Form Discovery and Form Submission APIs 1.0.
package answer

import (
	_ "embed"
	"encoding/xml"
	"fmt"

	"github.com/go-json-experiment/json"
)

// Media is the type of every answer that has a body.
const Media = "text/xml; charset=utf-8"

// Version is the value of X-OpenRosa-Version on every answer.
const Version = "1.0"

// Kind names a message.
type Kind string

// The messages.
const (
	Taken    Kind = "taken"
	Refused  Kind = "refused"  // it is not what is taken here
	Stranger Kind = "stranger" // the phone may not send
	Other    Kind = "other"    // another form was sent under the same id
	Large    Kind = "large"
	Later    Kind = "later" // nothing is wrong with it
	Missing  Kind = "missing"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Taken, Refused, Stranger, Other, Large, Later, Missing} }

//go:embed words.json
var words []byte

// Phrases are the messages by language and kind.
type Phrases map[string]map[Kind]string

// Load reads the messages.
func Load() (Phrases, error) {
	var p Phrases
	if err := json.Unmarshal(words, &p); err != nil {
		return nil, fmt.Errorf("messages to phones: %w", err)
	}
	return p, nil
}

type response struct {
	XMLName xml.Name `xml:"http://openrosa.org/http/response OpenRosaResponse"`
	Message string   `xml:"message"`
}

// Message is the body that says something.
func (p Phrases) Message(language string, k Kind) []byte {
	return document(response{Message: p[language][k]})
}

// Form is a form in a list.
type Form struct {
	ID, Name, Version string
	MD5               string // of the document, in hexadecimal
	URL, Manifest     string // where the document is, and the list of its files
}

type list struct {
	XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsList xforms"`
	Forms   []listed `xml:"xform"`
}

type listed struct {
	ID       string `xml:"formID"`
	Name     string `xml:"name"`
	Version  string `xml:"version"`
	Hash     string `xml:"hash"`
	URL      string `xml:"downloadUrl"`
	Manifest string `xml:"manifestUrl"`
}

// List is the body that lists forms.
func List(forms []Form) []byte {
	out := list{}
	for _, f := range forms {
		out.Forms = append(out.Forms, listed{f.ID, f.Name, f.Version, "md5:" + f.MD5, f.URL, f.Manifest})
	}
	return document(out)
}

type manifest struct {
	XMLName xml.Name `xml:"http://openrosa.org/xforms/xformsManifest manifest"`
}

// NoFiles is the list of the files of a form that has none: these never do.
func NoFiles() []byte { return document(manifest{}) }

func document(v any) []byte {
	b, err := xml.Marshal(v)
	if err != nil {
		return []byte(xml.Header) // these structs can always be written
	}
	return append([]byte(xml.Header), b...)
}
