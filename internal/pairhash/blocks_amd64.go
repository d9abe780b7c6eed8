package pairhash

// together says whether the processor has the instructions.
var together = supported()

// supported asks the processor for SHA, SSSE3 and SSE4.1 (CPUID leaves 1 and 7).
func supported() bool

// blocks hashes n blocks of p into a and of q into b.
func blocks(a, b *[8]uint32, p, q []byte, n int) {
	if n > 0 {
		twice(a, b, &p[:n*64][0], &q[:n*64][0], n)
	}
}

//go:noescape
func twice(a, b *[8]uint32, p, q *byte, n int)
