package config_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/internal/config"
)

// write makes a file with the given content.
func write(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vault.yaml")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func load(t testing.TB, yaml string) (config.Config, error) {
	t.Helper()
	return config.Sources{File: write(t, yaml)}.Load()
}

// says reports a test failure unless err holds exactly one fault with the text.
func says(t *testing.T, name string, err error, text string) {
	t.Helper()
	var faults config.Faults
	if !errors.As(err, &faults) || len(faults) != 1 || !strings.Contains(faults[0].String(), text) {
		t.Errorf("%s: %v, want %q", name, err, text)
	}
}

// Nothing set is a sound vault of this machine alone.
func TestTheDefaultsAreSoundAndPrivate(t *testing.T) {
	c, err := config.Sources{}.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"http://127.0.0.1:8080", "http://localhost:8080"}
	if c.Listen != "127.0.0.1:8080" || !reflect.DeepEqual(c.Origins, want) || c.IKnowThisIsPublic {
		t.Errorf("listen %s, origins %v", c.Listen, c.Origins)
	}
	for name, path := range map[string]string{"keys": c.KeysDir, "blobs": c.Blobs.Dir, "vault.db": c.Store.Path} {
		if path != filepath.Join("var/vault", name) {
			t.Errorf("%s is at %s", name, path)
		}
	}
}

// The command line beats the environment, which beats the file, which beats the
// default.
func TestTheNearerSourceWins(t *testing.T) {
	file := write(t, "enrolment:\n  per_day: 1\n  pow_bits: 11\nlimits: {stall: 11s}\nlog:\n")
	environ := []string{"TESTIMONYD_ENROLMENT_PER_DAY=2", "TESTIMONYD_ENROLMENT_POW_BITS=12", "HOME=/nowhere", "TESTIMONYD_CONFIG=" + file}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	sources := config.Sources{Environ: environ}
	sources.Flags(flags)
	if err := flags.Parse([]string{"--set", "enrolment.per_day=4", "--set", "enrolment.per_day=3"}); err != nil {
		t.Fatal(err)
	}
	c, err := sources.Load()
	if err != nil {
		t.Fatal(err)
	}
	if c.Enrolment.PerDay != 3 || c.Enrolment.PowBits != 12 || c.Limits.Stall != 11*time.Second || c.Limits.PartSize != 8*config.GiB {
		t.Errorf("%+v", c)
	}
	other := write(t, "enrolment: {per_day: 9}")
	if err := flags.Parse([]string{"--config", other}); err != nil {
		t.Fatal(err)
	}
	sources.Set, sources.Environ = nil, []string{"TESTIMONYD_CONFIG=" + file}
	if c, err := sources.Load(); err != nil || c.Enrolment.PerDay != 9 || c.Enrolment.PowBits != 18 {
		t.Errorf("--config beside TESTIMONYD_CONFIG: %+v, %v", c.Enrolment, err)
	}
}

