package envelope

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"runtime"
)

// Binding says which payload is meant and which key opens it. It must come from
// a statement whose signature the caller has verified, never from the server's
// word.
type Binding struct {
	SHA256 [sha256.Size]byte // of the whole payload
	Commit [sha256.Size]byte // as Commit computes it
	Size   int64             // of the payload in bytes
}

// check holds key against the commitment and gives the plaintext's size.
func (b Binding) check(key FileKey) (plaintext int64, err error) {
	if err := CheckCommit(key, b.SHA256, b.Commit); err != nil {
		return 0, err
	}
	return PlaintextSize(b.Size)
}

// OpenPayload writes the plaintext of the payload src to dst. It returns nil
// only if key is the one committed to, src was exactly want.Size bytes with the
// digest want.SHA256, and every chunk authenticated in its place.
//
// dst must be temporary until then. Plaintext is written before the digest of
// the whole is known, because a payload does not fit in memory; a caller who
// shows it, keeps it, or gives it its final name before OpenPayload has returned
// nil can be shown something nobody sealed. A key that was not committed to is
// refused before a byte is read or written.
//
// The cores there are (at most four) decrypt while others read, hash and write.
// src is read by the caller's goroutine and dst written by another; when
// OpenPayload returns none of its goroutines is left.
func OpenPayload(dst io.Writer, src io.Reader, key FileKey, want Binding) error {
	if err := openPayload(dst, src, key, want, min(runtime.GOMAXPROCS(0), 4)); err != nil {
		return fmt.Errorf("open payload: %w", err)
	}
	return nil
}

func openPayload(dst io.Writer, src io.Reader, key FileKey, want Binding, workers int) error {
	if _, err := want.check(key); err != nil {
		return err
	}
	o := &opener{src: &sealedSource{r: src, left: want.Size}, hash: sha256.New(), dst: dst}
	if err := o.begin(key); err != nil {
		return err
	}
	if err := o.run(workers); err != nil {
		return err
	}
	if [sha256.Size]byte(o.hash.Sum(nil)) != want.SHA256 {
		return fmt.Errorf("%w: its digest is another", ErrPayload)
	}
	return nil
}

// opener holds what the stages of one OpenPayload use; each field belongs to
// the one stage that changes it.
type opener struct {
	stream stream
	src    *sealedSource
	hash   hash.Hash
	dst    io.Writer
}

func (o *opener) begin(key FileKey) (err error) {
	var nonce [NonceSize]byte
	if err := o.src.read(nonce[:]); err != nil {
		return err
	}
	o.hash.Write(nonce[:])
	o.stream, err = newStream(key, nonce)
	return err
}

// run opens a payload of one chunk where the caller stands.
func (o *opener) run(workers int) error {
	if o.src.left > sealedChunk {
		p := newPipeline(workers, func() *batch { return newBatch(batchChunks) })
		p.serial(o.hashBatch)
		p.parallel(workers, o.stream.open)
		p.finally(o.writeBatch)
		return p.feed(o.src.fill)
	}
	only := newBatch(1)
	defer only.wipe()
	for _, stage := range []stage{o.src.fill, o.hashBatch, o.stream.open, o.writeBatch} {
		if err := stage(only); err != nil {
			return err
		}
	}
	return nil
}

// hashBatch comes before the decryption, which happens in place.
func (o *opener) hashBatch(b *batch) error {
	_, err := o.hash.Write(b.data)
	return err
}

func (o *opener) writeBatch(b *batch) error {
	return b.each(func(_ int64, _ bool, opened []byte) error {
		plaintext := opened[:len(opened)-tagSize]
		n, err := o.dst.Write(plaintext)
		if err == nil && n != len(plaintext) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	})
}

// sealedSource cuts a payload of known size into batches. Because the size is
// known, and has been found possible, so is the last chunk.
type sealedSource struct {
	r    io.Reader
	left int64
	next int64 // index of the next chunk
}

func (s *sealedSource) fill(b *batch) error {
	b.first, b.data = s.next, b.buf[:min(s.left, int64(len(b.buf)))]
	if err := s.read(b.data); err != nil {
		return err
	}
	s.next += int64(len(b.buf) / sealedChunk)
	if b.last = s.left == 0; b.last {
		return s.expectEnd()
	}
	return nil
}

func (s *sealedSource) read(p []byte) error {
	n, err := readFull(s.r, p)
	s.left -= int64(n)
	if err == io.EOF {
		return fmt.Errorf("%w: it ends %d bytes early", ErrPayload, s.left)
	}
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}

func (s *sealedSource) expectEnd() error {
	_, err := readFull(s.r, make([]byte, 1))
	if err == nil {
		return fmt.Errorf("%w: it goes on after its end", ErrPayload)
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
