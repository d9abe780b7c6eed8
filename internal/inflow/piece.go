package inflow

import (
	"crypto/sha256"
	"io"
)

// Block is what SHA-256 works on at a time. The state behind whole blocks holds
// nothing of what was hashed; between them it holds the bytes of the last one.
const Block = sha256.BlockSize

// Piece is the reader of one object. It is read by one goroutine, and asked for
// its end by others.
//
// It ends behind a whole block, counted from its beginning, unless everything is
// there: so a state that is kept with it is a digest and no content.
type Piece struct {
	line   *Line
	digest *Digest
	head   []byte
	left   int64 // that it may still take from the line
	least  int64 // that it has before alarm ends it
	most   int64 // that it may have
	gulp   int64 // that it waits for at a time
	alarm  <-chan struct{}
	n      int64
	end    <-chan mark
	ended  chan struct{}
}

// Bounds are how much a piece takes of the line.
type Bounds struct {
	Ready int64 // that the line has ready, and the piece takes at least; with the head a block or more
	Most  int64
	Whole bool // Most is everything that is missing
}

// NewPiece begins with head, which was kept of the payload before, and takes of the
// line until it is full, alarm is closed, or the line ends.
func NewPiece(line *Line, digest *Digest, head []byte, b Bounds, alarm <-chan struct{}) *Piece {
	if len(head) > 0 {
		digest.bytes(head)
	}
	n := int64(len(head))
	if !b.Whole {
		b.Most -= (n + b.Most) % Block
		b.Ready -= (n + b.Ready) % Block
	}
	return &Piece{line: line, digest: digest, head: head, left: b.Most, least: n + min(b.Ready, b.Most), most: n + b.Most,
		gulp: min(gulpMax, max(gulpMin, b.Most/share)), alarm: alarm, ended: make(chan struct{})}
}

// Most is how many bytes the piece may have.
func (p *Piece) Most() int64 { return p.most }

// WriteTo implements io.WriterTo. While it waits for the line it holds no buffer.
func (p *Piece) WriteTo(w io.Writer) (int64, error) {
	if len(p.head) > 0 {
		n, err := w.Write(p.head)
		p.head, p.n = nil, p.n+int64(n)
		if err != nil {
			return p.n, err
		}
	}
	for p.end == nil {
		may := p.may()
		if may == 0 {
			_ = p.finish() // which is io.EOF
			break
		}
		write := p.write
		if may > chunkMax {
			write = p.writeMuch
		}
		if err := write(w, may); err != nil {
			return p.n, err
		}
	}
	return p.n, nil
}

// writeMuch gathers a batch, of which so much is ready, and writes it at once: a line
// that brought much brings the rest in a moment. It is copied first, so that it is
// hashed and its place filled again while it is written.
func (p *Piece) writeMuch(w io.Writer, may int64) error {
	b := p.line.buffers.batch()
	defer p.line.buffers.batches.Put(b)
	n := 0
	for n < batch && p.end == nil {
		if may == 0 {
			may = p.may()
		}
		if may == 0 {
			_ = p.finish() // which is io.EOF
			break
		}
		m := p.give(b[n:min(batch, int64(n)+may)])
		n, may = n+m, may-int64(m)
	}
	_, err := w.Write(b[:n])
	return err
}

// write writes so much of what is ready. It is hashed when it was written, for
// behind that its place is given back.
func (p *Piece) write(w io.Writer, may int64) error {
	for may > 0 {
		s := p.line.take(int(may))
		n, err := w.Write(s.bytes)
		p.left -= int64(n)
		p.n += int64(n)
		if err != nil {
			p.line.done(s)
			return err
		}
		p.digest.add(s)
		may -= int64(n)
	}
	if p.left == 0 {
		_ = p.finish()
	}
	return nil
}

// Read implements io.Reader. A line that broke is an end like another: what came
// before it is kept.
func (p *Piece) Read(b []byte) (int, error) {
	if p.end != nil || len(b) == 0 {
		return 0, p.eof(b)
	}
	if len(p.head) > 0 {
		n := copy(b, p.head)
		if p.head = p.head[n:]; len(p.head) == 0 {
			p.head = nil // which lets go of it
		}
		p.n += int64(n)
		return n, nil
	}
	may := p.may()
	if may == 0 {
		return 0, p.finish()
	}
	return p.give(b[:min(int64(len(b)), may)]), nil
}

// give copies bytes that are ready, and has them hashed.
func (p *Piece) give(b []byte) int {
	s := p.line.take(len(b))
	n := copy(b, s.bytes)
	p.digest.add(s)
	p.left -= int64(n)
	p.n += int64(n)
	if p.left == 0 {
		// Whoever reads no further than he may does not ask for the end.
		_ = p.finish()
	}
	return n
}

// may waits for more and says how much of it belongs here; 0 is the end.
func (p *Piece) may() int64 {
	over := p.n % Block
	if over == 0 && p.n >= p.least && p.rang() {
		return 0
	}
	ready, _ := p.line.state()
	if int64(ready) < min(Block-over, p.left) {
		// On a fast line it costs more to wake a goroutine for every packet than to
		// store what came. What is there when the alarm rings is given all the same.
		ready, _ = p.line.Wait(int(min(p.left, p.gulp)), p.alarm)
	}
	if int64(ready) >= p.left {
		return p.left
	}
	return max(0, int64(ready)-(p.n+int64(ready))%Block)
}

func (p *Piece) rang() bool {
	select {
	case <-p.alarm:
		return true
	default:
		return false
	}
}

func (p *Piece) eof(b []byte) error {
	if len(b) == 0 && p.end == nil {
		return nil
	}
	return io.EOF
}

// finish notes where the piece ends: the next one may begin.
func (p *Piece) finish() error {
	p.end = p.digest.mark()
	close(p.ended)
	return io.EOF
}

// Ended is closed when the piece takes nothing from the line any more.
func (p *Piece) Ended() <-chan struct{} { return p.ended }

// Len is how many bytes the piece has, once it has ended.
func (p *Piece) Len() int64 { return p.n }

// State is that of the digest behind the piece, and the digest if nothing follows.
// It waits for the hashing, and may be asked once, after the end.
func (p *Piece) State() (state []byte, sum [sha256.Size]byte, err error) {
	m := <-p.end
	return m.state, m.sum, m.err
}
