package envelope

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/bits"
)

// The container is the plaintext of a part: a ustar archive of four members,
// filled with zeros up to a length class.
//
//	TESTIMONY-VAULT-1   empty; the first 512 bytes of every container are the same
//	part.json           PartInfo
//	content             the testimony, byte for byte as she gave it
//	SHA256SUMS          of the three above, for sha256sum -c
//
// It is a tar archive so that a reader needs nothing of ours in thirty years,
// and content has a constant name because ustar cannot hold an Arabic one. The
// constant first block lets clients tell that a key opened the right thing.
const (
	markerName  = "TESTIMONY-VAULT-1"
	infoName    = "part.json"
	contentName = "content"
	sumsName    = "SHA256SUMS"

	endBlocks = 2 * blockSize // the zero blocks that end an archive
)

// emptySHA256 is the digest of the marker, which has no bytes.
func emptySHA256() [sha256.Size]byte { return sha256.Sum256(nil) }

// sums is the text of SHA256SUMS in the format of coreutils. Its length is constant.
func sums(info, content [sha256.Size]byte) []byte {
	return fmt.Appendf(nil, "%x  %s\n%x  %s\n%x  %s\n",
		emptySHA256(), markerName, info, infoName, content, contentName)
}

// ContainerSize is the length in bytes of the container of so much content,
// known before the first byte of it. Content that does not fit into one part
// of MaxPlaintext is an ErrSize.
func ContainerSize(info PartInfo, contentLen int64) (int64, error) {
	text, err := info.Encode()
	if err != nil {
		return 0, err
	}
	return containerSize(len(text), contentLen)
}

func containerSize(infoLen int, contentLen int64) (int64, error) {
	if contentLen < 0 || contentLen > MaxPlaintext {
		return 0, fmt.Errorf("content of %d bytes: %w: split it into parts", contentLen, ErrSize)
	}
	size := lengthClass(archiveSize(infoLen, contentLen))
	if size > MaxPlaintext {
		return 0, fmt.Errorf("content of %d bytes: %w: split it into parts", contentLen, ErrSize)
	}
	return size, nil
}

// archiveSize is the length without the filling.
func archiveSize(infoLen int, contentLen int64) int64 {
	sumsLen := int64(len(sums([sha256.Size]byte{}, [sha256.Size]byte{})))
	return 4*blockSize + padded(int64(infoLen)) + padded(contentLen) + padded(sumsLen) + endBlocks
}

// lengthClass rounds a length up, so that it tells little about the content:
// to 16, 32 or 64 KiB, and beyond by Padmé (Nikitin et al., "Reducing Metadata
// Leakage from Encrypted Files and Communication with PURBs", 2019), which
// leaks only O(log log) bits of the length and adds at most 3.2 % here.
func lengthClass(n int64) int64 {
	for _, class := range []int64{16 << 10, 32 << 10, 64 << 10} {
		if n <= class {
			return class
		}
	}
	exponent := bits.Len64(uint64(n)) - 1
	mantissa := bits.Len(uint(exponent)) // ⌊log2 exponent⌋ + 1
	step := int64(1) << (exponent - mantissa)
	return (n + step - 1) / step * step
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func zeroReader(n int64) io.Reader { return io.LimitReader(zeros{}, n) }
