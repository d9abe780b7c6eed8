package envelope

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Container is an opened container whose content is still to be read.
type Container struct {
	Info PartInfo
	Size int64 // of the content in bytes

	r       io.Reader
	left    int64
	infoSum [sha256.Size]byte
	hash    hash.Hash
	filling int64
	end     error
}

// ReadContainer reads r up to the first byte of the content. Every header must
// be the very block that Contain writes; anything else is an ErrContainer. An
// error of r itself is passed on.
func ReadContainer(r io.Reader) (*Container, error) {
	c := &Container{r: r, hash: sha256.New()}
	if err := c.readHead(); err != nil {
		return nil, fmt.Errorf("read container: %w", err)
	}
	return c, nil
}

// Read gives the content. It returns io.EOF only after everything behind the
// content has been read and found right too: the checksums, the end of the
// archive, zeros up to the length class, and nothing more. Until then what was
// read is not to be relied on.
func (c *Container) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, c.finish()
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.hash.Write(p[:n])
	if err == io.EOF && c.left > 0 {
		return n, fmt.Errorf("read container: %w: it ends inside the content", ErrContainer)
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (c *Container) finish() error {
	if c.end == nil {
		if c.end = c.readTail(); c.end == nil {
			c.end = io.EOF
		} else {
			c.end = fmt.Errorf("read container: %w", c.end)
		}
	}
	return c.end
}

func (c *Container) readHead() error {
	if _, err := c.readMember(markerName, 0); err != nil {
		return err
	}
	infoLen, err := c.readMember(infoName, maxPartInfo)
	if err != nil {
		return err
	}
	text, err := c.take(padded(infoLen))
	if err != nil {
		return err
	}
	if err := c.readInfo(text, infoLen); err != nil {
		return err
	}
	if c.Size, err = c.readMember(contentName, MaxPlaintext); err != nil {
		return err
	}
	size, err := containerSize(int(infoLen), c.Size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrContainer, err)
	}
	c.left, c.filling = c.Size, size-archiveSize(int(infoLen), c.Size)+endBlocks
	return nil
}

func (c *Container) readInfo(text []byte, n int64) (err error) {
	if c.Info, err = ParsePartInfo(text[:n]); err != nil {
		return err
	}
	c.infoSum = sha256.Sum256(text[:n])
	return allZero(text[n:])
}

// readMember accepts one spelling of a header: the block we would write.
func (c *Container) readMember(name string, limit int64) (size int64, err error) {
	text, err := c.take(blockSize)
	if err != nil {
		return 0, err
	}
	got := [blockSize]byte(text)
	if size = parseSize(got); size > limit {
		return 0, fmt.Errorf("%w: %s is longer than %d bytes", ErrContainer, name, limit)
	}
	if got != (member{name, size}).block() {
		return 0, fmt.Errorf("%w: expected the header of %s, exactly as this vault writes it", ErrContainer, name)
	}
	return size, nil
}

func (c *Container) readTail() error {
	want := tail(c.infoSum, [sha256.Size]byte(c.hash.Sum(nil)), c.Size)
	got, err := c.take(int64(len(want)))
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: checksums do not match the content", ErrContainer)
	}
	return c.readFilling()
}

func (c *Container) readFilling() error {
	buf := make([]byte, min(c.filling, ChunkSize))
	for left := c.filling; left > 0; left -= int64(len(buf)) {
		buf = buf[:min(left, int64(len(buf)))]
		if err := c.fill(buf); err != nil {
			return err
		}
		if err := allZero(buf); err != nil {
			return err
		}
	}
	switch _, err := readFull(c.r, make([]byte, 1)); err {
	case io.EOF:
		return nil
	case nil:
		return fmt.Errorf("%w: it goes on after its length class", ErrContainer)
	default:
		return err
	}
}

func (c *Container) take(n int64) ([]byte, error) {
	b := make([]byte, n)
	return b, c.fill(b)
}

func (c *Container) fill(p []byte) error {
	_, err := readFull(c.r, p)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it ends early", ErrContainer)
	}
	return err
}

func allZero(b []byte) error {
	for _, c := range b {
		if c != 0 {
			return fmt.Errorf("%w: bytes hidden in the filling", ErrContainer)
		}
	}
	return nil
}
