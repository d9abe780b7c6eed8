package envelope

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"

	"github.com/relatingfield/vault/internal/pairhash"
)

// Contain returns a reader of the container around content, which must hold
// exactly contentLen bytes: the reader fails when content ends before or goes
// on after them. It hashes content while it passes, and keeps nothing of it.
// The container's length is ContainerSize.
func Contain(info PartInfo, content io.Reader, contentLen int64) (io.Reader, error) {
	l, err := layoutOf(info, contentLen)
	if err != nil {
		return nil, err
	}
	before := head(l.info, l.content)
	c := &contained{from: int64(len(before)), to: int64(len(before)) + contentLen, digest: pairhash.New()}
	body := &exactly{r: content, left: contentLen, hash: unheard{}, wrong: ErrSize}
	c.rest = func() io.Reader {
		return io.MultiReader(bytes.NewReader(l.tail(c.digest.Sum256())), zeroReader(l.filling()))
	}
	c.unhashed = io.MultiReader(bytes.NewReader(before), body)
	c.Reader = io.MultiReader(bytes.NewReader(before), io.TeeReader(body, c.digest), &later{open: c.rest})
	return c, nil
}

// contained is a container. Whoever reads it has its content hashed on the way;
// Seal reads what is unhashed, hashes the content when it hashes what it has made
// of it, and goes on with the rest.
type contained struct {
	io.Reader
	unhashed io.Reader        // up to the end of the content
	rest     func() io.Reader // what follows, once the content is hashed

	from, to int64 // where the content lies
	hashed   int64 // up to where Seal's source has hashed it itself
	digest   *pairhash.Digest
}

// part is what there is of the content in the plaintext p, which stands at at,
// and is still to be hashed.
func (c *contained) part(at int64, p []byte) []byte {
	from, to := max(c.from, c.hashed)-at, min(c.to-at, int64(len(p)))
	if from >= to {
		return nil
	}
	return p[max(from, 0):to]
}

// layout is what a container looks like around a content that is still to come.
type layout struct {
	info    []byte // part.json
	content int64  // length of the content
	size    int64  // of the whole
}

func layoutOf(info PartInfo, contentLen int64) (l layout, err error) {
	if l.info, err = info.Encode(); err != nil {
		return l, err
	}
	l.content = contentLen
	l.size, err = containerSize(len(l.info), contentLen)
	return l, err
}

// around reads the whole container; the checksums are made when body has passed
// into sum.
func (l layout) around(body io.Reader, sum hash.Hash) io.Reader {
	rest := func() io.Reader { return bytes.NewReader(l.tail([sha256.Size]byte(sum.Sum(nil)))) }
	return io.MultiReader(bytes.NewReader(head(l.info, l.content)), body, &later{open: rest}, zeroReader(l.filling()))
}

func (l layout) tail(content [sha256.Size]byte) []byte {
	return tail(sha256.Sum256(l.info), content, l.content)
}

// filling is how many zeros follow the tail, the end blocks among them.
func (l layout) filling() int64 { return l.size - archiveSize(len(l.info), l.content) + endBlocks }

// WriteContainer writes Contain's reader to w.
func WriteContainer(w io.Writer, info PartInfo, content io.Reader, contentLen int64) error {
	r, err := Contain(info, content, contentLen)
	if err != nil {
		return err
	}
	if _, err := io.CopyBuffer(w, r, make([]byte, ChunkSize)); err != nil {
		return fmt.Errorf("write container: %w", err)
	}
	return nil
}

// head is all that stands before the content.
func head(info []byte, contentLen int64) []byte {
	var b bytes.Buffer
	for _, m := range []member{{markerName, 0}, {infoName, int64(len(info))}} {
		block := m.block()
		b.Write(block[:])
	}
	b.Write(info)
	b.Write(make([]byte, padded(int64(len(info)))-int64(len(info))))
	block := member{contentName, contentLen}.block()
	b.Write(block[:])
	return b.Bytes()
}

// tail is what follows the content, up to the end blocks.
func tail(info, content [sha256.Size]byte, contentLen int64) []byte {
	text := sums(info, content)
	b := make([]byte, padded(contentLen)-contentLen)
	block := member{sumsName, int64(len(text))}.block()
	b = append(append(b, block[:]...), text...)
	return append(b, make([]byte, padded(int64(len(text)))-int64(len(text)))...)
}

// exactly passes on as many bytes as were announced, hashed, or fails: a member
// whose header has been written cannot change its length.
type exactly struct {
	r    io.Reader
	left int64
	hash io.Writer
	// wrong is what another length is.
	wrong error
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, e.expectEnd()
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	_, _ = e.hash.Write(p[:n]) // a hash takes everything
	if err == io.EOF && e.left > 0 {
		return n, fmt.Errorf("content: %w: it ends %d bytes early", e.wrong, e.left)
	}
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (e *exactly) expectEnd() error {
	switch _, err := readFull(e.r, make([]byte, 1)); err {
	case io.EOF:
		return io.EOF
	case nil:
		return fmt.Errorf("content: %w: it goes on after the length announced", e.wrong)
	default:
		return err
	}
}

// later is a reader that is made when it is first read.
type later struct {
	open func() io.Reader
	r    io.Reader
}

func (l *later) Read(p []byte) (int, error) {
	if l.r == nil {
		l.r = l.open()
	}
	return l.r.Read(p)
}
