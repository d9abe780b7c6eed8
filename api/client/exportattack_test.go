package client_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
	"github.com/relatingfield/vault/internal/envelope"
	"github.com/relatingfield/vault/internal/statement"
)

// released is a reader to whom seven women let one part each, by every attribution
// there is. Whatever a part holds begins with a word that nothing else has.
type released struct {
	*clienttest.World
	reader *client.Client
	grants map[statement.Attribution]api.ID
	owners map[statement.Attribution]*client.Client
	tids   map[statement.Attribution]api.ID
	watch  client.PartWatch
}

// canary is the word that stands in everything of one part.
func canary(a statement.Attribution) string { return "canary" + strings.ReplaceAll(string(a), "-", "") }

func letting(t *testing.T, media string, content func(statement.Attribution) []byte, change func(*api.Terms)) *released {
	t.Helper()
	w := clienttest.NewWorld(t)
	r := &released{w, w.Researcher(t, "Dr. Leyla"), map[statement.Attribution]api.ID{}, map[statement.Attribution]*client.Client{}, map[statement.Attribution]api.ID{}, nil}
	for _, a := range statement.Attributions() {
		she, _ := w.Participant(t)
		word := canary(a)
		c := client.Bytes(word+"-file.txt", media, content(a))
		c.Label = word + " label"
		c.Info.People = []api.Person{
			{Role: envelope.Speaker, Name: word + " Full", FirstName: word + "First", Initial: "Q", Pseudonym: word + "Pseudonym", Country: word + "Country", Region: word + "Region", Place: word + "Town", Affiliation: word + "Group"},
			{Role: envelope.Participant, Name: word + "Other Name", FirstName: word + "Other"},
		}
		tid, err := she.Create(t.Context(), client.Testimony{Title: word + " title", Language: "ar", Parts: []client.Content{c}})
		if err != nil {
			t.Fatal(err)
		}
		o := offer(tid, r.reader, 1)
		o.Terms.Attribution, o.Terms.Place, o.Terms.Media = a, statement.PlaceCountry, statement.Media()
		if change != nil {
			change(&o.Terms)
		}
		r.grants[a], r.owners[a], r.tids[a] = granted(t, she, o), she, tid
	}
	return r
}

func saying(a statement.Attribution) []byte { return []byte("I was carrying bread. " + string(a)) }

