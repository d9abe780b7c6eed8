package tella

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/relatingfield/vault/internal/gateway/intake"
	"github.com/relatingfield/vault/internal/gateway/queue"
)

// upload is a file on its way: what has come of it is sealed already, and its file
// key is in its draft.
type upload struct {
	total int64
	held  atomic.Int64 // bytes that the draft has

	turn chan struct{} // one request at a time
	// Whoever has the turn owns these.
	draft *queue.Draft
	last  byte // the last byte held, with which the next chunk begins
	over  bool // finished, or given up

	mu      sync.Mutex
	stop    func() // ends the request that has the turn
	touched time.Time
}

// uploads are all files on their way.
type uploads struct {
	in  *intake.Intake
	cfg Config

	mu  sync.Mutex
	all map[string]*upload // by report and name
}

func newUploads(in *intake.Intake, cfg Config) *uploads {
	return &uploads{in: in, cfg: cfg, all: map[string]*upload{}}
}

func (f file) key() string { return f.report + "/" + f.name }

func (s *uploads) find(f file) *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[f.key()]
}

// take takes what is new in a chunk, and says how many bytes are held then: all of
// them only when the file is sealed, flushed and acknowledged.
func (s *uploads) take(f file, c Chunk, media string, body *intake.Body) (int64, error) {
	if total, ok := s.in.Queue.Known(f.mark); ok {
		return s.again(c, int64(total), body)
	}
	u, err := s.enter(f, c, media)
	if err != nil {
		return 0, err
	}
	u.begin(body.Stop, s.in.Now())
	defer u.leave(s.in.Now)
	if u.over || u.total != c.Total {
		// It came to its end, or was given up, while this request waited for its turn.
		if total, ok := s.in.Queue.Known(f.mark); ok {
			return s.again(c, int64(total), body)
		}
		return 0, fmt.Errorf("%w: the file begins anew", intake.ErrOther)
	}
	err = u.copy(c, body)
	switch {
	case errors.Is(err, errWorthless):
		u.over = true
		s.forget(f.key(), u)
		u.draft.Drop()
	case err == nil && u.held.Load() == u.total:
		err = s.finish(f, u)
	}
	return u.held.Load(), err
}

// errWorthless says that nothing more can come of what is held.
var errWorthless = errors.New("what was held of the file is given up")

// again answers a chunk of a file that is safe: the answer to the last one got lost.
func (s *uploads) again(c Chunk, total int64, body io.Reader) (int64, error) {
	if c.Total != total {
		return 0, fmt.Errorf("%w: a file of this name has another length", intake.ErrOther)
	}
	if _, err := io.CopyN(io.Discard, body, c.Size()); err != nil {
		return 0, intake.ErrCutOff
	}
	if c.Last() {
		return total, nil
	}
	return c.To + 1, nil
}

// enter gives the file of a chunk, with its turn, and begins it with its first.
func (s *uploads) enter(f file, c Chunk, media string) (*upload, error) {
	u := s.find(f)
	if u != nil && u.total != c.Total {
		if c.From > 0 {
			return nil, fmt.Errorf("%w: a chunk of a file of another length", intake.ErrOther)
		}
		s.drop(f.key(), u)
		u = nil
	}
	if u == nil {
		var err error
		if u, err = s.create(f, c, media); err != nil {
			return nil, err
		}
	}
	u.interrupt() // a phone that comes anew has left its old line
	u.turn <- struct{}{}
	return u, nil
}

func (s *uploads) create(f file, c Chunk, media string) (*upload, error) {
	if c.From > 0 {
		return nil, fmt.Errorf("%w: nothing is held of this file", intake.ErrOther)
	}
	if !s.room() {
		return nil, intake.ErrBusy
	}
	d, err := s.in.Queue.Draft(queue.Content{To: f.project.To, Info: f.info(media), Size: c.Total, Mark: f.mark, Value: uint64(c.Total)})
	if err != nil {
		return nil, err
	}
	u := &upload{total: c.Total, turn: make(chan struct{}, 1), draft: d, touched: s.in.Now()}
	s.mu.Lock()
	before, taken := s.all[f.key()]
	if !taken {
		s.all[f.key()] = u
	}
	s.mu.Unlock()
	if taken { // two requests began it at the same time
		d.Drop()
		return before, nil
	}
	return u, nil
}

