package envelope

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
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
// take about one MiB for each and two for all, however long src is; a plaintext
// of up to one chunk is sealed where the caller stands. src is read by the
// caller's goroutine and dst written by another. When Seal returns none of its
// goroutines is left, so it waits for a Write that has begun.
//
// key must not have sealed anything before.
func Seal(dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte, workers int) (Sealed, error) {
	digest := NewRunning()
	s := &sealer{digest: digest, dst: dst}
	if err := s.seal(&plainSource{r: src}, key, nonce, workers); err != nil {
		return Sealed{}, fmt.Errorf("seal payload: %w", err)
	}
	return digest.Sealed(), nil
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
	s := &sealer{digest: digest, dst: dst, from: from}
	if err := s.seal(&plainSource{r: src, next: start / ChunkSize}, key, nonce, workers); err != nil {
		return fmt.Errorf("seal payload: %w", err)
	}
	return nil
}

// sealer holds what the stages of one sealing write to: the digest belongs to the
// hash stage, dst to the write stage.
type sealer struct {
	stream stream
	digest *Running
	dst    io.Writer
	from   int64 // bytes of the payload before it are not written
}

func (s *sealer) seal(src *plainSource, key FileKey, nonce [NonceSize]byte, workers int) (err error) {
	if s.stream, err = newStream(key, nonce); err != nil {
		return err
	}
	if err := s.digest.take(0, nonce[:]); err != nil {
		return err
	}
	if err := s.write(0, nonce[:]); err != nil {
		return err
	}
	return s.run(src, min(max(workers, 1), maxWorkers))
}

// run seals a first batch of one chunk by itself, because most testimonies are
// no longer, and starts goroutines only for what follows.
func (s *sealer) run(src *plainSource, workers int) error {
	first := newBatch(1)
	defer clear(first.buf)
	if err := src.fill(first); err != nil {
		return err
	}
	for _, stage := range []stage{s.stream.seal, s.hashBatch, s.writeBatch} {
		if err := stage(first); err != nil {
			return err
		}
	}
	if first.last {
		return nil
	}
	return s.runRest(src, workers)
}

func (s *sealer) runRest(src *plainSource, workers int) error {
	p := newPipeline(workers)
	p.parallel(workers, s.stream.seal)
	p.serial(s.hashBatch)
	p.serial(s.writeBatch)
	p.recycle()
	return p.feed(src.fill)
}

func (s *sealer) hashBatch(b *batch) error { return s.digest.take(b.at(), b.data) }

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

// plainSource cuts a plaintext into batches. It reads one byte ahead of each,
// so that it knows whether a batch is the last before the batch is sealed.
type plainSource struct {
	r     io.Reader
	ahead []byte
	next  int64 // index of the next chunk
}

// fill reads chunks into b, each at its place, leaving room for the tags.
func (s *plainSource) fill(b *batch) error {
	b.first, b.last, b.data = s.next, false, b.buf[:0]
	src := io.MultiReader(bytes.NewReader(s.ahead), s.r)
	for len(b.data) < len(b.buf) && !b.last {
		n, err := readFull(src, b.buf[len(b.data):][:ChunkSize])
		if err != nil && err != io.EOF {
			return fmt.Errorf("read: %w", err)
		}
		if n > 0 && s.next == MaxPlaintext/ChunkSize {
			return fmt.Errorf("%w: plaintext beyond %d bytes", ErrSize, int64(MaxPlaintext))
		}
		if b.last = err == io.EOF; n > 0 || s.next == 0 {
			b.data = b.buf[:len(b.data)+n+tagSize]
			s.next++
		}
	}
	if b.last {
		return nil
	}
	return s.lookAhead(b)
}

func (s *plainSource) lookAhead(b *batch) error {
	s.ahead = make([]byte, 1)
	_, err := readFull(s.r, s.ahead)
	if b.last = err == io.EOF; err != nil && !b.last {
		return fmt.Errorf("read: %w", err)
	}
	return nil
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
