package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/relatingfield/vault/internal/config"
	"github.com/relatingfield/vault/internal/samples"
)

// stage is a temporary vault and a folder for everybody in the story.
type stage struct {
	ctx    context.Context
	out    io.Writer
	dir    string // everything lies here
	bin    string
	root   string // of the source tree, where the pinned age comes from
	server *server
	url    string
	vault  string
	ended  string // the grant whose end was answered last
}

// person is somebody at a keyboard, with words of her own.
type person string

// The people. Each has a file of words in the stage's folder.
const (
	her     person = "her"
	reader  person = "reader"
	steward person = "steward"
	amina   person = "amina" // a friend
	daryna  person = "daryna"
	zere    person = "zere"
)

func newStage(ctx context.Context, out io.Writer, root, bin string) (*stage, error) {
	dir, err := os.MkdirTemp("", "testimony-demo-")
	if err != nil {
		return nil, err
	}
	s := &stage{ctx: ctx, out: out, dir: dir, bin: bin, root: root}
	if err := errors.Join(s.samples(), s.found()); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// samples copies the recordings to the folder, as if they were hers.
func (s *stage) samples() error {
	files, err := samples.Files(filepath.Join(s.root, "..", "shared", "samples"))
	if err != nil {
		if files, err = samples.Files(""); err != nil {
			return err
		}
	}
	for _, name := range []string{samples.ArabicText, samples.UkrainianVoice, samples.Photo} {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// found makes a practice vault and serves it on a free port.
func (s *stage) found() error {
	settings := []string{"--set", "data_dir=" + filepath.Join(s.dir, "vault"), "--set", "listen=127.0.0.1:0"}
	daemon := filepath.Join(s.bin, "testimonyd")
	if out, err := exec.CommandContext(s.ctx, daemon, append([]string{"found", "--practice"}, settings...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("found a vault: %w\n%s", err, out)
	}
	words := filepath.Join(s.dir, "vault", "practice-steward.words")
	if err := os.Rename(words, s.words(steward)); err != nil {
		return err
	}
	cfg, err := (&config.Sources{Set: slices.DeleteFunc(settings, func(arg string) bool { return arg == "--set" })}).Load()
	if err != nil {
		return err
	}
	s.server, err = serve(s.ctx, cfg)
	if err != nil {
		return err
	}
	s.url, s.vault = s.server.Origins[0], s.server.Vault
	return nil
}

// close stops the vault and removes the folder.
func (s *stage) close() error {
	var err error
	if s.server != nil {
		err = s.server.stop()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// file is where a person keeps her words, in the folder that she works in.
func file(p person) string { return string(p) + ".words" }

func (s *stage) words(p person) string { return filepath.Join(s.dir, file(p)) }

// say prints a sentence of the story.
func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.out, "\n"+format+"\n", args...) }

// does lets a person run the client, shows the command and what it answered, and
// holds the exit code against the one that belongs to the story.
func (s *stage) does(p person, want int, args ...string) (string, error) {
	return s.show(p, s.command(p, args), want, "testimony", args)
}

func (s *stage) command(p person, args []string) *exec.Cmd {
	cmd := exec.CommandContext(s.ctx, filepath.Join(s.bin, "testimony"), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "TESTIMONY_SERVER="+s.url, "TESTIMONY_VAULT="+s.vault, "TESTIMONY_WORDS_FILE="+s.words(p))
	return cmd
}

// runs lets a person run some other program.
func (s *stage) runs(p person, cmd *exec.Cmd, shown ...string) error {
	cmd.Dir = s.dir
	_, err := s.show(p, cmd, 0, shown[0], shown[1:])
	return err
}

func (s *stage) show(p person, cmd *exec.Cmd, want int, name string, args []string) (string, error) {
	fmt.Fprintf(s.out, "  %s$ %s %s\n", p, name, quoted(args))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	s.indent(stdout.String())
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", err
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		return "", fmt.Errorf("%s ended with %d where the story has %d:\n%s", name, code, want, stderr.String())
	}
	if want != 0 {
		s.indent(lastLine(stderr.String()))
		fmt.Fprintf(s.out, "      (exit code %d)\n", want)
	}
	return stdout.String(), nil
}

func (s *stage) indent(text string) {
	for line := range strings.Lines(text) {
		fmt.Fprintf(s.out, "      %s\n", strings.TrimRight(line, "\n"))
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// quoted spells arguments as a shell would take them.
func quoted(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		if out[i] = a; a == "" || strings.ContainsAny(a, " '\"$") {
			out[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
