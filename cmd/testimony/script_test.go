package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/openrosa/collecttest"
	"github.com/relatingfield/vault/internal/samples"
	"github.com/relatingfield/vault/internal/stockagetest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"testimony": main})
}

// What the program says and does, as people type it, is in testdata/script.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts, %v", len(files), err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			s := new(stage)
			testscript.Run(t, testscript.Params{Files: []string{f}, RequireExplicitExec: true, Cmds: s.commands(), Setup: s.set})
		})
	}
}

// stage is what a script can use besides the program.
type stage struct {
	t        testing.TB
	vault    *vaulttest.Vault
	snapshot string
	sent     collecttest.Sent // from the phone
	line     *badLine         // between the program and the vault; nil for none
}

// set prepares a script: it gets characters that would turn a line around.
func (s *stage) set(e *testscript.Env) error {
	s.t = e.T().(testing.TB)
	e.Setenv("RLO", "\u202e")
	e.Setenv("ISO", "\u2066")
	return nil
}

func (s *stage) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"vault":    s.serve,
		"remember": s.remember,
		"restore":  s.restore,
		"stop-it":  func(*testscript.TestScript, bool, []string) { s.vault.Stop() },
		"forward":  s.forward,
		"restart":  func(ts *testscript.TestScript, _ bool, _ []string) { s.vault.Stop(); s.start(ts) },
		"write": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]), 0o600))
		},
		"ahead":    s.ahead,
		"exits":    exits,
		"private":  private,
		"capture":  capture,
		"stockage": s.stockage,
		"samples":  takeSamples,
		"line":     s.bad,
		"fetched":  fetched,
		"filled":   s.filled,
		"unzip":    unzip,
		"snippet":  snippet,
		"phone":    s.phone,
	}
}

// serve founds a practice vault and serves it: vault [on-arrival-off] [code] [canary] [line].
func (s *stage) serve(ts *testscript.TestScript, _ bool, args []string) {
	s.vault = vaulttest.New(s.t, vaulttest.With(func(c *config.Config) {
		for _, a := range args {
			switch a {
			case "on-arrival-off":
				c.OnArrival.Enabled = false
			case "code":
				c.Enrolment.Mode = config.Code
			case "canary":
				c.CanaryFile = ts.MkAbs("canary")
			case "line":
				s.line = newBadLine(s.t)
				c.Origins = []string{s.line.origin}
			}
		}
	}))
	if s.line != nil {
		s.line.to(s.vault.Addr)
	}
	ts.Setenv("TESTIMONY_SERVER", s.vault.URL)
	ts.Setenv("TESTIMONY_VAULT", s.vault.ID.String())
	words, err := os.ReadFile(filepath.Join(s.vault.Config.DataDir, "practice-steward.words"))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("steward.words"), words, 0o600))
}

// private wants a file that only its user can read.
func private(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := info.Mode().Perm(); got != 0o600 {
		ts.Fatalf("%s has mode %o", args[0], got)
	}
}

// forward moves the vault's clock: forward DURATION, such as 48h.
func (s *stage) forward(ts *testscript.TestScript, _ bool, args []string) {
	by, err := time.ParseDuration(args[0])
	ts.Check(err)
	s.vault.Clock.Forward(by)
}

// ahead gives a date by the vault's clock: ahead NAME DAYS.
func (s *stage) ahead(ts *testscript.TestScript, _ bool, args []string) {
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Setenv(args[0], s.vault.Clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly))
}

// remember copies everything that the vault has stored; restore brings it back,
// as somebody does who wants later acts forgotten.
func (s *stage) remember(ts *testscript.TestScript, _ bool, _ []string) {
	s.snapshot = s.t.TempDir()
	s.vault.Stop()
	ts.Check(os.CopyFS(s.snapshot, os.DirFS(s.vault.Config.DataDir)))
	s.start(ts)
}

func (s *stage) restore(ts *testscript.TestScript, _ bool, _ []string) {
	s.vault.Stop()
	ts.Check(os.RemoveAll(s.vault.Config.DataDir))
	ts.Check(os.Mkdir(s.vault.Config.DataDir, 0o700))
	ts.Check(copyPrivate(s.vault.Config.DataDir, s.snapshot))
	s.start(ts)
}

func (s *stage) start(ts *testscript.TestScript) {
	s.vault.Start()
	ts.Setenv("TESTIMONY_SERVER", s.vault.URL)
}

// copyPrivate is os.CopyFS with files as the vault insists on them.
func copyPrivate(to, from string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == from {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Mkdir(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
}

// exits runs a program that must end with this code: exits CODE PROGRAM ARGS…
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if code != want {
		ts.Fatalf("it ended with %d, not %d", code, want)
	}
}

// capture takes something out of JSON: capture NAME FILE PATH, such as
// capture T stdout grants.0.grant.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	var v any
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	d.UseNumber()
	ts.Check(d.Decode(&v))
	for _, step := range strings.Split(args[2], ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("%s: there are only %d", args[2], len(at))
			}
			v = at[i]
		}
	}
	switch v := v.(type) {
	case string:
		ts.Setenv(args[0], v)
	case json.Number:
		ts.Setenv(args[0], v.String())
	default:
		ts.Fatalf("%s is no text or number: %v", args[2], v)
	}
}

// stockage puts the pinned age program on the path.
func (s *stage) stockage(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Setenv("PATH", filepath.Dir(stockagetest.Binary(s.t))+string(os.PathListSeparator)+ts.Getenv("PATH"))
}

// takeSamples puts files of the kinds that people bring beside the script.
func takeSamples(ts *testscript.TestScript, _ bool, _ []string) {
	files, err := samples.Files("")
	ts.Check(err)
	for _, name := range []string{samples.ArabicText, samples.UkrainianVoice, samples.Photo} {
		b, err := fs.ReadFile(files, name)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(name), b, 0o600))
	}
}

// unzip takes a zip apart into a new folder: unzip FILE FOLDER.
func unzip(ts *testscript.TestScript, _ bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), z))
}

// snippet runs what a page of docs tells people to type: snippet PAGE NAME, for the
// block behind the mark <!-- run: NAME -->.
func snippet(ts *testscript.TestScript, _ bool, args []string) {
	page, err := os.ReadFile(filepath.Join(root, "docs", args[0]))
	ts.Check(err)
	_, rest, found := strings.Cut(string(page), "<!-- run: "+args[1]+" -->\n\n")
	block, _, ends := strings.Cut(rest, "\n\n")
	if !found || !ends || !strings.HasPrefix(block, "    ") {
		ts.Fatalf("there is no block %s in docs/%s", args[1], args[0])
	}
	ts.Check(ts.Exec("sh", "-e", "-c", block))
}
