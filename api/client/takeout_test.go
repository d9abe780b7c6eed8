package client_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/api/client/clienttest"
)

// out takes everything of salma's out.
func out(s *scene, dir string) error {
	_, err := s.salma.TakeOut(context.Background(), dir, "ar", nil)
	return err
}

// files reads a folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is taken out is sealed, and nothing of what she told or how she called it
// stands in it.
func TestATakeoutIsSealed(t *testing.T) {
	s := newScene(t)
	if _, err := s.salma.AddOnArrival(t.Context(), s.tid, client.Bytes("said.txt", "", []byte("said aloud"))); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "all")
	if err := out(s, dir); err != nil {
		t.Fatal(err)
	}
	all := files(t, dir)
	for _, name := range []string{"README.txt", "SHA256SUMS", "takeout.json", "statements.jsonl", "001/card.age", "001/part-1.age", "001/part-3.age",
		"001/part-4.age", "001/statements.jsonl", "001/feed.json", "001/grants.json", "receipts.json"} {
		if len(all[name]) == 0 {
			t.Errorf("%s is missing", name)
		}
	}
	for name, b := range all {
		for _, plain := range []string{story, "عنوان", "said aloud", "soundsound", "AGE-SECRET"} {
			if bytes.Contains(b, []byte(plain)) {
				t.Errorf("%s says %q", name, plain)
			}
		}
	}
}

// A takeout that broke off goes on: what lies there whole is not fetched again.
func TestABrokenTakeoutGoesOn(t *testing.T) {
	s := newScene(t)
	dir := filepath.Join(t.TempDir(), "all")
	c, _ := over(t, s.World, s.keys, &line{before: stuck("/parts/3/content")})
	if _, err := c.TakeOut(t.Context(), dir, "en", nil); !errors.Is(err, client.ErrUnavailable) {
		t.Fatalf("over a broken line: %v", err)
	}
	const content = "GET /v1/testimonies/{t}/parts/{n}/content"
	before := s.Vault.Asked[content]
	made, err := fresh(s).TakeOut(t.Context(), dir, "en", nil)
	if err != nil || made.Parts != 3 || s.Vault.Asked[content] != before+1 {
		t.Errorf("%+v, %d parts fetched, %v", made, s.Vault.Asked[content]-before, err)
	}
	if _, err := fresh(s).TakeOut(t.Context(), dir, "en", nil); !errors.Is(err, client.ErrFolder) {
		t.Errorf("into a whole one: %v", err)
	}
}

// A vault cannot give anything else along than what she signed.
func TestATakeoutIsHeldAgainstHerWord(t *testing.T) {
	dirs := t.TempDir()
	takeOut := func(s *scene) error {
		dir := filepath.Join(dirs, string(s.tid)) // of a scene of its own each time
		_, err := fresh(s).TakeOut(context.Background(), dir, "en", nil)
		return err
	}
	refuses(t, []attack{
		{"another card", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/testimonies/{t}", func(a *api.Testimony) { a.Card = append(a.Card, 'x') })
		}, takeOut, client.ErrCardSwapped},
		{"another payload", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/testimonies/{t}/parts/{n}/content", func(b *[]byte) { *b = append((*b)[:len(*b)-1], 'x') })
		}, takeOut, client.ErrPayloadSwapped},
		{"a grant left out", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/testimonies/{t}/grants", func(g *api.Grants) { g.Grants = nil })
		}, takeOut, client.ErrWithheld},
		{"an event left out", func(_ *testing.T, s *scene) {
			clienttest.Lie(s.Vault, "GET /v1/testimonies/{t}/feed", func(f *api.Feed) { f.Events = f.Events[1:] })
		}, takeOut, client.ErrWithheld},
	})
}

// takenOut is a takeout of a scene, opened with its words.
func takenOut(t *testing.T, s *scene) (dir string, from *client.Takeout) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "all")
	if err := out(s, dir); err != nil {
		t.Fatal(err)
	}
	from, err := client.OpenTakeout(dir, s.keys)
	if err != nil {
		t.Fatal(err)
	}
	return dir, from
}

