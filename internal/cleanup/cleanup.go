// Package cleanup takes out of a picture or a recording what its device wrote
// into it beside the picture and the sound: when, where, with what, by whom.
//
// It works on bytes and never decodes or encodes a pixel or a sample: what can be
// seen and heard stays exactly what it was, nothing is written to a disk, and no
// decoder has to be trusted with somebody else's file. It is a list of what may
// stay, not of what must go: a block that this package does not know is removed,
// or the file refused where it could not be shown without it.
//
//	JPEG       segments APP0 to APP15 and comments go, and all that stands behind the picture
//	PNG        every chunk goes that is not needed to show it
//	MP4, MOV   boxes of metadata become free space, times of tracks become zero
//	WebM       elements of metadata become void, names and programs become empty
//
// Promises: memory in the size of the plan, not of the file; an end for every
// input; the same plan for the same bytes. Assumes: a source that does not change
// while it is read. Does not: look into pictures and sound (a face, a voice, a
// street sign, a watermark, what an encoder wrote into its own stream), nor clean
// any other kind of file. What it cannot clean it refuses.
package cleanup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Why a file is not cleaned. The texts say what to do next.
var (
	// ErrKind reports a kind of file that this package does not know.
	ErrKind = errors.New("this kind of file cannot be cleaned here, only JPEG, PNG, MP4, MOV, M4A and WebM: change it with a program you trust, and add the result as cleaned")
	// ErrBroken reports a file that is not whole, or not what it begins as.
	ErrBroken = errors.New("the file is not whole, so nobody can say what is in it: nothing was cleaned")
	// ErrInside reports something that would stay, or that cannot be told apart.
	ErrInside = errors.New("the file holds more than pictures and sound, and that cannot be taken out without decoding it: nothing was cleaned")
)

// maxPieces bounds a plan; a file that needs more was made to.
const maxPieces = 1 << 16

// Plan is how a cleaned file is put together from the one it was made for.
type Plan struct {
	pieces []piece
	size   int64
}

// piece is a stretch of the source, or fixed bytes, or zeros.
type piece struct {
	at, n int64
	fixed []byte // in place of the source, n bytes
	zeros bool
}

// Size is the length of the cleaned file in bytes.
func (p *Plan) Size() int64 { return p.size }

// Reader reads the cleaned file.
func (p *Plan) Reader(src io.ReaderAt) io.Reader {
	readers := make([]io.Reader, len(p.pieces))
	for i, c := range p.pieces {
		switch {
		case c.zeros:
			readers[i] = io.LimitReader(zeros{}, c.n)
		case c.fixed != nil:
			readers[i] = bytes.NewReader(c.fixed)
		default:
			readers[i] = io.NewSectionReader(src, c.at, c.n)
		}
	}
	return io.MultiReader(readers...)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Of looks through a file of size bytes and plans its cleaning. Which kind it is
// its first bytes say, not its name.
func Of(src io.ReaderAt, size int64) (*Plan, error) {
	head := make([]byte, min(12, max(size, 0)))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("clean: %w", err)
	}
	clean := cleanerOf(head)
	if clean == nil {
		return nil, fmt.Errorf("clean: %w", ErrKind)
	}
	b := &builder{src: src, size: size}
	if err := clean(b); err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	return &b.plan, nil
}

func cleanerOf(head []byte) func(*builder) error {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return jpeg
	case bytes.HasPrefix(head, []byte(pngSignature)):
		return png
	case bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")):
		return webm
	case len(head) == 12 && string(head[4:8]) == "ftyp" && !still(string(head[8:12])):
		return mp4
	}
	return nil
}

// still are the brands of pictures in the same boxes: their metadata cannot be
// freed without moving what is needed.
func still(brand string) bool {
	switch brand {
	case "heic", "heix", "hevc", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}
