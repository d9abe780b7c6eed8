//go:build !linux

package coredump

// Forbid does nothing here: docs/threat-model.md names Linux as the system to run
// on.
func Forbid() error { return nil }
