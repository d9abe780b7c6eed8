//go:build !linux

package pgtest

import "errors"

var errFreeze = errors.New("a postgresql can be frozen on linux only")

// Freeze needs Linux.
func (c *Cluster) Freeze() error { return errFreeze }

// Thaw needs Linux.
func (c *Cluster) Thaw() error { return errFreeze }
