package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/vaulttest"
)

// started runs a sandbox and gives what it printed; end waits until it is gone.
func started(t *testing.T) (printed string, end func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-listen", "127.0.0.1:0"}, nil, write)
		_ = write.Close()
		ended <- err
	}()
	var text strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(text.String(), "testimony feed ") || !strings.HasSuffix(text.String(), "\n") {
		n, err := read.Read(buf)
		text.Write(buf[:n])
		if err != nil {
			t.Fatalf("the sandbox ended early: %v\n%s", errors.Join(err, <-ended), text.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return text.String(), func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// What the sandbox prints can be pasted, and everybody it names is there.
func TestWhatTheSandboxPrintsCanBePasted(t *testing.T) {
	printed, end := started(t)
	defer end()
	env := regexp.MustCompile(`export (TESTIMONY_SERVER=\S+) (TESTIMONY_VAULT=\S+)`).FindStringSubmatch(printed)
	if env == nil {
		t.Fatalf("no environment is printed:\n%s", printed)
	}
	bin := filepath.Dir(vaulttest.Program(t, "testimony"))
	_, try, _ := strings.Cut(printed, "To try:")
	pasted := 0
	for line := range strings.Lines(try) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "curl -s "):
			pasted++
			fetched(t, strings.TrimPrefix(line, "curl -s "))
		case line != "" && !strings.HasPrefix(line, "#"):
			pasted++
			cmd := exec.Command("sh", "-c", strings.Replace(line, "bin/testimony", filepath.Join(bin, "testimony"), 1))
			cmd.Env = append(os.Environ(), env[1], env[2])
			if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
		}
	}
	if pasted < 15 {
		t.Errorf("only %d calls are printed", pasted)
	}
	for _, call := range []string{"partner check ", "partner invite ", "partner programs", "tray open ", "testimony deliver ", "item list", "testimony deliveries "} {
		if !strings.Contains(try, call) {
			t.Errorf("no call shows %q", call)
		}
	}
	for language := range strings.SplitSeq("ar ckb en fr uk", " ") {
		if !strings.Contains(printed, "participant-"+language+".words") {
			t.Errorf("nobody tells in %s", language)
		}
	}
	if people, _, _ := strings.Cut(printed, "To try:"); strings.Count(people, ".key") != 2 {
		t.Errorf("not two partners have a program:\n%s", people)
	}
}

func fetched(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %d", url, resp.StatusCode)
	}
}

// Nothing is left of a sandbox, keys least of all.
func TestNothingIsLeftOfASandbox(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	printed, end := started(t)
	words := regexp.MustCompile(`\S+/steward\.words`).FindString(printed)
	if _, err := os.Stat(words); err != nil {
		t.Errorf("the steward's words: %v", err)
	}
	end()
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A sandbox is never pointed at anything real, nor shown to other machines.
func TestASandboxRefusesWhatIsReal(t *testing.T) {
	for name, c := range map[string]struct {
		environ, args []string
		says          string
	}{
		"a vault's database": {environ: []string{"TESTIMONYD_STORE_URL=postgres://db/vault"}, says: "TESTIMONYD_STORE_URL"},
		"a vault's folder":   {environ: []string{"HOME=/root", "TESTIMONYD_DATA_DIR=/srv/vault"}, says: "never a real one"},
		"somebody's words":   {environ: []string{"TESTIMONY_WORDS_FILE=her.words"}, says: "TESTIMONY_WORDS_FILE"},
		"all addresses":      {args: []string{"-listen", "0.0.0.0:8090"}, says: "other machines"},
		"a name":             {args: []string{"-listen", "vault.example:8090"}, says: "other machines"},
		"no port":            {args: []string{"-listen", "127.0.0.1"}, says: "not an address"},
	} {
		err := run(t.Context(), append(c.args, "-once"), c.environ, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
