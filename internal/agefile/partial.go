package agefile

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/relatingfield/vault/internal/payload"
)

// Partial makes a file of the first bytes of a payload that is still coming, without
// a header: what lies in the object store, nil if nothing does, and the tail behind
// it. Its tag changes with its length.
func Partial(headerSHA256 []byte, stored *payload.File, tail []byte) *File {
	f := &File{stored: stored, payload: tail, length: int64(len(tail))}
	if stored != nil {
		f.length += stored.Size()
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("partial"), headerSHA256...), uint64(f.length)))
	f.PayloadSHA256 = sum[:]
	return f
}