// Every kind of setting is read alike from all three sources.
func TestAllSourcesReadAlike(t *testing.T) {
	const yaml = `
data_dir: /srv/خزنة
origins: [https://vault.example, http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion]
on_arrival: {enabled: false}
limits:
  body: 1 MiB
  parts_per_testimony: 7
tokens: {ttl: 90s}
`
	pairs := map[string]string{
		"data_dir": "/srv/خزنة", "origins": "https://vault.example,http://dv6fr5jiltrubyzmfp7mw6inkq6msdqy7snftt7hakhhir3aindbgvid.onion", "on_arrival.enabled": "false",
		"limits.body": "1048576", "limits.parts_per_testimony": "7", "tokens.ttl": "1m30s",
	}
	var environ, set []string
	for path, value := range pairs {
		environ = append(environ, config.Variable(path)+"="+value)
		set = append(set, path+"="+value)
	}
	want, err := load(t, yaml)
	if err != nil || want.OnArrival.Enabled || want.Limits.Body != config.MiB || len(want.Origins) != 2 {
		t.Fatalf("%+v, %v", want, err)
	}
	for name, sources := range map[string]config.Sources{"environment": {Environ: environ}, "flags": {Set: set}} {
		if got, err := sources.Load(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// An unknown name is refused wherever it stands.
func TestUnknownNamesAreRefused(t *testing.T) {
	for name, sources := range map[string]config.Sources{
		"file":          {File: write(t, "listen: 127.0.0.1:1\nlsten: x")},
		"file, nested":  {File: write(t, "store:\n  engin: sqlite")},
		"file, case":    {File: write(t, "Listen: 127.0.0.1:1")},
		"environment":   {Environ: []string{"TESTIMONYD_LSTEN=x"}},
		"flag":          {Set: []string{"store.engin=sqlite"}},
		"flag, section": {Set: []string{"store=sqlite"}},
	} {
		_, err := sources.Load()
		says(t, name, err, "there is no such setting")
	}
}

// A file that can be read in two ways is not read.
func TestUnclearFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ yaml, says string }{
		"a setting twice":    {"listen: 127.0.0.1:1\nlisten: 127.0.0.1:2", ":2: listen: stands twice"},
		"a section twice":    {"log: {level: info}\nlog: {level: warn}", ":2: log: stands twice"},
		"no value":           {"listen:", "has no plain value"},
		"an anchor":          {"listen: &x 127.0.0.1:1", "has no plain value"},
		"an alias":           {"data_dir: &x d\nkeys_dir: *x", "has no plain value"},
		"a tag":              {"listen: !!str 127.0.0.1:1", "has no plain value"},
		"a mapping":          {"listen: {a: b}", "has no plain value"},
		"a list":             {"listen: [a, b]", "is a list where one value belongs"},
		"a value":            {"store: sqlite", "is not a section"},
		"no settings at all": {"- listen", "is not a section"},
		"two documents":      {"listen: 127.0.0.1:1\n---\nlisten: 127.0.0.1:2", "more than one YAML document"},
		"no YAML":            {"listen: [", "mend the YAML"},
		"a YAML yes":         {"on_arrival: {enabled: yes}", "neither true nor false"},
		"a YAML number":      {"enrolment: {per_day: 0x10}", "not a whole number"},
		"decimal megabytes":  {"limits: {body: 5 MB}", "not a size"},
		"a bare time":        {"tokens: {ttl: 90}", "not a time"},
	} {
		_, err := load(t, c.yaml)
		var faults config.Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	for _, empty := range []string{"", "# nothing\n", "store:\n"} {
		if _, err := load(t, empty); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
}

// A file that was named must be there.
func TestAMissingFileIsAFault(t *testing.T) {
	for name, sources := range map[string]config.Sources{
		"flag":        {File: filepath.Join(t.TempDir(), "none.yaml")},
		"environment": {Environ: []string{"TESTIMONYD_CONFIG=" + filepath.Join(t.TempDir(), "none.yaml")}},
	} {
		_, err := sources.Load()
		says(t, name, err, "--config: open ")
	}
}

// All faults are reported in one go, those of the sources and those of the values.
func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	_, err := config.Sources{
		File:    write(t, "lsten: x\nenrolment: {per_day: 0}"),
		Environ: []string{"TESTIMONYD_X=1"},
		Set:     []string{"nonsense", "tokens.ttl=1h"},
	}.Load()
	var faults config.Faults
	if !errors.As(err, &faults) || len(faults) != 5 {
		t.Fatalf("%d faults: %v", len(faults), err)
	}
	for _, f := range faults {
		if f.Where == "" || f.Problem == "" || f.Fix == "" || !strings.Contains(err.Error(), f.String()) {
			t.Errorf("fault %+v", f)
		}
	}
}

// No two settings share a name in the environment.
func TestEverySettingHasItsOwnVariable(t *testing.T) {
	seen := map[string]string{"TESTIMONYD_CONFIG": "the file"}
	for _, path := range config.Paths() {
		v := config.Variable(path)
		if other, ok := seen[v]; ok {
			t.Errorf("%s and %s are both %s", path, other, v)
		}
		seen[v] = path
	}
	if len(seen) < 30 {
		t.Errorf("only %d settings", len(seen))
	}
}

// Whatever the file holds, loading does not panic and refuses or understands it.
func FuzzLoadFile(f *testing.F) {
	f.Add([]byte(config.Example()))
	f.Add([]byte("a: &x [*x]\n<<: {}"))
	f.Add([]byte("? {a: b}\n: c"))
	name := filepath.Join(f.TempDir(), "vault.yaml")
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Sources{File: name}.Load()
		var faults config.Faults
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("%q: %v", b, err)
		}
		if err == nil && c.Validate() != nil {
			t.Fatalf("%q was accepted and is faulty", b)
		}
	})
}
