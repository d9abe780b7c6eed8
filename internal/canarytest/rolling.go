package canarytest

import "io"

const (
	base       = 0x9e3779b97f4a7c15 // odd, hence invertible: no byte falls out of the hash
	filterBits = 24
	block      = 1 << 20
)

// hashOf is the polynomial of a window's bytes at base, modulo 2^64.
func hashOf(w []byte) uint64 {
	var h uint64
	for _, b := range w {
		h = h*base + uint64(b)
	}
	return h
}

// bitOf takes the upper bits, which all bytes of the window reach.
func bitOf(hash uint64) uint64 { return hash >> (64 - filterBits) }

// oldest is what the first byte of a window weighs in its hash.
func oldest() uint64 {
	p := uint64(1)
	for range width - 1 {
		p *= base
	}
	return p
}

// rolling shows every window of r to look, with its offset and hash, until look
// has seen enough. Blocks overlap by a window less one byte, so none is missed
// between them.
func rolling(r io.Reader, look func(at int64, hash uint64, window []byte) bool) error {
	buf := make([]byte, 0, block+width)
	weight := oldest()
	for at := int64(0); ; {
		n, err := io.ReadFull(r, buf[len(buf):len(buf)+block])
		buf = buf[:len(buf)+n]
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		if len(buf) >= width && !roll(buf, at, weight, look) || err != nil {
			return nil
		}
		kept := copy(buf, buf[len(buf)-(width-1):])
		at += int64(len(buf) - kept)
		buf = buf[:kept]
	}
}

func roll(b []byte, at int64, weight uint64, look func(int64, uint64, []byte) bool) bool {
	h := hashOf(b[:width])
	for i := 0; ; i++ {
		if !look(at+int64(i), h, b[i:i+width]) {
			return false
		}
		if i+width == len(b) {
			return true
		}
		h = (h-uint64(b[i])*weight)*base + uint64(b[i+width])
	}
}