// room makes sure that one more file may begin: at the limit the one that has stood
// still longest goes, if it has for a while.
func (s *uploads) room() bool {
	s.mu.Lock()
	var idlest *upload
	key := ""
	for k, u := range s.all {
		if idlest == nil || u.since().Before(idlest.since()) {
			key, idlest = k, u
		}
	}
	n := len(s.all)
	s.mu.Unlock()
	if n < s.cfg.Uploads {
		return true
	}
	if s.in.Now().Sub(idlest.since()) < 10*time.Minute {
		return false
	}
	s.drop(key, idlest)
	return true
}

// sweep gives up files that stood still for so long; a negative time is all.
func (s *uploads) sweep(idle time.Duration) {
	s.mu.Lock()
	old := map[string]*upload{}
	for k, u := range s.all {
		if s.in.Now().Sub(u.since()) > idle {
			old[k] = u
		}
	}
	s.mu.Unlock()
	for k, u := range old {
		s.drop(k, u)
	}
}

// drop gives a file up. HEAD then answers 0.
func (s *uploads) drop(key string, u *upload) {
	s.forget(key, u)
	u.interrupt()
	u.turn <- struct{}{}
	u.over = true
	u.draft.Drop()
	<-u.turn
}

func (s *uploads) forget(key string, u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[key] == u {
		delete(s.all, key)
	}
}

// finish makes a whole file safe. When that fails nothing is held of it any more.
func (s *uploads) finish(f file, u *upload) error {
	u.over = true
	err := u.draft.Finish()
	if err == nil {
		err = s.in.Queue.Commit(u.draft)
	}
	s.forget(f.key(), u)
	if err != nil {
		u.draft.Drop()
	}
	return err
}

// copy seals what is new in a chunk. A line that breaks leaves what has come.
func (u *upload) copy(c Chunk, body io.Reader) error {
	held := u.held.Load()
	if c.From > held {
		return fmt.Errorf("%w: bytes are missing before the chunk", intake.ErrOther)
	}
	buf := make([]byte, 64<<10)
	defer clear(buf)
	for at := c.From; at <= c.To; {
		n, err := body.Read(buf[:min(int64(len(buf)), c.To-at+1)])
		if n > 0 {
			if e := u.put(at, buf[:n]); e != nil {
				return e
			}
			at += int64(n)
		}
		if err != nil && at <= c.To {
			return intake.Broken(err)
		}
	}
	return nil
}

// put seals those of the bytes b, which stand at at, that have not come before. Of
// what has, the last byte is compared: a file that changed is not sewn together.
func (u *upload) put(at int64, b []byte) error {
	held := u.held.Load()
	if last := held - 1 - at; last >= 0 && last < int64(len(b)) && b[last] != u.last {
		return fmt.Errorf("%w: %w: the chunk does not fit to what was held", errWorthless, intake.ErrOther)
	}
	b = b[min(max(held-at, 0), int64(len(b))):]
	if len(b) == 0 {
		return nil
	}
	n, err := u.draft.Write(b)
	if n > 0 {
		u.last = b[n-1]
		u.held.Add(int64(n))
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errWorthless, err)
	}
	return nil
}

// begin notes who has the turn.
func (u *upload) begin(stop func(), now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stop, u.touched = stop, now
}

func (u *upload) leave(now func() time.Time) {
	u.mu.Lock()
	u.stop, u.touched = nil, now()
	u.mu.Unlock()
	<-u.turn
}

// interrupt ends the request that has the turn, if there is one.
func (u *upload) interrupt() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.stop != nil {
		u.stop()
	}
}

func (u *upload) since() time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.touched
}
