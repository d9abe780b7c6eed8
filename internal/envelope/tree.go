package envelope

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// LeafSize is how much plaintext one leaf of a Tree covers, in bytes: whole
// chunks, so that a chunk never waits for more than one leaf.
const LeafSize = 1 << 20

// Tree is what is known of a plaintext: its length, and the SHA-256 of each MiB
// that has been read once. What its readers see for the first time is noted, and
// what they see again must be the same. It takes 32 bytes for each MiB, and one
// reader at a time.
//
// It is a list and not a tree of pairs: nobody ever proves one leaf to somebody
// who has not the others. What is hashed over it has one reading only, because the
// length comes first and says how many leaves follow, each of 32 bytes.
type Tree struct {
	size   int64
	leaves [][sha256.Size]byte
}

// NewTree knows nothing but the length of a plaintext.
func NewTree(size int64) *Tree { return &Tree{size: size} }

// Size is the length of the plaintext in bytes.
func (t *Tree) Size() int64 { return t.size }

// Known is how many bytes from the beginning have been read once.
func (t *Tree) Known() int64 { return min(int64(len(t.leaves))*LeafSize, t.size) }

// Hash is SHA-256(length, 8 bytes big-endian ‖ leaf ‖ leaf ‖ …). It fails before
// everything has been read once.
func (t *Tree) Hash() ([sha256.Size]byte, error) {
	if t.Known() != t.size {
		return [sha256.Size]byte{}, errors.New("hash the content: it has not been read to its end")
	}
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(t.size)))
	for _, leaf := range t.leaves {
		h.Write(leaf[:])
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// LeafStart is where the leaf begins that holds byte at, or the byte before it
// where at is the end of the plaintext: the end is proved by reading the last leaf.
func (t *Tree) LeafStart(at int64) int64 {
	return min(at, max(t.size-1, 0)) / LeafSize * LeafSize
}

// Reader reads the plaintext from byte at on. r must stand at LeafStart(at) of it,
// which must not lie behind Known.
func (t *Tree) Reader(r io.Reader, at int64) *Verified {
	start := t.LeafStart(at)
	return &Verified{tree: t, r: r, at: at, next: start / LeafSize, skip: at - start}
}

// learn reads the whole plaintext for the first time. A MiB is hashed while the next
// one is read, which for a container means: while its content is hashed too.
func (t *Tree) learn(r io.Reader) error {
	var bufs [2][]byte
	var hashing sync.WaitGroup
	defer hashing.Wait()
	leaves := make([][sha256.Size]byte, (t.size+LeafSize-1)/LeafSize)
	for n := range leaves {
		left := t.size - int64(n)*LeafSize
		if bufs[n%2] == nil {
			bufs[n%2] = make([]byte, min(LeafSize, left))
		}
		leaf := bufs[n%2][:min(LeafSize, left)]
		if err := fillLeaf(r, leaf, left <= LeafSize); err != nil {
			return err
		}
		hashing.Wait()
		hashing.Go(func() { leaves[n] = sha256.Sum256(leaf) })
	}
	hashing.Wait()
	t.leaves = leaves
	return nil
}

// Verified is a plaintext of which nothing is given before the whole MiB that it
// stands in has been compared with what was there when it was first read. When
// something else comes, or another length, it fails with ErrChanged.
type Verified struct {
	tree *Tree
	r    io.Reader
	at   int64 // where it began
	next int64 // leaf to be read next
	skip int64 // bytes before at in it

	buf   []byte
	ready []byte // part of buf
	err   error
}

// Read implements io.Reader.
func (v *Verified) Read(p []byte) (int, error) {
	for len(v.ready) == 0 && v.err == nil {
		if v.err = v.advance(); v.err != nil {
			clear(v.buf)
		}
	}
	n := copy(p, v.ready)
	if v.ready = v.ready[n:]; n > 0 {
		return n, nil
	}
	return 0, v.err
}

// advance makes the next leaf ready.
func (v *Verified) advance() error {
	start := v.next * LeafSize
	if start >= v.tree.size && v.next > 0 {
		return io.EOF
	}
	if v.buf == nil {
		v.buf = make([]byte, min(LeafSize, v.tree.size))
	}
	leaf := v.buf[:min(LeafSize, v.tree.size-start)]
	if err := fillLeaf(v.r, leaf, start+int64(len(leaf)) == v.tree.size); err != nil {
		return err
	}
	if err := v.tree.take(v.next, leaf); err != nil {
		return err
	}
	v.ready, v.skip = leaf[v.skip:], 0
	v.next++
	return nil
}

// fillLeaf reads a leaf. The last one counts only when nothing comes behind it: what
// has grown is not what it was.
func fillLeaf(r io.Reader, leaf []byte, last bool) error {
	_, err := readFull(r, leaf)
	if err == io.EOF {
		return fmt.Errorf("%w: it is shorter than it was", ErrChanged)
	}
	if err != nil || !last {
		return err
	}
	switch _, err := readFull(r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%w: it is longer than it was", ErrChanged)
	default:
		return err
	}
}

// take notes a leaf, or compares it.
func (t *Tree) take(n int64, leaf []byte) error {
	if len(leaf) == 0 {
		return nil
	}
	sum := sha256.Sum256(leaf)
	switch known := int64(len(t.leaves)); {
	case n > known:
		return errors.New("read the content: it must be read from its beginning first")
	case n == known:
		t.leaves = append(t.leaves, sum)
	case t.leaves[n] != sum:
		return fmt.Errorf("%w: other bytes stand where some were read before", ErrChanged)
	}
	return nil
}
