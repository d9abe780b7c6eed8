package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// What may be wrong with a server that answers.
var (
	errSilent   = as(errors.New("the server has stopped answering"), ErrUnavailable, errAgain)
	errOutlived = errors.New("another server has taken this one's place: end it, or make it follow that one (docs/operate/failover.md)")
	errReadOnly = errors.New("the server takes no writes: it is a replica, or was made one")
)

// life is the time for which the server is taken to be the one it was. Connections
// of a life that is over are not used again.
type life struct {
	over atomic.Bool
	cut  context.Context // ends when nobody need wait any more for what the server was asked
	end  context.CancelFunc
}

func newLife() *life {
	l := &life{}
	l.cut, l.end = context.WithCancel(context.Background())
	return l
}

// with is a context that also ends when the server has stopped answering: that of
// the caller may have no end, and a server that is frozen or cut off never hangs up.
func (l *life) with(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.cut, cancel)
	return ctx, func() { stop(); cancel() }
}

// servers is what is known of the servers of the connection string.
type servers struct {
	mu   sync.Mutex
	life *life
	era  Era
	host string // the one that answered last
	port uint16
}

func newServers() *servers { return &servers{life: newLife()} }

func (s *servers) current() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

func (s *servers) latest() Era {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.era
}

// lost ends a life because a connection of it broke: the others are to the same
// server. What is under way on them is left to its own end, for a server may also
// end one connection alone.
func (s *servers) lost(l *life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life == l {
		s.begin()
	}
}

// silent ends a life and all waiting for its answers.
func (s *servers) silent(l *life) {
	s.lost(l)
	l.end()
}

// begin needs s.mu.
func (s *servers) begin() {
	s.life.over.Store(true)
	s.life = newLife()
}

// meet takes a server that answers on a new connection, or refuses it.
func (s *servers) meet(e Era, host string, port uint16) (*life, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.before(s.era) {
		return nil, fmt.Errorf("it is on timeline %d, and timeline %d was seen: %w", e.Timeline, s.era.Timeline, errOutlived)
	}
	s.host, s.port = host, port
	s.reach(e)
	return s.life, nil
}

// reach needs s.mu. A life ends where another era begins.
func (s *servers) reach(e Era) {
	if e.System == "" || e == s.era {
		return
	}
	if s.era.System != "" {
		s.begin()
	}
	s.era = e
}

// outlive is told of an era that another node has seen.
func (s *servers) outlive(e Era) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.era.before(e) {
		s.reach(e)
	}
}
