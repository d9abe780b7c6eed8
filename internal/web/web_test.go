package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/relatingfield/vault/internal/web"
)

// site is a small built site.
func site(t *testing.T, served map[string]string) fstest.MapFS {
	t.Helper()
	m := web.Manifest{Files: map[string]web.Entry{}}
	root := fstest.MapFS{}
	for path, body := range served {
		sum := sha256.Sum256([]byte(body))
		e := web.Entry{Type: "text/html; charset=utf-8", SHA256: hex.EncodeToString(sum[:]), Size: len(body)}
		if path == "/en/help" {
			short := sha256.Sum256([]byte("shorter"))
			e.Brotli = hex.EncodeToString(short[:])
			root[web.CompressedAs(path)] = &fstest.MapFile{Data: []byte("shorter")}
		}
		m.Files[path] = e
		root[web.StoredAs(path)] = &fstest.MapFile{Data: []byte(body)}
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	root["manifest.json"] = &fstest.MapFile{Data: text}
	return root
}

// What is served is what the manifest says: a file that is missing, was changed or
// grew is refused with the whole site.
func TestADamagedSiteIsRefused(t *testing.T) {
	whole := map[string]string{"/": "root", "/en/": "start", "/en/help": "help"}
	s, err := web.Load(site(t, whole))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"/", "/en/", "/en/help", "/manifest.json"}; !slices.Equal(s.Paths(), want) || !s.Built() || len(s.Hash()) != 64 {
		t.Errorf("paths %v, built %v, hash %q", s.Paths(), s.Built(), s.Hash())
	}
	if f, _ := s.Get("/en/help"); string(f.Brotli) != "shorter" {
		t.Errorf("compressed: %q", f.Brotli)
	}
	for name, harm := range map[string]func(fstest.MapFS){
		"missing":              func(f fstest.MapFS) { delete(f, "en/help") },
		"changed":              func(f fstest.MapFS) { f["en/help"].Data = []byte("hulp") },
		"grown":                func(f fstest.MapFS) { f["en/index.html"].Data = []byte("start.") },
		"manifest":             func(f fstest.MapFS) { f["manifest.json"].Data = []byte("{") },
		"compressed otherwise": func(f fstest.MapFS) { f["en/help.br"].Data = []byte("shortor") },
		"not compressed":       func(f fstest.MapFS) { delete(f, "en/help.br") },
	} {
		root := site(t, whole)
		harm(root)
		if _, err := web.Load(root); !errors.Is(err, web.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := web.Load(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a manifest: %v", err)
	}
}

// The short hash is that of a file as sha256sum writes it, with zeros where it stands
// itself, and changes with every byte that is served.
func TestTheShortHashNamesTheSite(t *testing.T) {
	page := func(hash string) string { return `<!doctype html><bdi class="hash">` + hash + `</bdi>` }
	line := func(body, path string) string { return fmt.Sprintf("%x  %s\n", sha256.Sum256([]byte(body)), path) }
	sum := sha256.Sum256([]byte(line(page("00000000"), "/") + line("a", "/a/x.js")))
	got := web.Short(map[string][]byte{"/": []byte(page("12345678")), "/a/x.js": []byte("a")})
	if want := hex.EncodeToString(sum[:])[:8]; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if other := web.Short(map[string][]byte{"/": []byte(page("12345678")), "/a/x.js": []byte("b")}); other == got {
		t.Error("another script has the same hash")
	}
}

// The site that is compiled in has its own hash at the foot of every page that people
// read, and no page without.
func TestThePagesShowTheHashOfTheirSite(t *testing.T) {
	s, err := web.Open()
	if err != nil || !s.Built() {
		t.Fatalf("there is no site: run make site (%v)", err)
	}
	files, pages := map[string][]byte{}, 0
	for _, path := range s.Paths() {
		if f, _ := s.Get(path); path != web.ManifestName {
			files[path] = f.Body
		}
	}
	foot := `<bdi class="hash">` + web.Short(files) + `</bdi>`
	for path, body := range files {
		if f, _ := s.Get(path); strings.HasPrefix(f.Type, "text/html") && path != "/blank" && path != "/viewer" {
			if !strings.HasPrefix(path, "/docs/") {
				pages++
			}
			if strings.Count(string(body), foot) != 1 {
				t.Errorf("%s does not show %s", path, foot)
			}
		}
	}
	if pages != 31 { // the choice of languages, and six pages in five of them; the contract has as many as it has chapters
		t.Errorf("%d pages", pages)
	}
}

// A release without its site is not compiled.
func TestAReleaseHasItsSite(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	text := fmt.Sprintf(`{"Replace":{%q:""}}`, filepath.Join(here, "site", "manifest.json"))
	write(t, overlay, text)
	compile := func(args ...string) (string, error) {
		out, err := exec.Command("go", append([]string{"build", "-tags", "release", "-o", filepath.Join(t.TempDir(), "x")}, append(args, ".")...)...).CombinedOutput()
		return string(out), err
	}
	if said, err := compile(); err != nil {
		t.Errorf("with the site: %v: %s", err, said)
	}
	if said, err := compile("-overlay", overlay); err == nil || !strings.Contains(said, "site/manifest.json") {
		t.Errorf("without the site: %v: %s", err, said)
	}
}
