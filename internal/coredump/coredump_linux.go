package coredump

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Forbid keeps the memory of this process out of every file, from now on.
//
// A limit of zero keeps the kernel from writing a core file, but not from piping
// one to a collector that core_pattern names; being undumpable keeps it from
// both, and other programs of the same user from reading the memory.
func Forbid() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps of the memory: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("forbid core files: %w", err)
	}
	return nil
}
