//go:build !amd64

package pairhash

const together = false

// blocks is never called where together is false.
func blocks(_, _ *[8]uint32, _, _ []byte, _ int) { panic("pairhash: not on this processor") }
