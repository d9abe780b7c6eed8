package sheet_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/npmtest"
	"github.com/relatingfield/vault/internal/sheet"
	"github.com/relatingfield/vault/internal/statement"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Unix()

// row is an exported part of which everything is told.
func row(change func(*sheet.Row)) sheet.Row {
	r := sheet.Row{Item: 1, Vault: "-hash", Grant: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Statement: "-statement", Exported: day + 3661,
		Terms: statement.Terms{Purposes: []statement.Purpose{"PolicyAdvice", "Research"}, Prohibited: []statement.Prohibited{"linkage"}, Attribution: statement.Named,
			Media: []statement.Medium{"image", "text"}, Place: statement.PlaceRegion, Access: statement.Download, From: day, Until: day + 365*statement.Day},
		Info: envelope.PartInfo{MediaType: "text/plain; charset=utf-8", Name: "شهادتي.txt", Kind: envelope.Original,
			People:   []envelope.Person{{Role: envelope.Speaker, Name: "سلمى الحدّاد", Country: "Iraq", Region: "Nineveh", Affiliation: "Women of the River"}},
			Captured: &envelope.Captured{Time: day + 40000, Device: "a phone"}}}
	if change != nil {
		change(&r)
	}
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func csvOf(t testing.TB, r ...sheet.Row) (raw string, cells map[string]string) {
	t.Helper()
	var b strings.Builder
	must(t, sheet.CSV(&b, r))
	text, marked := strings.CutPrefix(b.String(), "\xef\xbb\xbf")
	if !marked {
		t.Error("a spreadsheet would not know that it is UTF-8")
	}
	read := csv.NewReader(strings.NewReader(text))
	all, err := read.ReadAll()
	must(t, err)
	cells = map[string]string{}
	for i, name := range all[0] {
		cells[name] = all[1][i]
	}
	return b.String(), cells
}

// A row says everything that may be told, in days.
func TestARowSaysWhatMayBeToldInDays(t *testing.T) {
	raw, cells := csvOf(t, row(nil))
	want := map[string]string{"item": "1", "made_from_item": "", "grant": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "attribution": "named", "purposes": "PolicyAdvice|Research",
		"from": "2026-11-23", "until": "2027-11-22", "speaker": "سلمى الحدّاد", "region": "Nineveh", "captured": "2026-11-23", "exported": "2026-11-23",
		"file_name": "شهادتي.txt", "vault": "'-hash", "statement_sha256": "'-statement", "onward": "false"}
	for name, text := range want {
		if cells[name] != text {
			t.Errorf("%s is %q", name, cells[name])
		}
	}
	if !strings.HasSuffix(raw, "\r\n") || strings.Contains(raw, ":06:40") {
		t.Errorf("%q", raw)
	}
	var b bytes.Buffer
	must(t, sheet.JSON(&b, []sheet.Row{row(nil)}))
	var got struct {
		Format string           `json:"format"`
		Items  []map[string]any `json:"items"`
	}
	must(t, json.Unmarshal(b.Bytes(), &got))
	if got.Format != sheet.Format || len(got.Items) != 1 || got.Items[0]["speaker"] != "سلمى الحدّاد" || got.Items[0]["captured"] != "2026-11-23" {
		t.Errorf("%s", b.Bytes())
	}
}

// hostile are names that try to be formulas, rows, columns or another's text.
func hostile() []string {
	return []string{`=cmd|' /C calc'!A0`, "+1", "-1", "@SUM(1)", "\t=1", "\r\n=1,2", "\u200f=1", "  =1", "＝1", "\u202e=1", "%1", "|x",
		`x";=1+1;"`, "x;\u00a0=HYPERLINK(1)", `x",=1`, "a\nb", "x;;\u200b@1", "\x00=1", "a,=1", "\xff=1"}
}

// computes says whether a spreadsheet of some separator would compute a cell of the
// line.
func computes(raw string) string {
	for _, separator := range []rune{',', ';', '\t', '|'} {
		read := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\xef\xbb\xbf")))
		read.Comma, read.LazyQuotes, read.FieldsPerRecord = separator, true, -1
		all, err := read.ReadAll()
		if err != nil {
			return "it is not to be read: " + err.Error()
		}
		for _, cells := range all {
			for _, c := range cells {
				c = strings.TrimLeft(c, " \t\r\n\u00a0\u200f\u200b\x00\"")
				if c != "" && strings.ContainsAny(c[:1], "=+-@%") || strings.HasPrefix(c, "＝") {
					return c
				}
			}
		}
	}
	return ""
}

// No name that somebody gave is a formula, whatever the spreadsheet takes for a
// separator, and none ends its row.
func TestNoCellIsAFormula(t *testing.T) {
	for _, name := range hostile() {
		raw, cells := csvOf(t, row(func(r *sheet.Row) {
			r.Info.People[0].Name, r.Info.People[0].Affiliation, r.Info.Name, r.Info.Captured.Device = name, name, name, name
		}))
		if c := computes(raw); c != "" {
			t.Errorf("%q: %q", name, c)
		}
		if strings.Count(raw, "\r\n") != 2 || cells["exported"] != "2026-11-23" || strings.ContainsAny(cells["speaker"], "\u202e\n\r\x00") {
			t.Errorf("%q: %q", name, raw)
		}
	}
}

func FuzzNoCellIsAFormula(f *testing.F) {
	for _, name := range hostile() {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		raw, cells := csvOf(t, row(func(r *sheet.Row) { r.Info.People[0].Name = name }))
		if c := computes(raw); c != "" || cells["exported"] != "2026-11-23" {
			t.Errorf("%q: %q in %q", name, c, raw)
		}
	})
}

