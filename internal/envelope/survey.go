package envelope

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
)

// Survey is what one reading of a content found: enough to read the container
// around it again from any byte on, and to notice when it is not the same.
type Survey struct {
	tree   *Tree
	layout layout
	sum    [sha256.Size]byte // of the content
}

// Explore reads content, which must hold exactly contentLen bytes, once from
// beginning to end.
func Explore(info PartInfo, content io.Reader, contentLen int64) (*Survey, error) {
	l, err := layoutOf(info, contentLen)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	body := &exactly{r: content, left: contentLen, hash: sum, wrong: ErrSize}
	s := &Survey{tree: NewTree(l.size), layout: l}
	if err := s.tree.learn(l.around(body, sum)); err != nil {
		return nil, fmt.Errorf("look through the content: %w", err)
	}
	s.sum = [sha256.Size]byte(sum.Sum(nil))
	return s, nil
}

// Tree is that of the container.
func (s *Survey) Tree() *Tree { return s.tree }

// ContentAt is where the content must stand for Reader to read the container from
// byte at on.
func (s *Survey) ContentAt(at int64) int64 {
	return s.layout.within(s.tree.LeafStart(at))
}

// Reader reads the container from byte at on. content must stand at ContentAt(at).
func (s *Survey) Reader(content io.Reader, at int64) *Verified {
	return s.tree.Reader(s.layout.from(content, s.tree.LeafStart(at), s.sum), at)
}

// within is how many bytes of the content stand before a byte of the container.
func (l layout) within(at int64) int64 {
	return min(max(at-int64(len(head(l.info, l.content))), 0), l.content)
}

// from reads the container from byte at on, around the rest of a content of known
// digest. Another length is ErrChanged; other bytes are for a Tree to notice.
func (l layout) from(content io.Reader, at int64, sum [sha256.Size]byte) io.Reader {
	head, tail := head(l.info, l.content), l.tail(sum)
	behindContent := at - int64(len(head)) - l.content
	body := &exactly{r: content, left: l.content - l.within(at), hash: unheard{}, wrong: ErrChanged}
	filling := l.filling() - max(behindContent-int64(len(tail)), 0)
	return io.MultiReader(bytes.NewReader(behind(head, at)), body, bytes.NewReader(behind(tail, behindContent)), zeroReader(filling))
}

// unheard hashes nothing: the digest is known.
type unheard struct{}

func (unheard) Write(p []byte) (int, error) { return len(p), nil }
