package snippettest_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/sdktest"
	"github.com/relatingfield/vault/internal/snippettest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

const root = "../.."

func blocks(t *testing.T) []snippettest.Block {
	t.Helper()
	list, err := snippettest.Blocks(root)
	if err != nil || len(list) < 50 {
		t.Fatalf("%d blocks, %v", len(list), err)
	}
	return list
}

// elsewhere says, of pages whose code is indented, what runs or checks it: a test of
// that name, or why nothing can.
var elsewhere = map[string]string{
	"README.md":                           "TestTheDemonstrationTellsTheTruth", // the story; its two commands are make test itself and TestTheWebApp's program
	"CONTRIBUTING.md":                     "targets of the Makefile, which TestCommandsExist looks up",
	"docs/cli.md":                         "TestTheManualIsCurrent",
	"docs/protocol.md":                    "forms of bytes and headers, no programs; TestProblemsAreThoseOfTheProtocol and the vectors hold them",
	"docs/performance.md":                 "commands that measure for many minutes; TestCommandsExist looks them up",
	"docs/exports.md":                     "what recipients type into stock tools, which the tests of the exports run",
	"docs/webhooks.md":                    "TestTheReceiversOnThePageWork",
	"api/openfn/README.md":                "commands of another project's tools, which run the adaptor in its own tests",
	"docs/web.md":                         "a header, which TestEveryAnswerHasTheSamePolicy holds, and a look from outside at a site that is deployed",
	"docs/model/README.md":                "for a model checker that is not installed here",
	"internal/web/app/src/core/README.md": "TestTheWebApp", // an outline of what its story does
}

// walked are pages whose commands TestTheWalkOfBackupsIsTrue runs.
var walked = []string{"docs/operate/backup.md", "docs/operate/keys.md", "docs/operate/restore.md"}

// cannotRun tells of pages for machines that a test is not, with services, other hosts
// and disks, and of decisions, whose indented lines are formulas.
func cannotRun(file string) bool {
	return strings.HasPrefix(file, "docs/operate/") || strings.HasPrefix(file, "deploy/") || strings.HasPrefix(file, "docs/adr/")
}

// Every piece of code in the documentation is run, or says why it is not: as a block
// marked text, or in the list above.
func TestEverySnippetIsAccountedFor(t *testing.T) {
	for _, b := range blocks(t) {
		lang, reason, _ := strings.Cut(b.Lang, " ")
		switch {
		case lang == "":
			if elsewhere[b.File] == "" && !cannotRun(b.File) {
				t.Errorf("%s:%d: indented code that nothing runs: fence it as bash, go or ts, or as text with a reason", b.File, b.Line)
			}
		case lang == "text" && len(reason) < 10:
			t.Errorf("%s:%d: marked as text without a reason", b.File, b.Line)
		case lang == "bash" && b.File == "docs/curl.md", lang == "bash" && slices.Contains(walked, b.File), lang == "go" && b.File == "docs/sdk.md", lang == "ts" && (b.File == "docs/sdk.md" || b.File == "api/ts/README.md"), lang == "text", b.File == "docs/webhooks.md": // TestTheReceiversOnThePageWork
		default:
			t.Errorf("%s:%d: nothing runs a block of %q here", b.File, b.Line, b.Lang)
		}
	}
}

// What is shown in Go is part of an example, which the tests of its package run.
func TestGoSnippetsAreExamples(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(root, "api", "client", "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var run strings.Builder
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range example.FindAllStringSubmatch(string(text), -1) {
			run.WriteString(flat(m[1]) + "\n")
		}
	}
	shown := 0
	for _, b := range blocks(t) {
		if b.Lang != "go" || b.File != "docs/sdk.md" {
			continue
		}
		shown++
		if !strings.Contains(run.String(), flat(b.Text)) {
			t.Errorf("%s:%d: no example has this", b.File, b.Line)
		}
	}
	if shown < 5 {
		t.Errorf("%d pieces of Go", shown)
	}
}

// example is one that is run: it says what comes out.
var example = regexp.MustCompile(`(?ms)^func Example\w*\(\) \{\n(.*?)^\t// Output:`)

// flat is code without what indents it.
func flat(code string) string {
	var b strings.Builder
	for line := range strings.Lines(code) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// The shell recipes do what they say, in the order in which they stand.
func TestShellRecipesRun(t *testing.T) {
	v := vaulttest.New(t)
	g := partnertest.New(v).Partner().Program()
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(g.Key.(ed25519.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(filepath.Join(dir, "program.pem"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "set -eu -o pipefail\nset -- '' '' ''\n"
	for _, b := range blocks(t) {
		if b.File == "docs/curl.md" && b.Lang == "bash" {
			script += b.Text
		}
	}
	cmd := exec.Command("bash", "-c", strings.ReplaceAll(script, "set -eu ", "set -e "))
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "VAULT=" + v.URL, "PROGRAM=" + string(g.ID)}
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{"ready: 200", "the roster is the one that the id names", "a token for register", `"partner":`, "one invitation, however often it is asked for", "urn:testimony-vault:problem:unauthorized", "RateLimit"} {
		if !strings.Contains(strings.ToLower(string(said)), strings.ToLower(want)) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}

// What is shown in TypeScript in the documentation runs with the package alone.
func TestTypeScriptSnippetsRun(t *testing.T) {
	v := vaulttest.New(t)
	home := sdktest.Use(t, root, sdktest.Build(t, root))
	for _, b := range blocks(t) {
		if b.Lang == "ts" && b.File == "docs/sdk.md" {
			if said := sdktest.Program(t, root, home, b.Text, "TESTIMONY_SERVER="+v.URL, "TESTIMONY_VAULT="+v.ID.String()); !strings.Contains(said, "who may enrol here: open") {
				t.Errorf("%s:%d says %s", b.File, b.Line, said)
			}
		}
	}
}

// Commands that pages name exist: targets of the Makefile, and commands of the two
// programs.
func TestCommandsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile(filepath.Join(root, "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, b := range blocks(t) {
		for line := range strings.Lines(b.Text) {
			line = strings.TrimSpace(strings.TrimPrefix(line, "$ "))
			for _, m := range command.FindAllStringSubmatch(line, -1) {
				found++
				if m[1] == "make" && b.File != "docs/cli.md" && !strings.Contains("\n"+string(makefile), "\n"+m[2]+":") {
					t.Errorf("%s: there is no make %s", b.File, m[2])
				}
				if m[1] == "testimony" && b.File != "docs/cli.md" && !strings.Contains(string(manual), "\n### "+m[2]) {
					t.Errorf("%s: there is no testimony %s", b.File, m[2])
				}
			}
		}
	}
	if found < 40 {
		t.Errorf("%d commands", found)
	}
}

var command = regexp.MustCompile(`(?:^|\$ |&& |; )(make|testimony) ([a-z][a-z-]*)`)
