package inflow

import (
	"errors"
	"io"
	"sync"
)

// Line is a body that is read ahead, by a goroutine of its own. One goroutine takes
// from it at a time.
type Line struct {
	body    io.Reader
	hang    func()
	buffers *Buffers
	room    chan struct{} // a good deal of room has been made again
	news    chan struct{} // something has come, or the end
	gone    chan struct{} // closed when nobody takes any more
	size    int           // of the next chunk; whoever reads knows
	over    chan struct{} // closed when nothing is read any more

	mu    sync.Mutex
	queue []*chunk // not taken yet, in order; the last may still be filling
	ready int      // bytes in them
	want  int      // bytes that somebody waits for, at least 1
	held  int      // bytes of chunks
	full  bool     // the line waits for room
	left  int64    // that may still be read
	err   error    // how it ended; nil while it goes on
}

// NewLine reads at most limit bytes of body. hang makes a Read of body that waits
// return at once; it may be nil for a body that never waits. Close the line.
func NewLine(buffers *Buffers, body io.Reader, limit int64, hang func()) *Line {
	l := &Line{body: body, hang: hang, buffers: buffers, left: limit, room: make(chan struct{}, 1),
		news: make(chan struct{}, 1), gone: make(chan struct{}), over: make(chan struct{})}
	go l.run()
	return l
}

func (l *Line) run() {
	defer close(l.over)
	for {
		c, free := l.space()
		if c == nil {
			return
		}
		// What lies in front of filled may be taken meanwhile: those bytes are not
		// written again before all have done with the chunk.
		n, err := l.body.Read(free)
		if l.came(c, len(free), n, err) {
			return
		}
	}
}

// space is where the next bytes go: nowhere when there may be no more.
func (l *Line) space() (*chunk, []byte) {
	l.mu.Lock()
	left := l.left
	var c *chunk
	if len(l.queue) > 0 {
		c = l.queue[len(l.queue)-1]
	}
	l.mu.Unlock()
	if left == 0 {
		l.came(nil, 0, 0, io.EOF)
		return nil, nil
	}
	if c == nil || c.filled == len(c.b) {
		if c = l.add(); c == nil {
			return nil, nil
		}
	}
	return c, c.b[c.filled:min(int64(len(c.b)), int64(c.filled)+left)]
}

// add queues an empty chunk, once there is room for it.
func (l *Line) add() *chunk {
	for !l.hold(chunkMin << l.size) {
		select {
		case <-l.room:
		case <-l.gone:
			return nil
		}
	}
	c := l.buffers.get(l.size)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, c)
	return c
}

// hold takes room for a chunk. A line that has filled all its room waits until half
// of it is free: to be woken for every chunk would cost more than reading it. While
// it waits, more than half is held, in chunks that are full; so there is a Window of
// bytes for whoever waits for one, or storing will make room.
func (l *Line) hold(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full = l.full || l.held+n > room; l.full {
		return false
	}
	l.held += n
	return true
}

// release gives the room of a chunk back.
func (l *Line) release(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held -= n; l.full && l.held <= room/2 {
		l.full = false
		l.room <- struct{}{} // there was none, for the line was full since the last
	}
}

// came notes what was read, where there was room for free bytes, and says whether that was the end.
func (l *Line) came(c *chunk, free, n int, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 {
		l.size = c.after(n, free, l.size)
		c.filled += n
		l.ready += n
		l.left -= int64(n)
	}
	l.err = err
	if l.ready < l.want && err == nil {
		return false // whoever waits would only look and wait again
	}
	select {
	case l.news <- struct{}{}:
	default:
	}
	return err != nil
}

// state is how much is ready and whether no more will be.
func (l *Line) state() (ready int, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ready, l.err != nil
}

// wanting is state for somebody who is going to wait for so much.
func (l *Line) wanting(enough int) (ready int, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.want = enough
	return l.ready, l.err != nil
}

// Wait waits until enough bytes are ready, at most Window, or the line has ended, or
// alarm is closed, and says how many there are and whether no more will come.
func (l *Line) Wait(enough int, alarm <-chan struct{}) (ready int, ended bool) {
	for {
		if ready, ended = l.wanting(enough); ready >= enough || ended {
			return ready, ended
		}
		select {
		case <-l.news:
		case <-alarm:
			return l.state()
		}
	}
}

// Err is what the line ended with, when that was no end of its own.
func (l *Line) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}

// Peek copies bytes that are ready, from the first, and leaves them there.
func (l *Line) Peek(p []byte) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.queue {
		n += copy(p[n:], c.b[c.taken:c.filled])
	}
	return n
}

// Take copies bytes that are ready and takes them.
func (l *Line) Take(p []byte) (n int) {
	for n < len(p) {
		s := l.take(len(p) - n)
		if len(s.bytes) == 0 {
			break
		}
		n += copy(p[n:], s.bytes)
		l.done(s)
	}
	return n
}

// stretch is bytes that were taken and lie where they came. last says that nothing
// else of the chunk is to be waited for.
type stretch struct {
	bytes []byte
	chunk *chunk
	last  bool
}

// take takes at most so many bytes that are ready and lie side by side. They stay
// as they are until done.
func (l *Line) take(most int) (s stretch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return s
	}
	c := l.queue[0]
	end := min(c.filled, c.taken+most)
	s = stretch{bytes: c.b[c.taken:end], chunk: c}
	l.ready -= end - c.taken
	c.taken = end
	// The last chunk of the line is still filled behind what was taken.
	if s.last = end == len(c.b); s.last {
		l.queue = l.queue[1:]
	}
	return s
}

// done gives the room of a stretch back.
func (l *Line) done(s stretch) {
	if s.last {
		n := len(s.chunk.b)
		l.buffers.put(s.chunk)
		l.release(n)
	}
}

// Close hangs up and waits until nothing reads from the body any more. It never
// fails.
func (l *Line) Close() error {
	close(l.gone)
	if _, ended := l.state(); !ended && l.hang != nil {
		l.hang()
	}
	<-l.over
	return nil
}
