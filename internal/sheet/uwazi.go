package sheet

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/relatingfield/vault/internal/explain"
	"github.com/relatingfield/vault/internal/statement"
)

// Uwazi is a zip in the making that Uwazi imports: import.csv, and beside it the
// files that its rows name.
//
// Uwazi reads a cell of several values at "|", a value of a nested thesaurus at
// "::", a link as label|url and dates as YYYY-MM-DD, and knows no way to write these
// signs into a value: in texts of people they are replaced. A column with a
// language at its end (title__ar) must exist for the default language of the
// collection, and must not exist without one; several values of a thesaurus are told
// apart only in such columns. A word that heads a group of a thesaurus must not be a
// value beside groups: so countries and regions are two columns, and every purpose
// stands in its group.
type Uwazi struct {
	zip       *zip.Writer
	languages []*explain.Language
	origin    string // of the vault, for links
	day       time.Time
	names     map[string]bool
	rows      [][]string
}

// ErrLanguage: a language that the words of terms are not in.
var ErrLanguage = errors.New("the words of terms are not in this language")

// ImportFile is the name of the rows within the zip.
const ImportFile = "import.csv"

// NewUwazi begins a zip. The first of the languages (BCP 47: en, fr, ar, uk, ckb)
// is the default one of the collection; day, in Unix seconds, is the date that all
// files in the zip have.
func NewUwazi(w io.Writer, languages []string, origin string, day int64) (*Uwazi, error) {
	u := &Uwazi{zip: zip.NewWriter(w), origin: origin, day: time.Unix(day-day%statement.Day, 0).UTC(), names: map[string]bool{ImportFile: true}}
	for _, tag := range languages {
		l, err := explain.In(tag)
		if err != nil || slices.ContainsFunc(u.languages, func(o *explain.Language) bool { return o.Tag() == l.Tag() }) {
			return nil, fmt.Errorf("%w, or it is named twice: %q", ErrLanguage, tag)
		}
		u.languages = append(u.languages, l)
	}
	if len(u.languages) == 0 {
		return nil, fmt.Errorf("%w: name one", ErrLanguage)
	}
	u.rows = [][]string{u.columns()}
	return u, nil
}

// chosen are the columns whose values come from a thesaurus.
func chosen() []string {
	return []string{"attribution", "purposes", "prohibited", "media", "country", "region", "kind"}
}

func (u *Uwazi) columns() []string {
	var out []string
	for _, name := range append([]string{"title", "terms"}, chosen()...) {
		for _, l := range u.languages {
			out = append(out, name+"__"+l.Tag())
		}
	}
	return append(out, "speaker", "affiliation", "media_type", "captured", "exported", "until", "source", "grant", "file", "attachments")
}

// File puts a file into the zip, under a name of the caller's making: without
// folders, and once.
func (u *Uwazi) File(name string, fill func(io.Writer) error) error {
	if strings.ContainsAny(name, `/\|`) || strings.HasPrefix(name, ".") || name == "" || u.names[name] {
		return fmt.Errorf("put %q into the zip: this is no name for a file of its own", name)
	}
	u.names[name] = true
	w, err := u.entry(name)
	if err == nil {
		err = fill(w)
	}
	if err != nil {
		return fmt.Errorf("put %s into the zip: %w", name, err)
	}
	return nil
}

func (u *Uwazi) entry(name string) (io.Writer, error) {
	return u.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: u.day})
}

// Row adds a row. document is a PDF, which Uwazi shows page by page; attachments
// are all other files. Each of them has been put into the zip.
func (u *Uwazi) Row(r Row, document string, attachments []string) error {
	for _, name := range append([]string{document}, attachments...) {
		if name != "" && !u.names[name] {
			return fmt.Errorf("add a row: there is no %s in the zip", name)
		}
	}
	e := entryOf(r)
	var out []string
	for _, l := range u.languages {
		out = append(out, title(l, r))
	}
	for _, l := range u.languages {
		out = append(out, strings.Join(l.Terms(r.Terms), "\n"))
	}
	for _, text := range []string{e.Attribution, strings.Join(grouped(r.Terms.Purposes), between), strings.Join(e.Prohibited, between),
		strings.Join(e.Media, between), value(e.Country), under(e.Country, e.Region), e.Kind} {
		out = append(out, slices.Repeat([]string{text}, len(u.languages))...)
	}
	out = append(out, value(e.Speaker), value(e.Affiliation), cell(e.MediaType), e.Captured, e.Exported, e.Last, u.link(r), e.Grant,
		document, strings.Join(attachments, between))
	u.rows = append(u.rows, out)
	return nil
}

// title says what it is, never what is in it: hers is sealed on her card.
func title(l *explain.Language, r Row) string {
	words := map[string]string{"en": "Testimony", "fr": "Témoignage", "ar": "شهادة", "uk": "Свідчення", "ckb": "شایەتی"}
	return fmt.Sprintf("%s %.8s / %d", words[l.Tag()], r.Grant, r.Item)
}

// value is somebody's text as one value of Uwazi's.
func value(text string) string {
	text = strings.ReplaceAll(line(text), "|", "/")
	for strings.Contains(text, "::") {
		text = strings.ReplaceAll(text, "::", ":")
	}
	return cell(text)
}

// under is a value in its group.
func under(group, text string) string {
	group, text = strings.Trim(value(group), ":"), strings.Trim(value(text), ":")
	if group == "" || text == "" {
		return ""
	}
	return group + "::" + text
}

// grouped are purposes under the wider terms of the Data Privacy Vocabulary.
func grouped(list []statement.Purpose) []string {
	wider := map[statement.Purpose]string{
		"SafeKeeping": "RecordManagement", "BeingHeard": "RequestedServiceProvision", "PeerCircle": "RequestedServiceProvision",
		"Referral": "RequestedServiceProvision", "Research": "AcademicResearch", "PolicyAdvice": "PublicPolicyMaking",
	}
	out := make([]string, 0, len(list))
	for _, p := range list {
		group := wider[p]
		if group == "" {
			group = "PublicBenefit"
		}
		out = append(out, group+"::"+string(p))
	}
	return out
}

// link leads to the vault that can say whether the terms still hold.
func (u *Uwazi) link(r Row) string {
	at, err := url.Parse(u.origin)
	if err != nil || at.Host == "" {
		return ""
	}
	return fmt.Sprintf("grant %.8s|%s/", r.Grant, at.Scheme+"://"+at.Host)
}

// Close writes the rows and ends the zip.
func (u *Uwazi) Close() error {
	w, err := u.entry(ImportFile)
	if err == nil {
		err = table(w, u.rows)
	}
	if err = errors.Join(err, u.zip.Close()); err != nil {
		return fmt.Errorf("end the zip: %w", err)
	}
	return nil
}
