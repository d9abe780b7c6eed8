package inflow

import (
	"crypto/sha256"
	"io"
)

// Block is what SHA-256 works on at a time. The state behind whole blocks holds
// nothing of what was hashed; between them it holds the bytes of the last one.
const Block = sha256.BlockSize

// Piece is the reader of one object. It is read by one goroutine, which hashes, and
// asked for its end by others.
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
	end    *mark
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
		digest.hash.Write(head) // which never fails
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
		if err := p.write(w, may); err != nil {
			return p.n, err
		}
	}
	return p.n, nil
}

// write writes so much of what is ready from where it lies, and hashes it while it is
// in the processor's cache.
func (p *Piece) write(w io.Writer, may int64) error {
	for may > 0 {
		s := p.line.take(int(may))
		n, err := w.Write(s.bytes)
		p.took(s, n)
		if err != nil {
			return err
		}
		may -= int64(n)
	}
	return nil
}

// took counts and hashes the first n bytes of a stretch and gives its place back.
func (p *Piece) took(s stretch, n int) {
	p.digest.hash.Write(s.bytes[:n])
	p.line.done(s)
	p.left -= int64(n)
	p.n += int64(n)
	if p.left == 0 {
		// Whoever reads no further than he may does not ask for the end.
		_ = p.finish()
	}
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
	st := p.line.take(int(min(int64(len(b)), may)))
	n := copy(b, st.bytes)
	p.took(st, n)
	return n, nil
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

// State is that of the digest behind the piece, once it has ended, and the digest if
// nothing follows.
func (p *Piece) State() (state []byte, sum [sha256.Size]byte, err error) {
	return p.end.state, p.end.sum, p.end.err
}
