package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// people are she and another, in their own scripts.
func people() []api.Person {
	return []api.Person{
		{Role: envelope.Speaker, Name: "سلمى الحدّاد", FirstName: "سلمى", Initial: "ح", Pseudonym: "Nour Éclat", Country: "Iraq", Region: "Nineveh", Place: "Mosul, Bab al-Tob", Affiliation: "Women of the River"},
		{Role: envelope.Participant, Name: "Олеся Коваль", FirstName: "Олеся", Initial: "К", Pseudonym: "Зірка", Country: "Ukraine", Region: "Kherson", Place: "Antonivka", Affiliation: "School 7"},
	}
}

func exported(t *testing.T, attribution statement.Attribution, place statement.Place, text string) (dir string, tid api.ID, salma, reader *client.Client, err error) {
	t.Helper()
	w := clienttest.NewWorld(t)
	salma, _ = w.Participant(t)
	reader = w.Researcher(t, "Dr. Leyla")
	c := client.Bytes("interview-salma.txt", "", []byte(text))
	c.Info.People = people()
	c.Info.Captured = &api.Captured{Time: 1795427654, Device: "Acme Phone 7", Place: "36.34,43.13"}
	tid, err = salma.Create(t.Context(), client.Testimony{})
	if err != nil {
		t.Fatal(err)
	}
	if err := salma.KeepAsEvidence(t.Context(), tid, "en", func(client.Warning) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := salma.AddPart(t.Context(), tid, c); err != nil {
		t.Fatal(err)
	}
	o := offer(tid, reader, 1)
	o.Terms.Attribution, o.Terms.Place = attribution, place
	dir = filepath.Join(t.TempDir(), "export")
	_, err = reader.Export(t.Context(), granted(t, salma, o), 1, dir, nil)
	return dir, tid, salma, reader, err
}

// What an export tells of people is what the table of docs/consent.md allows, and
// nothing else.
func TestAnExportTellsWhatItsAttributionAllows(t *testing.T) {
	person := func(set func(*api.Person)) []api.Person {
		p := api.Person{Role: envelope.Speaker}
		set(&p)
		return []api.Person{p}
	}
	she := people()[0]
	for name, c := range map[string]struct {
		attribution statement.Attribution
		place       statement.Place
		people      []api.Person
		file        string
		signed      bool
	}{
		"background, nowhere":     {statement.Background, statement.PlaceNone, nil, "", false},
		"background, a country":   {statement.Background, statement.PlaceCountry, person(func(p *api.Person) { p.Country = she.Country }), "", false},
		"Chatham House, a region": {statement.ChathamHouse, statement.PlaceRegion, nil, "", false},
		"pseudonym, nowhere":      {statement.Pseudonym, statement.PlaceNone, person(func(p *api.Person) { p.Pseudonym = she.Pseudonym }), "", false},
		"pseudonym, a region": {statement.Pseudonym, statement.PlaceRegion, person(func(p *api.Person) {
			p.Pseudonym, p.Country, p.Region, p.Affiliation = she.Pseudonym, she.Country, she.Region, she.Affiliation
		}), "", false},
		"first name, a country": {statement.FirstNameInitial, statement.PlaceCountry, person(func(p *api.Person) {
			p.FirstName, p.Initial, p.Country, p.Affiliation = she.FirstName, she.Initial, she.Country, she.Affiliation
		}), "", false},
		"named, nowhere": {statement.Named, statement.PlaceNone, person(func(p *api.Person) { p.Name, p.Affiliation = she.Name, she.Affiliation }), "interview-salma.txt", true},
		"named, a region": {statement.Named, statement.PlaceRegion, person(func(p *api.Person) {
			p.Name, p.Affiliation, p.Country, p.Region = she.Name, she.Affiliation, she.Country, she.Region
		}), "interview-salma.txt", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _, salma, _, err := exported(t, c.attribution, c.place, "I was carrying bread.")
			if err != nil {
				t.Fatal(err)
			}
			var info client.PartInfo
			if err := json.Unmarshal(readFile(t, dir, client.InfoFile), &info); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(info.People, c.people) || info.Name != c.file || info.Captured != nil && (c.attribution != statement.Named || info.Captured.Place != "") {
				t.Errorf("%+v", info)
			}
			terms := readFile(t, dir, client.TermsFile)
			if k, err := client.ReadTerms(bytes.NewReader(terms)); c.signed != (err == nil) || c.signed && k.From != salma.Account() {
				t.Errorf("signed: %v, %v", k, err)
			}
		})
	}
}

// Not a byte of a Chatham House export leads to anybody: no name in any spelling,
// no key, no testimony, no device, hers or another's.
func TestAChathamHouseExportNamesNobody(t *testing.T) {
	for _, a := range []statement.Attribution{statement.ChathamHouse, statement.Background} {
		dir, tid, salma, reader, err := exported(t, a, statement.PlaceNone, "I was carrying bread when they took the men at the bridge. قالت إنها سمعت أخيرًا")
		if err != nil {
			t.Fatal(err)
		}
		secret := []string{string(tid), string(salma.Account()), string(reader.Account()), "interview-salma", "Acme", "1795427654", "36.34"}
		for _, p := range people() {
			secret = append(secret, p.Name, p.FirstName, p.Pseudonym, p.Country, p.Region, p.Place, p.Affiliation)
		}
		var all []byte
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 4 {
			t.Fatalf("%v, %v", files, err)
		}
		for _, f := range files {
			all = append(append(all, f.Name()...), readFile(t, dir, f.Name())...)
		}
		for _, text := range secret {
			for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
				if bytes.Contains(bytes.ToLower(all), bytes.ToLower(form.Bytes([]byte(text)))) {
					t.Errorf("%s: %q is in it", a, text)
				}
			}
		}
	}
}

