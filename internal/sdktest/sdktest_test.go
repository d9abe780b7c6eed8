package sdktest_test

import (
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/api/client"
	"github.com/relatingfield/vault/internal/sdktest"
	"github.com/relatingfield/vault/internal/statement"
	"github.com/relatingfield/vault/internal/vaulttest"
)

const root = "../.."

// vaultFor is a practice vault with an accredited reader, whose digits it gives along.
func vaultFor(t *testing.T) (env []string) {
	t.Helper()
	v := vaulttest.New(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	secret, err := client.NewSecret(rand.Reader)
	must(err)
	keys, err := client.KeysFor(secret, v.ID)
	must(err)
	reader, steward := v.Client(keys), v.StewardClient()
	must(steward.Enrol(t.Context(), statement.Steward, ""))
	must(reader.Enrol(t.Context(), statement.Researcher, ""))
	must(reader.Apply(t.Context(), "Dr. Oksana Lys", "Archive of Voices", "to listen"))
	_, err = steward.Accredit(t.Context(), reader.Account(), 300)
	must(err)
	return []string{"TESTIMONY_SERVER=" + v.URL, "TESTIMONY_VAULT=" + v.ID.String(), "TESTIMONY_READER=" + client.Digits(secret)}
}

var block = regexp.MustCompile("(?ms)^```ts\n(.*?)^```$")

// The package is made twice; one is used.
func TestThePackage(t *testing.T) {
	one, two := sdktest.Build(t, root), sdktest.Build(t, root)
	t.Run("is the same bytes whenever it is made", func(t *testing.T) { reproducible(t, tree(t, one), tree(t, two)) })
	home := sdktest.Use(t, root, one)
	t.Run("has a README that runs", func(t *testing.T) { readmeRuns(t, home) })
	t.Run("signs in as a program", func(t *testing.T) { signsIn(t, home) })
}

// readmeRuns has every program in the package's own README typed, and run against a
// vault with nothing but the package.
func readmeRuns(t *testing.T, home string) {
	text, err := os.ReadFile(filepath.Join(root, "api", "ts", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	programs := block.FindAllSubmatch(text, -1)
	wants := [][]string{
		{"the reader reads: They took the men at the bridge.", "she sees: created, added, ", ", granted, opened", "her recording: 3000000 bytes"},
		{"a practice vault that takes payloads of", "nobody approves anything without signing in"},
		{"this program may: follow\n", "it has asked for its deliveries: 200"},
	}
	if len(programs) != len(wants) {
		t.Fatalf("%d programs", len(programs))
	}
	for i, p := range programs {
		env := vaultFor(t)
		if strings.Contains(string(p[1]), "newProgram") {
			_, env = programFor(t, newEdwards(t))
		}
		said := sdktest.Program(t, root, home, string(p[1]), env...)
		for _, want := range wants[i] {
			if !strings.Contains(said, want) {
				t.Errorf("program %d does not say %q:\n%s", i+1, want, said)
			}
		}
	}
}

// reproducible wants the same bytes of both, and that the package says what it is and
// holds what it says.
func reproducible(t *testing.T, one, two map[string]string) {
	t.Helper()
	for name, text := range one {
		if two[name] != text {
			t.Errorf("%s differs", name)
		}
		if strings.Contains(text, "node_modules/") && strings.HasPrefix(name, "dist/") {
			t.Errorf("%s names a folder of this machine", name)
		}
	}
	if len(one) != len(two) || len(one) < 200 {
		t.Errorf("%d and %d files", len(one), len(two))
	}
	var says struct {
		Name, Version, License string
		Exports                map[string]map[string]string
		Dependencies           map[string]string
	}
	if err := json.Unmarshal([]byte(one["package.json"]), &says); err != nil {
		t.Fatal(err)
	}
	if says.Name == "" || says.License != "Apache-2.0" || !regexp.MustCompile(`^1\.\d+\.\d+$`).MatchString(says.Version) || !strings.Contains(one["LICENSE"], "Apache License") {
		t.Errorf("it says %+v", says)
	}
	for _, to := range says.Exports["."] {
		if one[strings.TrimPrefix(to, "./")] == "" {
			t.Errorf("%s is not there", to)
		}
	}
	pinned(t, one, says.Dependencies)
}

// pinned holds the package's dependencies against what its code imports and what the
// web app has.
func pinned(t *testing.T, files map[string]string, dependencies map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "internal", "web", "app", "package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var app struct{ Dependencies map[string]string }
	if err := json.Unmarshal(text, &app); err != nil {
		t.Fatal(err)
	}
	imported := []string{}
	for name, text := range files {
		for _, m := range regexp.MustCompile(`(?m)from "(@[a-z]+/[a-z-]+)[/"]`).FindAllStringSubmatch(text, -1) {
			imported = append(imported, m[1])
			if dependencies[m[1]] == "" || dependencies[m[1]] != app.Dependencies[m[1]] {
				t.Errorf("%s imports %s, of version %q here and %q in the web app", name, m[1], dependencies[m[1]], app.Dependencies[m[1]])
			}
		}
	}
	for name := range dependencies {
		if !slices.Contains(imported, name) {
			t.Errorf("nothing imports %s", name)
		}
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
