package envelope

import "fmt"

const blockSize = 512

// member is one file of the container: its name and size are all that varies
// in its header block.
type member struct {
	name string
	size int64
}

// block is the ustar header (POSIX.1-1988, "ustar Interchange Format"): a plain
// file, mode 0400, no owner, no time. Two containers with the same member names
// and sizes have the same headers, whoever made them, when and where.
func (m member) block() [blockSize]byte {
	var b [blockSize]byte
	copy(b[0:100], m.name)
	copy(b[100:], "0000400\x00") // mode
	copy(b[108:], "0000000\x00") // uid
	copy(b[116:], "0000000\x00") // gid
	copy(b[124:], fmt.Sprintf("%011o\x00", m.size))
	copy(b[136:], "00000000000\x00") // mtime
	b[156] = '0'                     // a plain file
	copy(b[257:], "ustar\x0000")
	copy(b[329:], "0000000\x00") // device major
	copy(b[337:], "0000000\x00") // device minor
	copy(b[148:], checksum(b))
	return b
}

// checksum is the sum of all bytes with the checksum field as eight blanks.
func checksum(b [blockSize]byte) string {
	sum := 8 * int(' ')
	for _, c := range b {
		sum += int(c)
	}
	return fmt.Sprintf("%06o\x00 ", sum)
}

// padded rounds up to whole blocks.
func padded(size int64) int64 { return (size + blockSize - 1) / blockSize * blockSize }

// parseSize reads the size field of a header block. What it accepts too freely
// is caught by the caller, who builds the block of that size and compares.
func parseSize(b [blockSize]byte) (size int64) {
	for _, digit := range b[124:135] {
		size = size<<3 | int64(digit-'0')&7
	}
	return size
}
