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
	s := &sealer{src: &plainSource{r: src}, digest: NewRunning(), dst: dst}
	if c, ok := src.(*contained); ok {
		s.content, s.src = c, &plainSource{r: c.unhashed, content: c}
	}
	if err := s.seal(key, nonce, crew); err != nil {
		return Sealed{}, fmt.Errorf("seal payload: %w", err)
	}
	return s.digest.Sealed(), nil
}

// SealFrom writes the bytes from from on of the payload that Seal would write, and
// hashes into digest what has not been hashed yet. src must have been made to begin
// at digest.Start(from). A from behind the end writes nothing, and still hashes.
//
// It may be called again and again with one key and nonce, which must be derived
// from what src was compared with (see DeriveNonce), or drawn for a Tree that was
// new at the first call: what comes out is then always the same. Otherwise it is
// like Seal. After an error it may be called anew, with a new source.
func SealFrom(dst io.Writer, src *Verified, key FileKey, nonce [NonceSize]byte, from int64, digest *Running, workers int) error {
	start := digest.Start(from)
	if src.at != start {
		return fmt.Errorf("seal payload: the content stands at byte %d, not at %d", src.at, start)
	}
	s := &sealer{src: &plainSource{r: src, next: start / ChunkSize}, digest: digest, dst: dst, from: from}
	if err := s.seal(key, nonce, NewCrew(workers)); err != nil {
		return fmt.Errorf("seal payload: %w", err)
	}
	return nil
}

// sealer holds what the stages of one sealing work with: the digests belong to the
// hash stage, dst to the write stage, src to the caller.
type sealer struct {
	stream  stream
	src     *plainSource
	content *contained // nil where src is no container
	digest  *Running
	dst     io.Writer
	from    int64 // bytes of the payload before it are not written
}

func (s *sealer) seal(key FileKey, nonce [NonceSize]byte, crew *Crew) (err error) {
	if s.stream, err = newStream(key, nonce); err != nil {
		return err
	}
	if err := s.hash(0, nonce[:], nil); err != nil {
		return err
	}
	if err := s.write(0, nonce[:]); err != nil {
		return err
	}
	return s.run(crew)
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
		return s.hash(b.at(), b.data, nil)
	}
	return s.hash(b.at(), b.data, s.content.part(b.first*ChunkSize, b.plain))
}

func (s *sealer) hash(at int64, sealed, content []byte) error {
	beside := pairhash.New()
	if s.content != nil {
		beside = s.content.digest
	}
	return s.digest.take(at, sealed, beside, content)
}

func (s *sealer) writeBatch(b *batch) error { return s.write(b.at(), b.data) }

// write passes on what does not stand before from.
func (s *sealer) write(at int64, data []byte) error {
	data = behind(data, s.from-at)
	if len(data) == 0 {
		return nil
	}
	n, err := s.dst.Write(data)
	if err == nil && n != len(data) {
		err = io.ErrShortWrite
	}
	if err != nil {
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
	s.next += b.chunks()
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
