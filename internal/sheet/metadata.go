package sheet

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Format is what the JSON says of itself.
const Format = "testimony-vault-metadata/1"

// mark is the byte order mark, in UTF-8.
const mark = "\xef\xbb\xbf"

// between separates several values in one cell, as it does in Uwazi.
const between = "|"

// entry is a row in JSON; its members stand in the order of the columns.
type entry struct {
	Item        int64    `json:"item"`
	From        int64    `json:"made_from_item,omitzero"`
	Vault       string   `json:"vault"`
	Grant       string   `json:"grant"`
	Statement   string   `json:"statement_sha256"`
	Attribution string   `json:"attribution"`
	Purposes    []string `json:"purposes"`
	Prohibited  []string `json:"prohibited"`
	Media       []string `json:"media"`
	Place       string   `json:"place"`
	QuoteReview bool     `json:"quote_review"`
	Onward      bool     `json:"onward"`
	First       string   `json:"from"`  // day
	Last        string   `json:"until"` // the last day
	MediaType   string   `json:"media_type"`
	Kind        string   `json:"kind"`
	Speaker     string   `json:"speaker,omitempty"`
	Country     string   `json:"country,omitempty"`
	Region      string   `json:"region,omitempty"`
	Affiliation string   `json:"affiliation,omitempty"`
	Name        string   `json:"file_name,omitempty"`
	Captured    string   `json:"captured,omitempty"` // day
	Device      string   `json:"device,omitempty"`
	Exported    string   `json:"exported"` // day
}

func entryOf(r Row) entry {
	she := r.speaker()
	return entry{
		Item: r.Item, From: r.From, Vault: r.Vault, Grant: string(r.Grant), Statement: r.Statement,
		Attribution: string(r.Terms.Attribution), Purposes: texts(r.Terms.Purposes), Prohibited: texts(r.Terms.Prohibited),
		Media: texts(r.Terms.Media), Place: string(r.Terms.Place), QuoteReview: r.Terms.QuoteReview, Onward: r.Terms.Onward,
		First: date(r.Terms.From), Last: lastDate(r.Terms.Until), MediaType: r.Info.MediaType, Kind: string(r.Info.Kind),
		Speaker: called(she), Country: she.Country, Region: she.Region, Affiliation: she.Affiliation,
		Name: r.Info.Name, Captured: r.captured(), Device: r.device(), Exported: date(r.Exported),
	}
}

// JSON writes rows for programs. Texts are as they are: whoever puts them into a
// spreadsheet takes the CSV.
func JSON(w io.Writer, rows []Row) error {
	out := struct {
		Format string  `json:"format"`
		Items  []entry `json:"items"`
	}{Format, make([]entry, 0, len(rows))}
	for _, r := range rows {
		out.Items = append(out.Items, entryOf(r))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write the metadata: %w", err)
	}
	return nil
}

// columns of metadata.csv.
func columns() []string {
	return []string{"item", "made_from_item", "vault", "grant", "statement_sha256", "attribution", "purposes", "prohibited", "media", "place",
		"quote_review", "onward", "from", "until", "media_type", "kind", "speaker", "country", "region", "affiliation", "file_name",
		"captured", "device", "exported"}
}

func (e entry) cells() []string {
	from := ""
	if e.From != 0 {
		from = strconv.FormatInt(e.From, 10)
	}
	out := []string{strconv.FormatInt(e.Item, 10), from, e.Vault, e.Grant, e.Statement, e.Attribution,
		strings.Join(e.Purposes, between), strings.Join(e.Prohibited, between), strings.Join(e.Media, between), e.Place,
		strconv.FormatBool(e.QuoteReview), strconv.FormatBool(e.Onward), e.First, e.Last, e.MediaType, e.Kind}
	out[2], out[4], out[14] = cell(out[2]), cell(out[4]), cell(out[14]) // a digest may begin with a minus
	for _, text := range []string{e.Speaker, e.Country, e.Region, e.Affiliation, e.Name, e.Captured, e.Device} {
		out = append(out, cell(text))
	}
	return append(out, e.Exported)
}

// CSV writes rows for spreadsheets.
func CSV(w io.Writer, rows []Row) error {
	all := [][]string{columns()}
	for _, r := range rows {
		all = append(all, entryOf(r).cells())
	}
	_, err := io.WriteString(w, mark)
	if err == nil {
		err = table(w, all)
	}
	if err != nil {
		return fmt.Errorf("write the metadata: %w", err)
	}
	return nil
}