// everything is each byte of a file or folder, with the names of files, and with what
// a zip holds taken out of it.
func everything(t *testing.T, path string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		all = append(all, strings.TrimPrefix(p, filepath.Dir(path))+"\n"...)
		if d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(p)
		all = append(all, b...)
		if z, zipErr := zip.NewReader(bytes.NewReader(b), int64(len(b))); zipErr == nil {
			for _, f := range z.File {
				all = append(all, f.Name+f.Comment+string(f.Extra)+"\n"...)
				in, err := f.Open()
				if err != nil {
					return err
				}
				inside, err := io.ReadAll(in)
				if err != nil {
					return err
				}
				all = append(all, inside...)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func holds(all []byte, text string) bool {
	for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
		if bytes.Contains(bytes.ToLower(all), bytes.ToLower(form.Bytes([]byte(text)))) {
			return true
		}
	}
	return false
}

const sealedBundle, openedBundle = "sealed bundle", "opened bundle"

// orAll is what was chosen, or everything that may be put into a bundle, which has to
// be named.
func (r *released) orAll(chosen []client.Choice, more ...statement.Attribution) []client.Choice {
	if len(chosen) > 0 {
		return chosen
	}
	for _, a := range append(more, statement.ChathamHouse, statement.Pseudonym, statement.FirstNameInitial, statement.Named) {
		chosen = append(chosen, client.Choice{Grant: r.grants[a]})
	}
	return chosen
}

// forms are the ways in which something leaves.
func forms() map[string]func(*testing.T, *released, []client.Choice, string) error {
	return map[string]func(*testing.T, *released, []client.Choice, string) error{
		"csv": func(t *testing.T, r *released, c []client.Choice, to string) error {
			_, err := r.reader.ExportSheet(t.Context(), c, to, client.SheetCSV, r.watch)
			return err
		},
		"json": func(t *testing.T, r *released, c []client.Choice, to string) error {
			_, err := r.reader.ExportSheet(t.Context(), c, to, client.SheetJSON, r.watch)
			return err
		},
		"uwazi": func(t *testing.T, r *released, c []client.Choice, to string) error {
			_, err := r.reader.ExportUwazi(t.Context(), c, to, []string{"en", "ar"}, r.watch)
			return err
		},
		sealedBundle: func(t *testing.T, r *released, c []client.Choice, to string) error {
			_, err := r.reader.ExportBundle(t.Context(), r.orAll(c, statement.Background), to, true, r.watch)
			return err
		},
		openedBundle: func(t *testing.T, r *released, c []client.Choice, to string) error {
			_, err := r.reader.ExportBundle(t.Context(), r.orAll(c), to, false, r.watch)
			return err
		},
	}
}

// refusedBy says whether a form takes nothing of an attribution.
func refusedBy(form string, a statement.Attribution) bool {
	return form == openedBundle && a == statement.Background
}

func kept(a statement.Attribution) bool {
	return a == statement.ListenOnly || a == statement.OffTheRecord
}

// An export of everything says nothing of what is for listening only or off the
// record: not that it is there, not how much there is, under no name or number.
func TestAnExportOfEverythingHasNoTraceOfWhatIsOffTheRecord(t *testing.T) {
	r := letting(t, "text/plain", saying, nil)
	for name, export := range forms() {
		to := filepath.Join(t.TempDir(), "out")
		if err := export(t, r, nil, to); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all := everything(t, to)
		for _, a := range statement.Attributions() {
			for _, text := range []string{canary(a), string(r.grants[a]), string(r.tids[a]), string(r.owners[a].Account()), string(a)} {
				found := holds(all, text)
				if kept(a) && found {
					t.Errorf("%s: %q of %s is in it", name, text, a)
				}
			}
			if refusedBy(name, a) {
				continue
			}
			if !kept(a) && !holds(all, string(a)) {
				t.Errorf("%s: the grant by %s is not in it", name, a)
			}
			list, err := r.owners[a].Grants(t.Context(), r.tids[a])
			if err != nil || kept(a) != (len(list[0].Openings) == 0) || !kept(a) && !list[0].Openings[len(list[0].Openings)-1].Export {
				t.Errorf("%s: openings of %s: %+v, %v", name, a, list, err)
			}
		}
		for _, count := range []string{"\"items\": 7", " 7 ", " of 7"} {
			if holds(all, count) {
				t.Errorf("%s: it counts what is not there: %q", name, count)
			}
		}
	}
}

// What an attribution leaves out is in no form of export, and what it lets be told is.
func TestEveryFormTellsWhatItsAttributionAllows(t *testing.T) {
	r := letting(t, "text/plain", saying, nil)
	told := map[statement.Attribution][]string{
		statement.Background:       {"Country"},
		statement.ChathamHouse:     {},
		statement.Pseudonym:        {"Pseudonym", "Country", "Group"},
		statement.FirstNameInitial: {"First Q.", "Country", "Group"},
		statement.Named:            {" Full", "Country", "Group"},
	}
	never := []string{"Region", "Town", "Other", " label", " title"}
	for name, export := range forms() {
		for a, allowed := range told {
			if refusedBy(name, a) {
				continue
			}
			if name == sealedBundle {
				allowed = nil
				if holdsContent(t, r, a, export) {
					t.Errorf("%s: %s: it can be read", name, a)
				}
			}
			to := filepath.Join(t.TempDir(), "out")
			if err := export(t, r, []client.Choice{{Grant: r.grants[a]}}, to); err != nil {
				t.Fatalf("%s: %s: %v", name, a, err)
			}
			all := everything(t, to)
			for _, what := range allowed {
				if !holds(all, canary(a)+what) {
					t.Errorf("%s: %s does not tell %q", name, a, what)
				}
			}
			for _, what := range slices.Concat(never, []string{" Full", "Pseudonym", "Group", "Country", "-file.txt"}) {
				mayTell := slices.Contains(allowed, what) || what == "-file.txt" && a == statement.Named && name != sealedBundle
				if !mayTell && holds(all, canary(a)+what) {
					t.Errorf("%s: %s tells %q", name, a, what)
				}
			}
			hers := []string{string(r.tids[a]), string(r.owners[a].Account())}
			for _, text := range hers {
				if a != statement.Named && holds(all, text) {
					t.Errorf("%s: %s leads to her: %q", name, a, text)
				}
			}
		}
	}
}

// holdsContent says whether the content of a part can be read in an export.
func holdsContent(t *testing.T, r *released, a statement.Attribution, export func(*testing.T, *released, []client.Choice, string) error) bool {
	t.Helper()
	to := filepath.Join(t.TempDir(), "out")
	if err := export(t, r, []client.Choice{{Grant: r.grants[a]}}, to); err != nil {
		t.Fatal(err)
	}
	return holds(everything(t, to), "carrying bread")
}

// Asked for by name, what may not leave is refused before anything is opened, and
// nothing lies anywhere. One such grant among others ends all of it.
func TestAForbiddenGrantEndsTheWholeExport(t *testing.T) {
	r := letting(t, "text/plain", saying, nil)
	for name, export := range forms() {
		for _, a := range []statement.Attribution{statement.ListenOnly, statement.OffTheRecord} {
			dir := t.TempDir()
			err := export(t, r, []client.Choice{{Grant: r.grants[statement.Named]}, {Grant: r.grants[a]}}, filepath.Join(dir, "out"))
			if !errors.Is(err, client.ErrNoExport) {
				t.Errorf("%s: %s: %v", name, a, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("%s: %s: %v is left, %v", name, a, left, err)
			}
			for _, of := range []statement.Attribution{a, statement.Named} {
				if list, err := r.owners[of].Grants(t.Context(), r.tids[of]); err != nil || len(list[0].Openings) != 0 {
					t.Errorf("%s: %s was opened: %v", name, of, err)
				}
			}
		}
	}
}

// endings are ways in which a grant stops allowing exports.
func endings() map[string]func(*testing.T, *released, statement.Attribution) {
	return map[string]func(*testing.T, *released, statement.Attribution){
		"revoked": func(t *testing.T, r *released, a statement.Attribution) {
			if _, err := r.owners[a].Revoke(t.Context(), r.tids[a], r.grants[a]); err != nil {
				t.Fatal(err)
			}
		},
		"narrowed": func(t *testing.T, r *released, a statement.Attribution) {
			_, err := r.owners[a].Narrow(t.Context(), r.tids[a], r.grants[a], func(t api.Terms) (api.Terms, error) { t.Attribution = statement.OffTheRecord; return t, nil })
			if err != nil {
				t.Fatal(err)
			}
		},
		"over": func(_ *testing.T, r *released, _ statement.Attribution) { r.Pass(2 * 365 * 24 * 60 * 60 * 1e9) },
	}
}

// What was taken back, has ended or is narrowed to listening leaves in no form.
func TestWhatHasEndedIsNotExported(t *testing.T) {
	for name, end := range endings() {
		r := letting(t, "text/plain", saying, nil)
		end(t, r, statement.Named)
		for form, export := range forms() {
			dir := t.TempDir()
			err := export(t, r, []client.Choice{{Grant: r.grants[statement.Named]}}, filepath.Join(dir, "out"))
			if !errors.Is(err, client.ErrNotFound) && !errors.Is(err, client.ErrNoExport) {
				t.Errorf("%s, %s: %v", name, form, err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("%s, %s: %v is left, %v", name, form, left, err)
			}
		}
	}
}

// A grant that ends while others are being fetched ends the export: nothing of it
// stays, sealed or open.
func TestAGrantThatEndsMeanwhileIsNotExported(t *testing.T) {
	for how, end := range endings() {
		for form, export := range forms() {
			r := letting(t, "text/plain", saying, nil)
			ended := false
			r.watch = func(grant api.ID, _ int64) client.Watch {
				return func(int64, int64) {
					if grant == r.grants[statement.Pseudonym] && !ended {
						ended = true
						end(t, r, statement.Named)
					}
				}
			}
			dir := t.TempDir()
			err := export(t, r, []client.Choice{{Grant: r.grants[statement.Named]}, {Grant: r.grants[statement.Pseudonym]}}, filepath.Join(dir, "out"))
			if err == nil || !ended {
				t.Errorf("%s, %s: it was exported", how, form)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("%s, %s: %v is left, %v", how, form, left, err)
			}
		}
	}
}
