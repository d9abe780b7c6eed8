package cleanup

import (
	"errors"
	"fmt"
	"io"
)

// builder puts a plan together from the beginning of a file to its end.
type builder struct {
	src  io.ReaderAt
	size int64
	at   int64 // of the source: everything before it has been decided
	plan Plan
	seen int // blocks looked at, see step
}

// maxBlocks bounds the blocks of a file: an hour of recording in frames of ten
// milliseconds, four times over.
const maxBlocks = 1 << 21

// step counts a block; every loop over a file takes one.
func (b *builder) step() error {
	if b.seen++; b.seen > maxBlocks {
		return fmt.Errorf("%w: it has too many blocks", ErrInside)
	}
	return nil
}

// keep takes a stretch of the source, and joins it to the one before where they
// touch.
func (b *builder) keep(from, to int64) error {
	if from >= to {
		return nil
	}
	p := &b.plan
	p.size += to - from
	if n := len(p.pieces); n > 0 && p.pieces[n-1].fixed == nil && !p.pieces[n-1].zeros && p.pieces[n-1].at+p.pieces[n-1].n == from {
		p.pieces[n-1].n += to - from
		return nil
	}
	return b.put(piece{at: from, n: to - from})
}

func (b *builder) put(c piece) error {
	if len(b.plan.pieces) == maxPieces {
		return fmt.Errorf("%w: it has too many blocks", ErrInside)
	}
	b.plan.pieces = append(b.plan.pieces, c)
	return nil
}

// write puts fixed bytes.
func (b *builder) write(fixed []byte) error {
	b.plan.size += int64(len(fixed))
	return b.put(piece{n: int64(len(fixed)), fixed: fixed})
}

// replace keeps everything up to from, and puts as many bytes as lie between from
// and to: fixed ones, then zeros. Offsets behind it stay what they were.
func (b *builder) replace(from, to int64, fixed []byte) error {
	if from < b.at || to < from+int64(len(fixed)) || to > b.size {
		return ErrBroken
	}
	if err := b.keep(b.at, from); err != nil {
		return err
	}
	b.at = to
	if len(fixed) > 0 {
		if err := b.write(fixed); err != nil {
			return err
		}
	}
	n := to - from - int64(len(fixed))
	if n == 0 {
		return nil
	}
	b.plan.size += n
	return b.put(piece{n: n, zeros: true})
}

// rest keeps what is left.
func (b *builder) rest() error {
	from := b.at
	b.at = b.size
	return b.keep(from, b.size)
}

// read gives n bytes of the source; a file that ends before is broken.
func (b *builder) read(at int64, n int) ([]byte, error) {
	if at < 0 || at > b.size-int64(n) {
		return nil, ErrBroken
	}
	p := make([]byte, n)
	if _, err := b.src.ReadAt(p, at); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return p, nil
}
