package fieldform

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"errors"
	"io"
)

// BlockSize divides the length of every encrypted file.
const BlockSize = aes.BlockSize

// ErrDamaged says that a file is not what was encrypted, or not with this key.
var ErrDamaged = errors.New("a file of the form is damaged, or it was made for another key")

// vectors gives the initialisation vector of one file after the other.
type vectors struct {
	seed [md5.Size]byte
	n    int
}

func newVectors(instanceID string, key []byte) *vectors {
	return &vectors{seed: md5.Sum(append([]byte(instanceID), key...))}
}

func (v *vectors) next() [aes.BlockSize]byte {
	v.seed[v.n%len(v.seed)]++
	v.n++
	return v.seed
}

// decrypt undoes AES-CFB with feedback of whole blocks, and the padding. It is
// written out because the library's own is marked as not to be used, for the reason
// that this package's comment gives: the mode hides and does not protect. What has
// been written when it gives an error is worth nothing.
//
// Whether the padding is right is told to whoever holds the private key already, so
// nobody can ask questions of it.
func decrypt(dst io.Writer, src io.Reader, block cipher.Block, iv [aes.BlockSize]byte) error {
	in, out := bufio.NewReaderSize(src, 64<<10), bufio.NewWriterSize(dst, 64<<10)
	feedback, pad := iv, [aes.BlockSize]byte{}
	var plain []byte // the last block, which may be padding
	for {
		var c [aes.BlockSize]byte
		_, err := io.ReadFull(in, c[:])
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return ErrDamaged
		}
		if err != nil {
			return err
		}
		if _, err := out.Write(plain); err != nil {
			return err
		}
		block.Encrypt(pad[:], feedback[:])
		plain = append(plain[:0], c[:]...)
		for i := range plain {
			plain[i] ^= pad[i]
		}
		feedback = c
	}
	content, err := unpad(plain)
	if err != nil {
		return err
	}
	if _, err := out.Write(content); err != nil {
		return err
	}
	return out.Flush()
}

// unpad takes PKCS#7 padding off the last block.
func unpad(last []byte) ([]byte, error) {
	if len(last) != aes.BlockSize {
		return nil, ErrDamaged
	}
	n := int(last[len(last)-1])
	if n < 1 || n > len(last) {
		return nil, ErrDamaged
	}
	for _, b := range last[len(last)-n:] {
		if int(b) != n {
			return nil, ErrDamaged
		}
	}
	return last[:len(last)-n], nil
}