// A text that names somebody whom the terms leave out is not exported at all, in
// whatever spelling the name stands; other texts are.
func TestATextThatNamesSomebodyStays(t *testing.T) {
	for name, c := range map[string]struct {
		attribution statement.Attribution
		text        string
		stays       bool
	}{
		"her name":                     {statement.ChathamHouse, "اسمي سلمى الحدّاد", true},
		"without vowel signs":          {statement.ChathamHouse, "وسلمى الحداد كانت هناك", true},
		"decomposed":                   {statement.Pseudonym, norm.NFD.String("أنا سلمى"), true},
		"her pseudonym, in capitals":   {statement.Named, "They called me NOUR ÉCLAT.", true},
		"her pseudonym, allowed":       {statement.Pseudonym, "They called me Nour Éclat.", false},
		"another's name":               {statement.Named, "Олесю бачили на мосту, Олеся жива", true},
		"her name, allowed":            {statement.Named, "اسمي سلمى الحدّاد", false},
		"her first name, allowed":      {statement.FirstNameInitial, "اسمي سلمى", false},
		"her full name, not allowed":   {statement.FirstNameInitial, "اسمي سلمى الحداد", true},
		"nobody":                       {statement.ChathamHouse, "They took the men at the bridge.", false},
		"a text that cannot be read":   {statement.ChathamHouse, "\xd3\xe1\xe3\xec", true},
		"with a joiner in the middle":  {statement.ChathamHouse, "سل\u200dمى", true},
		"with a long dash in the name": {statement.ChathamHouse, "سلـــمى", true},
	} {
		dir, _, _, _, err := exported(t, c.attribution, statement.PlaceNone, c.text)
		if c.stays != errors.Is(err, client.ErrRefused) && c.stays != errors.Is(err, client.ErrNamesLeft) || !c.stays && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); c.stays == (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || c.stays && len(left) != 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
}

// What she lets somebody only hear or look at is not opened for an export.
func TestTermsThatKeepAPartAreKept(t *testing.T) {
	for _, a := range []statement.Attribution{statement.ListenOnly, statement.OffTheRecord} {
		dir, tid, salma, _, err := exported(t, a, statement.PlaceNone, "words")
		if !errors.Is(err, client.ErrNoExport) {
			t.Errorf("%s: %v", a, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", a, err)
		}
		if list, err := salma.Grants(t.Context(), tid); err != nil || len(list) != 1 || len(list[0].Openings) != 0 {
			t.Errorf("%s: it was opened: %+v, %v", a, list, err)
		}
	}
}

// The terms of an export that names nobody are proved by those of the opening, and
// by no others.
func TestAnExportIsProvedByTheOpening(t *testing.T) {
	w := clienttest.NewWorld(t)
	salma, _ := w.Participant(t)
	reader := w.Researcher(t, "Dr. Leyla")
	tid := told(t, salma)
	o := offer(tid, reader, 1, 2)
	o.Terms.Attribution = statement.ChathamHouse
	g := granted(t, salma, o)
	base := t.TempDir()
	save := func(name string, n int64) *client.Kept {
		dir := filepath.Join(base, name)
		if _, err := reader.SaveGranted(t.Context(), g, n, dir, nil); err != nil {
			t.Fatal(err)
		}
		k, err := client.ReadTerms(bytes.NewReader(readFile(t, dir, client.TermsFile)))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if _, err := reader.Export(t.Context(), g, 1, filepath.Join(base, "export"), nil); err != nil {
		t.Fatal(err)
	}
	e, err := client.ReadExported(bytes.NewReader(readFile(t, base, "export", client.TermsFile)))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Match(save("one", 1)); err != nil {
		t.Error(err)
	}
	if err := e.Match(save("two", 2)); !errors.Is(err, client.ErrTerms) {
		t.Errorf("another part: %v", err)
	}
	if _, err := salma.Narrow(t.Context(), tid, g, func(t api.Terms) (api.Terms, error) { t.QuoteReview = true; return t, nil }); err != nil {
		t.Fatal(err)
	}
	if err := e.Match(save("narrowed", 1)); !errors.Is(err, client.ErrTerms) {
		t.Errorf("after she narrowed the terms: %v", err)
	}
	if _, err := client.ReadExported(bytes.NewReader(readFile(t, base, "one", client.TermsFile))); !errors.Is(err, client.ErrTerms) {
		t.Errorf("the terms of an opening: %v", err)
	}
}

func FuzzExportedTerms(f *testing.F) {
	f.Add([]byte(`{"vault":"","grant":"","part":1,"terms":{},"statement_sha256":""}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := client.ReadExported(bytes.NewReader(text)); (e == nil) == (err == nil) {
			t.Errorf("%v, %v", e, err)
		}
	})
}
