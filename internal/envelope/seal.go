package envelope

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/relatingfield/vault/internal/pairhash"
)

// Sealed describes a payload that has been written.
type Sealed struct {
	SHA256 [sha256.Size]byte // of the whole payload, nonce included
	Size   int64             // of the payload in bytes
}

// Seal reads the plaintext src to its end and writes the payload to dst: nonce,
// then STREAM chunks, byte for byte what age writes. Nothing but ciphertext
// reaches dst. Only io.EOF ends src; any other error, io.ErrUnexpectedEOF of a
// broken line among them, fails the whole, and what dst has received must be
// thrown away. A plaintext beyond MaxPlaintext is an ErrSize.
//
// workers goroutines, from 1 to 16, seal while others hash and write. Buffers
// take about one MiB for each and four for all, however long src is, and one or two
// in all where src is slower than they are; a plaintext of up to one chunk is sealed
// where the caller stands. src is read by the caller's goroutine and dst written by
// another. When Seal returns none of its goroutines is left, so it waits for a
// Write that has begun.
//
// The reader that Contain gives is read as it is; only what it would hash on the
// way is hashed beside the payload, which costs little more than one of the two.
//
// key must not have sealed anything before.
func Seal(dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte, workers int) (Sealed, error) {
	return sealWith(NewCrew(workers), dst, src, key, nonce)
}

func sealWith(crew *Crew, dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte) (Sealed, error) {
	s, err := newSealer(dst, src, key, nonce)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal payload: %w", err)
	}
	if err := s.run(crew); err != nil {
		return Sealed{}, fmt.Errorf("seal payload: %w", err)
	}
	return Sealed{SHA256: s.digest.Sum256(), Size: s.size}, nil
}

// sealer holds what the stages of one Seal work with: the digests belong to the
// hash stage, dst and size to the write stage, src to the caller.
type sealer struct {
	stream  stream
	src     *plainSource
	content *contained // nil where src is no container
	digest  *pairhash.Digest
	dst     io.Writer
	size    int64
}

func newSealer(dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte) (*sealer, error) {
	stream, err := newStream(key, nonce)
	if err != nil {
		return nil, err
	}
	s := &sealer{stream: stream, src: &plainSource{r: src}, digest: pairhash.New(), dst: dst}
	if c, ok := src.(*contained); ok {
		s.content, s.src = c, &plainSource{r: c.unhashed, content: c}
	}
	s.digest.Write(nonce[:])
	return s, s.writeBatch(&batch{data: nonce[:]})
}

// run seals a first batch of one chunk by itself, because most testimonies are
// no longer, and starts goroutines only for what follows.
func (s *sealer) run(crew *Crew) error {
	first := newSealingBatch(1)
	defer first.wipe()
	for _, stage := range []stage{s.src.fill, s.stream.seal, s.hashBatch, s.writeBatch} {
		if err := stage(first); err != nil {
			return err
		}
	}
	if first.last {
		return nil
	}
	return s.runRest(crew)
}

func (s *sealer) runRest(crew *Crew) error {
	workers := cap(crew.turns)
	p := newPipeline(workers, func() *batch { return newSealingBatch(batchChunks) })
	s.src.settle = p.settle
	p.parallel(workers, crew.taking(s.stream.seal))
	p.serial(crew.taking(s.hashBatch))
	p.finally(s.writeBatch)
	return p.feed(s.src.fill)
}

// hashBatch hashes what was sealed, and beside it what it was made of.
func (s *sealer) hashBatch(b *batch) error {
	if s.content == nil {
		_, err := s.digest.Write(b.data)
		return err
	}
	pairhash.Write(s.content.digest, s.content.part(b.first*ChunkSize, b.plain), s.digest, b.data)
	return nil
}

func (s *sealer) writeBatch(b *batch) error {
	n, err := s.dst.Write(b.data)
	if err == nil && n != len(b.data) {
		err = io.ErrShortWrite
	}
	if s.size += int64(n); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// plainSource cuts a plaintext into batches. It reads one byte more than goes
// into each, so that it knows whether a batch is the last before it is sealed.
type plainSource struct {
	r       io.Reader
	content *contained // whose rest follows r, or nil
	settle  func()     // waits until all batches before have been hashed

	ahead []byte // the byte that was read too much, if any
	next  int64  // index of the next chunk
}

// fill reads as many chunks as there is room for in b.
func (s *plainSource) fill(b *batch) error {
	b.first = s.next
	n := copy(b.room, s.ahead)
	m, err := readFull(s.r, b.room[n:])
	n += m
	if err == io.EOF && s.content != nil {
		s.finish(b.room[:n])
		m, err = readFull(s.r, b.room[n:])
		n += m
	}
	if err != nil && err != io.EOF {
		return fmt.Errorf("read: %w", err)
	}
	b.last = err == io.EOF
	if !b.last {
		n--
		s.ahead = append(s.ahead[:0], b.room[n])
	}
	b.plain = b.room[:n]
	s.next += chunkCount(int64(n))
	if s.next > MaxPlaintext/ChunkSize {
		return fmt.Errorf("%w: plaintext beyond %d bytes", ErrSize, int64(MaxPlaintext))
	}
	return nil
}

// finish hashes what is in p of the content, which has ended there, after all
// that came before it, and goes on with what follows the content.
func (s *plainSource) finish(p []byte) {
	c := s.content
	s.content = nil
	if s.settle != nil { // else this is the first batch
		s.settle()
	}
	c.digest.Write(c.part(s.next*ChunkSize, p))
	c.hashed = c.to
	s.r = c.rest()
}

// readFull fills p, or fills what there is and returns io.EOF. Unlike
// io.ReadFull it never answers a source that ends properly inside p with the
// io.ErrUnexpectedEOF by which a source reports that it was cut off: a torn
// upload must not be sealed as if it were whole.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for empty := 0; n < len(p) && err == nil; {
		var m int
		m, err = r.Read(p[n:])
		if n += m; m > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	if n == len(p) && err == io.EOF {
		err = nil
	}
	return n, err
}
