package vaulttest

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/relatingfield/vault/api"
	"github.com/relatingfield/vault/api/client"
)

// startLimit is how long the program may take to answer requests; it stops a
// test that would otherwise wait for ever.
const startLimit = time.Minute

// Binary is the real testimonyd.
type Binary struct {
	T testing.TB
	// Env is NAME=value for every run: for secrets, such as the database's URL.
	Env []string
	// Home, when set, is the folder in which the program runs, with a temporary
	// folder of its own: nothing it writes can be elsewhere.
	Home string

	path string
}

// Build builds testimonyd for the test, the way it is released.
func Build(t testing.TB) *Binary {
	t.Helper()
	return &Binary{T: t, path: Program(t, "testimonyd")}
}

// Run runs a command to its end and gives what it printed.
func (b *Binary) Run(args ...string) (string, error) {
	b.T.Helper()
	out, err := b.command(args...).CombinedOutput()
	return string(out), err
}

// Begin starts a command and does not wait for its end. It ends with the test.
func (b *Binary) Begin(args ...string) *exec.Cmd {
	b.T.Helper()
	cmd := b.command(args...)
	if err := cmd.Start(); err != nil {
		b.T.Fatal(err)
	}
	b.T.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended long ago
	return cmd
}

func (b *Binary) command(args ...string) *exec.Cmd {
	b.T.Helper()
	cmd := exec.Command(b.path, args...)
	temporary := os.TempDir()
	if b.Home != "" {
		temporary = filepath.Join(b.Home, "tmp")
		if err := os.MkdirAll(temporary, 0o700); err != nil {
			b.T.Fatal(err)
		}
	}
	cmd.Dir = b.Home
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + temporary, "HOME=" + b.Home}, b.Env...)
	return cmd
}

// Process is a running testimonyd.
type Process struct {
	T   testing.TB
	URL string
	ID  api.Hash
	Log *Log // standard output and error

	cmd  *exec.Cmd
	over chan error
}

// Serve starts the program with settings (path=value) and waits until it answers.
func (b *Binary) Serve(settings ...string) *Process {
	b.T.Helper()
	args := []string{"serve"}
	for _, s := range settings {
		args = append(args, "--set", s)
	}
	p := &Process{T: b.T, Log: &Log{}, cmd: b.command(args...), over: make(chan error, 1)}
	out, in, err := os.Pipe()
	p.must(err)
	p.cmd.Stdout, p.cmd.Stderr = in, in
	p.must(p.cmd.Start())
	p.must(in.Close())
	b.T.Cleanup(func() { p.Kill() })

	ready := make(chan struct{})
	go p.listen(out, ready)
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case <-ready:
	case err := <-p.over:
		p.over <- err
		b.T.Fatalf("testimonyd did not start: %v\n%s", err, p.Log)
	case <-limit.C:
		b.T.Fatalf("testimonyd does not answer\n%s", p.Log)
	}
	return p
}

// Refused starts the program with settings and wants it to end by itself, with an
// exit code that is not 0. It gives the code and what was said.
func (b *Binary) Refused(settings ...string) (code int, words string) {
	b.T.Helper()
	args := []string{"serve"}
	for _, s := range settings {
		args = append(args, "--set", s)
	}
	cmd := b.command(args...)
	limit := time.AfterFunc(startLimit, func() { _ = cmd.Process.Kill() }) // it may have ended in this moment
	defer limit.Stop()
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() <= 0 {
		b.T.Fatalf("testimonyd was not refused: %v\n%s", err, out)
	}
	return ended.ExitCode(), string(out)
}

// Ended waits until the program has ended by itself, and gives its exit code.
func (p *Process) Ended() int {
	p.T.Helper()
	limit := time.AfterFunc(startLimit, func() { _ = p.cmd.Process.Kill() }) // it may have ended in this moment
	defer limit.Stop()
	_ = p.gone() // the code says it
	return p.cmd.ProcessState.ExitCode()
}

// listen reads what the program says, until it ends, and learns its address.
func (p *Process) listen(out io.ReadCloser, ready chan<- struct{}) {
	defer out.Close()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		_, _ = io.WriteString(p.Log, lines.Text()+"\n")
		if url, ok := strings.CutPrefix(lines.Text(), "The vault answers at "); ok {
			p.URL = url
		}
		if id, ok := strings.CutPrefix(lines.Text(), "Vault id: "); ok && ready != nil {
			p.ID, _ = api.ParseHash(id)
			close(ready)
			ready = nil
		}
	}
	p.over <- p.cmd.Wait()
}

// Client is a client of the process; keys may be nil.
func (p *Process) Client(keys *client.Keys) *client.Client {
	p.T.Helper()
	c, err := client.New(client.Config{Server: p.URL, Vault: p.ID, Keys: keys})
	p.must(err)
	return c
}

// Kill ends the program the way a crash does, and waits until it is gone. Killing
// twice is killing once.
func (p *Process) Kill() {
	p.T.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.T.Error(err)
	}
	p.gone()
}

// Stop asks the program to end, and waits for it.
func (p *Process) Stop() {
	p.T.Helper()
	p.must(p.cmd.Process.Signal(syscall.SIGTERM))
	if err := p.gone(); err != nil {
		p.T.Errorf("testimonyd stopped with %v\n%s", err, p.Log)
	}
}

func (p *Process) gone() error {
	err := <-p.over
	p.over <- err // for whoever asks again
	return err
}

func (p *Process) must(err error) {
	p.T.Helper()
	if err != nil {
		p.T.Fatal(err)
	}
}
