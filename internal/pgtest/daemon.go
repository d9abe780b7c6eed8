package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// StartIn makes a cluster without durability in the new folder dir and leaves
// it running when this process ends: StopIn ends it.
func StartIn(ctx context.Context, dir string) error {
	bin, err := programs()
	if err != nil {
		return err
	}
	as, err := account()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	if len(dir)+len("/.s.PGSQL.5432") > maxSocketPath {
		return fmt.Errorf("%s has too long a name for a socket: choose a shorter one", dir)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	err = as.give(dir)
	if err == nil {
		err = initialise(ctx, bin, dir, as, conf(Options{NoFsync: true}, dir, 0))
	}
	if err == nil {
		err = control(ctx, bin, dir, as, "start", "-l", filepath.Join(dir, "log"))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return nil
}

// StopIn ends what StartIn started in dir and removes dir.
func StopIn(ctx context.Context, dir string) error {
	bin, err := programs()
	if err != nil {
		return err
	}
	as, err := account()
	if err != nil {
		return err
	}
	if err := control(ctx, bin, dir, as, "stop", "-m", "immediate"); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// control runs pg_ctl and waits for its effect. Its output goes nowhere: a
// server that inherited a pipe would keep the reader waiting for ever.
func control(ctx context.Context, bin, dir string, as *owner, verb string, args ...string) error {
	args = append([]string{verb, "-w", "-s", "-D", filepath.Join(dir, "data")}, args...)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "pg_ctl"), args...)
	cmd.SysProcAttr = as.attr()
	cmd.Dir = dir
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pg_ctl %s: %w (see %s)", verb, err, filepath.Join(dir, "log"))
	}
	return nil
}
