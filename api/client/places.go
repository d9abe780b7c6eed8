package client

import (
	"context"
	"io"
)

const (
	// placeSize is what a block of a remote file holds, in bytes: about a chunk.
	placeSize = 64 << 10
	// placesKept bounds the memory of one reader: 2 MiB of ciphertext.
	placesKept = 32
	// placesNear is how much is asked for at a new place. Whoever goes on reading from
	// there gets the rest in one answer; whoever jumps has not fetched more than this.
	placesNear = 4
)

// places reads a remote file at any place. It asks for what is needed and a little
// more, keeps what it read last, and reads on in the answer it has where that is
// shorter than a new request. It is not for many goroutines.
type places struct {
	*remote
	ctx    context.Context
	line   *download // the answer under way; nil for none
	blocks map[int64][]byte
	recent []int64 // the blocks kept, the one used last at the end
}

func newPlaces(ctx context.Context, r *remote) *places {
	return &places{remote: r, ctx: ctx, blocks: map[int64][]byte{}}
}

// ReadAt implements io.ReaderAt. Before the first read the size is not known.
func (p *places) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		at := off + int64(n)
		if p.size > 0 && at >= p.size {
			return n, io.EOF
		}
		block, err := p.block(at / placeSize)
		if err != nil {
			return n, err
		}
		n += copy(b[n:], block[at%placeSize:])
	}
	return n, nil
}

// block gives block i, which is within the file.
func (p *places) block(i int64) ([]byte, error) {
	if b, ok := p.blocks[i]; ok {
		p.use(i)
		return b, nil
	}
	if !p.leadsTo(i) {
		p.hangUp()
		p.line = p.stretch(p.ctx, i*placeSize, p.end(i))
	}
	for {
		at := p.line.at / placeSize
		b, err := p.next()
		if err != nil || at == i {
			return b, err
		}
	}
}

// leadsTo says whether block i comes soon in the answer under way, or right behind
// it: then it goes on to the end of the file.
func (p *places) leadsTo(i int64) bool {
	if p.line == nil {
		return false
	}
	at := p.line.at / placeSize
	if at == i && p.line.over() {
		p.line.hangUp()
		p.line.to = 0
	}
	return at <= i && i < at+placesNear && !p.line.over() && (p.line.to == 0 || i*placeSize < p.line.to)
}

// end is where the first answer at a new place ends.
func (p *places) end(i int64) int64 {
	end := (i + placesNear) * placeSize
	if p.size > 0 {
		end = min(end, p.size)
	}
	return end
}

// next reads one block off the answer under way and keeps it. Only the last one of
// the file is shorter.
func (p *places) next() ([]byte, error) {
	i := p.line.at / placeSize
	b := make([]byte, placeSize)
	n, err := io.ReadFull(p.line, b)
	if err != nil && (err != io.ErrUnexpectedEOF || p.line.at < p.size) {
		return nil, err
	}
	p.blocks[i] = b[:n]
	p.use(i)
	if len(p.recent) > placesKept {
		delete(p.blocks, p.recent[0])
		p.recent = p.recent[1:]
	}
	return b[:n], nil
}

// use makes block i the one that is forgotten last.
func (p *places) use(i int64) {
	for k, kept := range p.recent {
		if kept == i {
			p.recent = append(p.recent[:k], p.recent[k+1:]...)
			break
		}
	}
	p.recent = append(p.recent, i)
}

// hangUp ends the answer under way.
func (p *places) hangUp() {
	if p.line != nil {
		p.line.hangUp()
		p.line = nil
	}
}
