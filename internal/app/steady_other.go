//go:build !linux

package app

import "time"

// steady is a clock that nobody sets; where the system stops it while the machine
// sleeps, waking up counts as a jump.
func steady() time.Time { return time.Now() }