// zipped is what Uwazi's own reader of CSV makes of import.csv, and the files.
func zipped(t *testing.T, languages []string, fill func(*sheet.Uwazi)) (rows []map[string]string, files map[string][]byte) {
	t.Helper()
	var b bytes.Buffer
	u, err := sheet.NewUwazi(&b, languages, "https://vault.example", day)
	must(t, err)
	fill(u)
	must(t, u.Close())
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	must(t, err)
	files = map[string][]byte{}
	for _, f := range z.File {
		in, err := f.Open()
		must(t, err)
		files[f.Name], err = io.ReadAll(in)
		must(t, err)
	}
	must(t, json.Unmarshal(npmtest.Run(t, "npm", "rows.mjs", files[sheet.ImportFile]), &rows))
	return rows, files
}

func put(t *testing.T, u *sheet.Uwazi, name, text string) {
	t.Helper()
	must(t, u.File(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }))
}

// Uwazi's reader finds the values, languages, dates, links and files where it looks
// for them.
func TestUwaziReadsTheZip(t *testing.T) {
	rows, files := zipped(t, []string{"en", "ar", "ckb"}, func(u *sheet.Uwazi) {
		put(t, u, "item-1.txt", "words")
		put(t, u, "item-2.pdf", "%PDF")
		must(t, u.Row(row(nil), "", []string{"item-1.txt"}))
		must(t, u.Row(row(func(r *sheet.Row) { r.Item = 2 }), "item-2.pdf", nil))
	})
	if len(rows) != 2 || string(files["item-1.txt"]) != "words" || rows[1]["file"] != "item-2.pdf" {
		t.Fatalf("%d rows, %v", len(rows), files)
	}
	for name, text := range map[string]string{"title__ar": "شهادة aaaaaaaa / 1", "title__en": "Testimony aaaaaaaa / 1", "attribution__en": "named",
		"purposes__en": "PublicPolicyMaking::PolicyAdvice|AcademicResearch::Research", "purposes__ckb": "PublicPolicyMaking::PolicyAdvice|AcademicResearch::Research",
		"media__ar": "image|text", "country__en": "Iraq", "region__en": "Iraq::Nineveh", "speaker": "سلمى الحدّاد", "captured": "2026-11-23",
		"until": "2027-11-22", "source": "grant aaaaaaaa|https://vault.example/", "attachments": "item-1.txt", "file": ""} {
		if rows[0][name] != text {
			t.Errorf("%s is %q", name, rows[0][name])
		}
	}
	if !strings.Contains(rows[0]["terms__ar"], "\n") || !strings.Contains(rows[0]["terms__en"], "with the full name") {
		t.Errorf("terms: %q, %q", rows[0]["terms__ar"], rows[0]["terms__en"])
	}
	for name := range rows[0] {
		base, _, _ := strings.Cut(name, "__")
		if _, both := rows[0][base]; both && base != name {
			t.Errorf("%s stands with and without a language", base)
		}
	}
}

// A name cannot become a second value, a group, a link or another column of Uwazi's.
func TestANameIsOneValueOfUwazis(t *testing.T) {
	for _, name := range append(hostile(), "a|b", "a::b", "a:::b", "|", "::", "x|=1", "Iraq::") {
		rows, _ := zipped(t, []string{"en"}, func(u *sheet.Uwazi) {
			must(t, u.Row(row(func(r *sheet.Row) {
				r.Info.People[0].Name, r.Info.People[0].Country, r.Info.People[0].Region = name, name, name
			}), "", nil))
		})
		if len(rows) != 1 {
			t.Fatalf("%q: %d rows", name, len(rows))
		}
		for _, column := range []string{"speaker", "country__en"} {
			if v := rows[0][column]; strings.ContainsAny(v, "|\n") || strings.Contains(v, "::") {
				t.Errorf("%s of %q is %q", column, name, v)
			}
		}
		if r := rows[0]["region__en"]; strings.Count(r, "::") > 1 || strings.Contains(r, "|") || rows[0]["exported"] != "2026-11-23" {
			t.Errorf("%q: %q", name, r)
		}
	}
}

// No name in the zip leads anywhere, and a row names only what is there.
func TestNoNameInAZipIsAPath(t *testing.T) {
	zipped(t, []string{"en"}, func(u *sheet.Uwazi) {
		for _, name := range []string{"", "..", "../x", "a/b", `a\b`, ".hidden", "a|b", sheet.ImportFile} {
			if err := u.File(name, func(io.Writer) error { return nil }); err == nil {
				t.Errorf("%q was taken", name)
			}
		}
		put(t, u, "once.txt", "")
		if err := u.File("once.txt", func(io.Writer) error { return nil }); err == nil {
			t.Error("two files of one name")
		}
		if err := u.Row(row(nil), "", []string{"nowhere.txt"}); err == nil {
			t.Error("a row names what is not there")
		}
	})
}

// A collection's languages are those that terms have words in, each once.
func TestLanguagesAreChosenOnce(t *testing.T) {
	for _, list := range [][]string{nil, {"en", "en"}, {"tlh"}, {""}} {
		if _, err := sheet.NewUwazi(io.Discard, list, "", day); err == nil {
			t.Errorf("%v was taken", list)
		}
	}
}
