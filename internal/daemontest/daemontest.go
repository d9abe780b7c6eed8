// Package daemontest runs testimonyd as the process it is in real life: built
// from this tree, configured by its environment, reached over loopback, ended by
// a signal.
//
// It promises that Start returns once the vault answers and is ready, that Kill
// leaves what kill -9 leaves, that a restarted daemon has its old address, so
// that clients go on as after a crash, and that no daemon outlives the process
// that started it (on Linux).
//
// The vault is a practice vault: its steward's words lie beside the data, which
// is how a test comes to be steward. It is for tests and measurements only.
package daemontest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTime bounds how long a daemon may take until it is ready; a recovery of
// its database is part of that.
const startTime = 60 * time.Second

// Config says which daemon to run, on what.
type Config struct {
	Program string   // a testimonyd, see Build
	File    string   // a configuration file, in which Set and the rest replace what they name; may be empty
	Dir     string   // data folder; it is made
	URL     string   // of a PostgreSQL database; empty: SQLite in Dir
	Origins []string // that people type beside the daemon's own
	Set     []string // further settings, path=value
}

// Daemon is a testimonyd that runs, or may be started.
type Daemon struct {
	cfg  Config
	addr string

	founded bool // belongs to whoever calls Start

	mu    sync.Mutex // guards what follows
	cmd   *exec.Cmd  // nil: not running
	ended chan struct{}
	err   error // of Wait, once ended is closed
}

// New makes a daemon that does not run yet, on a port that was free just now.
func New(cfg Config) (*Daemon, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("daemon: %w", err)
	}
	return &Daemon{cfg: cfg, addr: l.Addr().String()}, l.Close()
}

// Addr is host:port; Origin is where clients come.
func (d *Daemon) Addr() string { return d.addr }

// Origin is the address that clients type.
func (d *Daemon) Origin() string { return "http://" + d.addr }

// Dir is the data folder.
func (d *Daemon) Dir() string { return d.cfg.Dir }

// Set adds settings (path=value) that count from the next start on.
func (d *Daemon) Set(settings ...string) { d.cfg.Set = append(d.cfg.Set, settings...) }

// PID is the process's id, 0 when it does not run.
func (d *Daemon) PID() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return 0
	}
	return d.cmd.Process.Pid
}

// Start starts the daemon and returns once it is ready. The first time, it founds
// a practice vault if there is none.
func (d *Daemon) Start(ctx context.Context) error {
	if err := d.found(ctx); err != nil {
		return fmt.Errorf("found a practice vault: %w", err)
	}
	if err := d.launch(); err != nil {
		return fmt.Errorf("start testimonyd: %w", err)
	}
	if err := d.Ready(ctx); err != nil {
		return fmt.Errorf("start testimonyd: %w", errors.Join(err, d.Kill()))
	}
	return nil
}

func (d *Daemon) found(ctx context.Context) error {
	if d.founded {
		return nil
	}
	cmd := exec.CommandContext(ctx, d.cfg.Program, "found", "--practice", "--if-missing")
	cmd.Env = append(os.Environ(), d.environment()...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	d.founded = true
	return nil
}

func (d *Daemon) launch() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd != nil {
		return errors.New("it runs already")
	}
	log, err := os.OpenFile(d.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(d.cfg.Program, "serve")
	cmd.Env = append(os.Environ(), d.environment()...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the test, which then ends the daemon
	DieWithParent(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return err
	}
	d.cmd, d.ended, d.err = cmd, make(chan struct{}), nil
	go func(ended chan struct{}) { d.err = cmd.Wait(); close(ended) }(d.ended)
	return nil
}

// environment spells the settings.
// Run runs another command of the program over the same configuration, whether the
// daemon runs or not, and gives what it printed.
func (d *Daemon) Run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.cfg.Program, args...)
	cmd.Env = append(os.Environ(), d.environment()...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (d *Daemon) environment() []string {
	env := []string{"TESTIMONYD_DATA_DIR=" + d.cfg.Dir, "TESTIMONYD_LISTEN=" + d.addr, "TESTIMONYD_ENROLMENT_POW_BITS=1",
		"TESTIMONYD_ENROLMENT_PER_DAY=1000000", "TESTIMONYD_LOG_LEVEL=warn"}
	if len(d.cfg.Origins) > 0 {
		env = append(env, "TESTIMONYD_ORIGINS="+strings.Join(append(d.cfg.Origins, d.Origin()), ","))
	}
	if d.cfg.File != "" {
		env = append(env, "TESTIMONYD_CONFIG="+d.cfg.File)
	}
	if d.cfg.URL != "" {
		env = append(env, "TESTIMONYD_STORE_ENGINE=postgres", "TESTIMONYD_STORE_URL="+d.cfg.URL)
	}
	for _, s := range d.cfg.Set {
		name, value, _ := strings.Cut(s, "=")
		env = append(env, "TESTIMONYD_"+strings.ToUpper(strings.ReplaceAll(name, ".", "_"))+"="+value)
	}
	return env
}

// Kill ends the daemon as a crash does, and returns when it is gone.
func (d *Daemon) Kill() error { return d.end(context.Background(), syscall.SIGKILL) }

// Stop asks the daemon to end and waits for it; when ctx ends first, it is killed.
func (d *Daemon) Stop(ctx context.Context) error { return d.end(ctx, syscall.SIGTERM) }

func (d *Daemon) end(ctx context.Context, sig syscall.Signal) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return nil
	}
	cmd := d.cmd
	d.cmd = nil
	if err := cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end testimonyd: %w", err)
	}
	select {
	case <-d.ended:
	case <-ctx.Done():
		_ = cmd.Process.Kill() // it may have ended in this moment
		<-d.ended
		return fmt.Errorf("end testimonyd: %w", ctx.Err())
	}
	if sig == syscall.SIGTERM && d.err != nil {
		return fmt.Errorf("end testimonyd: %w\n%s", d.err, d.tail())
	}
	return nil
}

// Ended waits until the daemon has ended by itself, and gives its exit code.
func (d *Daemon) Ended(ctx context.Context) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd == nil {
		return 0, errors.New("testimonyd does not run")
	}
	select {
	case <-d.ended:
	case <-ctx.Done():
		return 0, fmt.Errorf("testimonyd goes on: %w", ctx.Err())
	}
	code := d.cmd.ProcessState.ExitCode()
	d.cmd = nil
	return code, nil
}

// Said is what the daemon wrote to its log, over all its lives.
func (d *Daemon) Said() (string, error) {
	b, err := os.ReadFile(d.logFile())
	return string(b), err
}

func (d *Daemon) logFile() string { return filepath.Clean(d.cfg.Dir) + ".log" }

// tail is the end of what the daemon said.
func (d *Daemon) tail() string {
	b, err := os.ReadFile(d.logFile())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