// From one vault into another: the content is the same, the seal is not, and doing
// it again, from any device, brings nothing in twice.
func TestATakeoutGoesIntoAnotherVault(t *testing.T) {
	a, b := newScene(t), clienttest.NewWorld(t)
	_, from := takenOut(t, a)
	there, keys := b.Participant(t)
	c, _ := over(t, b, keys, &line{before: stuck("/parts/3/add")})
	if done, err := c.Import(t.Context(), from, nil); !errors.Is(err, client.ErrUnavailable) || len(done) != 1 || len(done[0].Added) != 2 {
		t.Fatalf("over a line that breaks at part 3: %+v, %v", done, err)
	}
	done, err := there.Import(t.Context(), from, nil)
	if err != nil || len(done) != 1 || len(done[0].There) != 2 || len(done[0].Added) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	again, err := b.Client(t, keys).Import(t.Context(), from, nil)
	if err != nil || len(again[0].There) != 3 || len(again[0].Added) != 0 || again[0].To != done[0].To {
		t.Errorf("%+v, %v", again, err)
	}
	got := new(buffer)
	if err := there.OpenOwn(t.Context(), done[0].To, 1, got); err != nil || got.String() != story || got.info.Name != "story.txt" {
		t.Errorf("%q, %+v, %v", got.String(), got.info, err)
	}
	report, err := there.Verify(t.Context(), true)
	if err != nil || len(report.Findings) != 0 || report.Parts != 3 {
		t.Errorf("%+v, %v", report, err)
	}
	if done[0].To == a.tid {
		t.Error("both vaults know the testimony by one name")
	}
	stranger, _ := b.Participant(t)
	if others, err := stranger.Import(t.Context(), from, nil); err != nil || others[0].To == done[0].To {
		t.Errorf("two accounts know it by one name: %+v, %v", others, err)
	}
}

// stuck is a line that is down whenever something is asked of one path.
func stuck(suffix string) func(*http.Request) error {
	return func(r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, suffix) {
			return errLine
		}
		return nil
	}
}

// A folder counts for what she signed, not for what lies in it.
func TestAnAlteredTakeoutIsNotBroughtIn(t *testing.T) {
	a, b := newScene(t), clienttest.NewWorld(t)
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  error
	}{
		"a part swapped": {func(dir string) error { return copyFile(dir, "001/part-2.age", "001/part-1.age") }, client.ErrPartSwapped},
		"a card swapped": {func(dir string) error { return copyFile(dir, "001/part-1.age", "001/card.age") }, client.ErrCardSwapped},
		"a part cut":     {func(dir string) error { return os.Truncate(filepath.Join(dir, "001/part-1.age"), 4000) }, client.ErrPayloadSwapped},
		"a part missing": {func(dir string) error { return os.Remove(filepath.Join(dir, "001/part-1.age")) }, fs.ErrNotExist},
	} {
		dir, from := takenOut(t, a)
		if err := c.spoil(dir); err != nil {
			t.Fatal(err)
		}
		there, _ := b.Participant(t)
		if _, err := there.Import(t.Context(), from, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	dir, _ := takenOut(t, a)
	if _, err := client.OpenTakeout(dir, a.Keys(t)); !errors.Is(err, client.ErrTakeout) {
		t.Errorf("with other words: %v", err)
	}
	text := readFile(t, dir, "statements.jsonl")
	lines := bytes.SplitAfter(text, []byte("\n"))
	for name, altered := range map[string][]byte{"cut": bytes.Join(lines[:len(lines)-2], nil), "without the second": bytes.Join(append(lines[:1:1], lines[2:]...), nil), "empty": nil} {
		if err := os.WriteFile(filepath.Join(dir, "statements.jsonl"), altered, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := client.OpenTakeout(dir, a.keys); !errors.Is(err, client.ErrTakeout) {
			t.Errorf("statements %s: %v", name, err)
		}
	}
}

func copyFile(dir, from, to string) error {
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(from)))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, filepath.FromSlash(to)), b, 0o600)
}
