package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/config"
)

const (
	password = "canary-5e1d"
	url      = "postgres://vault:" + password + "@127.0.0.1/vault"
)

// A secret comes from the environment or from a file of its own, and from nowhere
// that is copied, listed or shown.
func TestSecretsComeFromTheEnvironmentOrTheirOwnFile(t *testing.T) {
	own := write(t, url+"\n")
	for name, sources := range map[string]config.Sources{
		"environment":         {Environ: []string{"TESTIMONYD_STORE_URL=" + url}},
		"file":                {File: write(t, "store: {url_file: "+own+"}")},
		"file by flag":        {Set: []string{"store.url_file=" + own}},
		"file by environment": {Environ: []string{"TESTIMONYD_STORE_URL_FILE=" + own}},
	} {
		sources.Set = append(sources.Set, "store.engine=postgres")
		c, err := sources.Load()
		if err != nil || string(c.Store.URL.Reveal()) != url {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, sources := range map[string]config.Sources{
		"in the file": {File: write(t, "store: {url: '"+url+"'}")},
		"by flag":     {Set: []string{"store.url=" + url}},
	} {
		_, err := sources.Load()
		says(t, name, err, "a secret does not belong here")
		if strings.Contains(err.Error(), password) {
			t.Errorf("%s: the fault repeats the secret", name)
		}
	}
	both := config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + url}, Set: []string{"store.engine=postgres", "store.url_file=" + own}}
	_, err := both.Load()
	says(t, "both", err, "is given twice")
	_, err = config.Sources{Set: []string{"store.url_file=" + filepath.Join(t.TempDir(), "none")}}.Load()
	says(t, "no such file", err, "store.url_file: open ")
}

// The token for a collector of traces is such a secret.
func TestTheCollectorsTokenComesFromAFile(t *testing.T) {
	at := []string{"traces.endpoint=https://collector.example/v1/traces"}
	for name, sources := range map[string]config.Sources{
		"environment": {Environ: []string{"TESTIMONYD_TRACES_TOKEN=" + password}, Set: at},
		"file":        {Set: append(at, "traces.token_file="+write(t, password+"\n"))},
	} {
		c, err := sources.Load()
		if err != nil || string(c.Traces.Token.Reveal()) != password {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := config.Sources{Set: append(at, "traces.token="+password)}.Load()
	says(t, "by flag", err, "a secret does not belong here")
	if strings.Contains(err.Error(), password) {
		t.Error("the fault repeats the secret")
	}
}

// No way of showing a configuration or its faults shows a secret.
func TestSecretsAreNeverShown(t *testing.T) {
	var out bytes.Buffer
	for _, u := range []string{url, "mysql://u:" + password + "@db", "postgres://u:" + password + "@db.example/v", ":" + password, "postgres://%zz" + password} {
		for _, engine := range []string{"postgres", "sqlite"} {
			sources := config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + u}, Set: []string{"store.engine=" + engine}}
			c, err := sources.Load()
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				fmt.Fprintf(&out, verb+verb+verb+"\n", c, &c, err)
			}
			slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "c", c, "e", err)
			if err := json.NewEncoder(&out).Encode(c); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"print", "check"} {
				fmt.Fprintln(&out, config.Command(command, sources, &out))
			}
		}
	}
	for _, form := range []string{password, fmt.Sprintf("%x", password), fmt.Sprintf("%X", password)} {
		if strings.Contains(out.String(), form) {
			t.Errorf("the output contains %q", form)
		}
	}
	if !strings.Contains(out.String(), "# url: [redacted]") {
		t.Error("the output does not say that a secret is set")
	}
}

// The line to a database elsewhere is verified, or somebody says why it need not
// be.
func TestTheLineToTheDatabaseIsVerified(t *testing.T) {
	run := func(url string, set ...string) error {
		_, err := config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + url}, Set: append(set, "store.engine=postgres")}.Load()
		return err
	}
	for _, good := range []string{
		"postgres://u:p@db.example/v?sslmode=verify-full", "postgresql://u:p@localhost/v", "postgres://u@[::1]:5432/v",
		"postgres://u@127.0.0.1:1,localhost:2/v", "postgres:///v?host=/run/postgresql",
	} {
		if err := run(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, open := range []string{
		"postgres://u:p@db.example/v", "postgres://u:p@db.example/v?sslmode=require", "postgres:///v", "postgres://u@localhost,db.example/v",
		"postgres://u@localhost/v?host=db.example", "postgres://u@localhost/v?hostaddr=192.0.2.1", "postgres://u@localhost/v?service=other",
	} {
		says2(t, open, run(open), "store.url", "add sslmode=verify-full")
		if err := run(open, "store.i_know_the_database_line_is_open=true"); err != nil {
			t.Errorf("%s, meant: %v", open, err)
		}
	}
	says(t, "a keyword string", run("host=db user=u"), "is not a connection URL")
	says(t, "no URL", run(""), "store.url: is missing")
	says(t, "a path as well", run(url, "store.path=x.db"), "store.path: is set")
	_, err := config.Sources{Environ: []string{"TESTIMONYD_STORE_URL=" + url}}.Load()
	says(t, "a URL for SQLite", err, "the engine is sqlite")
}
