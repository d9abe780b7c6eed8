package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// grace is how long a target may take beside its time: to begin, to try the inputs that
// are kept, and to make one that broke something smaller.
const grace = 2 * time.Minute

// fuzz builds a package's tests once and runs its targets one after the other.
func (p pkg) fuzz(ctx context.Context, s settings, binary string) error {
	args, env, heavy := []string{"test", "-c", "-o", binary}, append(os.Environ(), "CGO_ENABLED=0"), p.sqlite(ctx)
	if !heavy || s.whole > 0 {
		args = append(args, "-fuzz=.") // guided by what is reached
	}
	if s.race && !heavy {
		args, env = append(args, "-race"), append(os.Environ(), "CGO_ENABLED=1")
	}
	build := exec.CommandContext(ctx, "go", append(args, "./"+filepath.ToSlash(p.dir))...)
	build.Dir, build.Env = p.root, env
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the tests of %s: %w\n%s", p.dir, err, out)
	}
	defer os.Remove(binary)
	for _, target := range p.targets {
		if err := p.one(ctx, s, binary, target); err != nil {
			return err
		}
	}
	return nil
}

// one runs a target in its package's folder, as go test does. It uses one core: the
// other is for another target.
func (p pkg) one(ctx context.Context, s settings, binary, target string) error {
	limit, stop := context.WithTimeout(ctx, s.each+grace)
	defer stop()
	corpus := filepath.Join(s.corpus, p.dir)
	if err := os.MkdirAll(corpus, 0o700); err != nil {
		return err
	}
	cmd := exec.CommandContext(limit, binary, "-test.run=^$", "-test.fuzz=^"+target+"$", "-test.fuzztime="+s.each.String(), "-test.fuzzminimizetime=5s",
		"-test.fuzzcachedir="+corpus, "-test.parallel=1")
	cmd.Dir = filepath.Join(p.root, p.dir)
	// An interrupt lets it stop its worker.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(os.Interrupt) }, 10*time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() == nil && onlyLate(string(out)) {
		return p.keep(s, corpus, target)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s.%s: %w\n%s", filepath.ToSlash(p.dir), target, err, out), ctx.Err())
	}
	if !strings.Contains(string(out), "PASS") || !strings.Contains(string(out), "fuzz: elapsed") {
		return fmt.Errorf("%s.%s did not run:\n%s", filepath.ToSlash(p.dir), target, out)
	}
	return p.keep(s, corpus, target)
}

// onlyLate tells a target whose time ended while its worker was between two inputs:
// testing then calls it failed with the end of its own deadline, and names no input.
func onlyLate(out string) bool {
	_, after, failed := strings.Cut(out, "--- FAIL: ")
	_, why, _ := strings.Cut(after, "\n")
	return failed && strings.TrimSpace(why) == "context deadline exceeded\nFAIL"
}

// mostKept bounds an input that is kept, in bytes.
const mostKept = 1 << 10

// keep copies the longest of the small inputs that reached new code to the package's testdata.
func (p pkg) keep(s settings, corpus, target string) error {
	files, err := os.ReadDir(filepath.Join(corpus, target))
	if errors.Is(err, fs.ErrNotExist) || s.keep == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	type input struct {
		name  string
		bytes []byte
	}
	var list []input
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(corpus, target, f.Name()))
		if err != nil {
			return err
		}
		if len(b) <= mostKept {
			list = append(list, input{f.Name(), b})
		}
	}
	slices.SortFunc(list, func(a, b input) int {
		return cmp.Or(cmp.Compare(len(b.bytes), len(a.bytes)), strings.Compare(a.name, b.name))
	})
	to := filepath.Join(p.root, p.dir, "testdata", "fuzz", target)
	for _, in := range list[:min(s.keep, len(list))] {
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, in.name), in.bytes, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// sqlite tells whether a package's tests have the driver inside.
func (p pkg) sqlite(ctx context.Context) bool {
	list := exec.CommandContext(ctx, "go", "list", "-test", "-deps", "./"+filepath.ToSlash(p.dir))
	list.Dir = p.root
	out, err := list.Output()
	return err != nil || strings.Contains(string(out), "modernc.org/sqlite")
}
