package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// Programs rely on the exit codes: each kind of failure has its own, and what
// cannot be trusted never looks harmless.
func TestEveryFailureHasItsCode(t *testing.T) {
	problem := func(n api.ProblemName) error { return &api.Problem{Type: n.Type(), Status: n.Status()} }
	for code, errs := range map[int][]error{
		exitOK:          {nil},
		exitInternal:    {errors.New("disk"), fs.ErrPermission},
		exitUsage:       {usage("what?"), errWordsTyped},
		exitRefused:     {problem(api.ProblemQuota), problem(api.ProblemStatementRefused), client.ErrViewOnly, client.ErrTooFewStewards, client.ErrRefused},
		exitUntrusted:   {client.ErrTailCut, client.ErrTerms, client.ErrOwnKeys, fmt.Errorf("%w: %w", client.ErrNotFound, client.ErrPlanted)},
		exitNotFound:    {client.ErrNotFound, fmt.Errorf("open: %w: %w", client.ErrNotFound, problem(api.ProblemNotFound))},
		exitUnavailable: {client.ErrUnavailable, context.DeadlineExceeded, problem(api.ProblemFull), problem(api.ProblemInternal)},
		exitWords:       {client.ErrNotEnrolled, mistake{exitWords, "zoo"}},
		exitDeclined:    {errDeclined, fmt.Errorf("grant: %w", errDeclined)},
	} {
		for _, err := range errs {
			if got := exitOf(err); got != code {
				t.Errorf("%v ends with %d, not %d", err, got, code)
			}
		}
		if code != exitOK && !strings.Contains(codes, fmt.Sprintf("\n  %d  ", code)) {
			t.Errorf("code %d is not documented", code)
		}
	}
}

// No command has a flag by which a secret could be given.
func TestNoFlagTakesASecret(t *testing.T) {
	for _, c := range commands() {
		f := flag.NewFlagSet("", flag.ContinueOnError)
		c.make().flags(f)
		f.VisitAll(func(f *flag.Flag) {
			if regexp.MustCompile(`(?i)^(words|secret|phrase|digits|password|token)$`).MatchString(f.Name) {
				t.Errorf("testimony %s takes --%s", c.name, f.Name)
			}
		})
	}
}

// Everything can be looked up, in words that do not wound.
func TestEveryCommandExplainsItself(t *testing.T) {
	wrong := regexp.MustCompile(`(?i)victim|\bcase\b|evidence|submit`)
	for _, c := range commands() {
		text := manual(c)
		if c.name == "mode" { // where she chooses it, it has its name
			text = strings.ReplaceAll(text, "evidence", "")
		}
		if !strings.Contains(text, c.brief) || c.about == "" && c.name != "version" {
			t.Errorf("testimony %s explains nothing", c.name)
		}
		if found := wrong.FindString(text); found != "" {
			t.Errorf("testimony %s says %q", c.name, found)
		}
		for _, l := range strings.Split(text, "\n") {
			if len([]rune(l)) > 90 {
				t.Errorf("testimony %s has a line of %d characters", c.name, len([]rune(l)))
			}
		}
	}
}

// paper answers what is asked about words, as somebody does who wrote them down.
type paper struct {
	words  []string
	asked  *bytes.Buffer
	lie    int // how many answers are wrong before they are right
	answer *strings.Reader
}

func (p *paper) Read(b []byte) (int, error) {
	if p.answer == nil || p.answer.Len() == 0 {
		m := regexp.MustCompile(`Word (\d+): $`).FindStringSubmatch(p.asked.String())
		if m == nil {
			return 0, io.EOF
		}
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, err
		}
		word := strings.ToUpper(p.words[n-1])
		if p.lie > 0 {
			p.lie, word = p.lie-1, "perhaps"
		}
		p.answer = strings.NewReader(word + "\n")
		p.asked.Reset()
	}
	return p.answer.Read(b)
}

func retyping(t *testing.T, lie int) error {
	s, err := client.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	words, err := client.Words(s, "en")
	if err != nil {
		t.Fatal(err)
	}
	asked := new(bytes.Buffer)
	p := &program{in: newInput(&paper{words: words, asked: asked, lie: lie}), out: newScreen(io.Discard), err: newScreen(asked), rand: rand.Reader}
	return p.retype(t.Context(), s, words)
}

// An account is opened only for somebody who has the words on paper.
func TestWordsAreTypedAgain(t *testing.T) {
	for lie, want := range map[int]int{0: exitOK, 2: exitOK, 3: exitWords} {
		if err := retyping(t, lie); exitOf(err) != want {
			t.Errorf("%d wrong answers: %v", lie, err)
		}
	}
}

// Waiting for an answer ends when the program is stopped.
func TestAQuestionCanBeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	never, _ := io.Pipe()
	p := &program{in: newInput(never), err: newScreen(io.Discard)}
	stop()
	if err := p.agree(ctx, false, "Yes?"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// The bar is for somebody who looks; it ends when the work has, and no file name
// can steer the terminal through it.
func TestTheBarIsForPeople(t *testing.T) {
	var out bytes.Buffer
	p := &program{err: newScreen(&out), now: time.Now}
	if p.watch("voice") != nil {
		t.Error("a bar that nobody sees")
	}
	p.err.terminal = true
	watch := p.watch("voice\x1b[2J")
	watch(1, 2)
	watch(2, 2)
	if got := out.String(); !strings.Contains(got, "50 %") || strings.Contains(got, "\x1b[2J") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("%q", got)
	}
}

// People put flags where they think of them, and an account is an account also
// when it begins with a hyphen.
func TestFlagsAndWordsAreToldApart(t *testing.T) {
	const account = "-WiZhR7KjmD_7Gz9rreb5Iwat3FTAeaq_rZpi7zAGOE"
	for _, c := range []struct {
		typed string
		words string
		to    string
		yes   bool
		fails bool
	}{
		{typed: "a --to b c", words: "a c", to: "b"},
		{typed: "--yes " + account, words: account, yes: true},
		{typed: "--to " + account + " x", words: "x", to: account},
		{typed: "--to=" + account + " --yes=false", to: account},
		{typed: "x -yes", words: "x", yes: true},
		{typed: "-- --yes -x", words: "--yes -x"},
		{typed: "--to --", to: "--"},
		{typed: "- x", words: "- x"},
		{typed: "--to", fails: true},
		{typed: "--no x", fails: true},
	} {
		f := flag.NewFlagSet("", flag.ContinueOnError)
		f.SetOutput(io.Discard)
		to, yes := f.String("to", "", ""), f.Bool("yes", false, "")
		words, err := parse(f, strings.Fields(c.typed))
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", c.typed, err)
		}
		if err == nil && (strings.Join(words, " ") != c.words || *to != c.to || *yes != c.yes) {
			t.Errorf("%s: %q, %q, %v", c.typed, words, *to, *yes)
		}
	}
}
