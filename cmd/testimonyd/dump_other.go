//go:build !linux

package main

// forbidDumps does nothing here: docs/threat-model.md names Linux as the system to
// run on.
func forbidDumps() error { return nil }
