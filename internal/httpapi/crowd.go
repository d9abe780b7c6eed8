package httpapi

import (
	"container/list"
	"net"
	"net/http"
	"sync"
	"time"
)

// crowd bounds how many connections there are, so that files can still be opened
// for those that are served. Where it is full, one goes that is between two
// requests, the longest silence first; then one that has not sent the head of its
// first, once it has had time for that; then one that is busy with a request of
// somebody who has shown no key, once that has had more time. Networks that hold more than their share of
// connections lose theirs first. Where all are busy, newcomers wait in the
// system's queue.
type crowd struct {
	most  int
	grace time.Duration         // for the head of a first request, where others wait
	of    func(net.Conn) string // the network of an address; "": it tells nobody apart

	mu    sync.Mutex
	moved sync.Cond // somebody has left, or become silent, or has had time
	all   map[net.Conn]*silence
	from  map[string]int // open connections by network
	idle  *list.List     // of net.Conn, the longest silence first
	fresh *list.List
	slow  *list.List // busy, and nobody knows with whom
	over  bool
}

// silence is where a connection stands that says nothing; nil is a busy one.
type silence struct {
	in    *list.List
	at    *list.Element
	since time.Time
}

func newCrowd(most int, grace time.Duration, of func(net.Conn) string) *crowd {
	c := &crowd{most: most, grace: grace, of: of, all: map[net.Conn]*silence{}, from: map[string]int{}, idle: list.New(), fresh: list.New(), slow: list.New()}
	c.moved.L = &c.mu
	return c
}

// patience is the share of the time for a head that a newcomer has where others wait.
const patience = 10

// listener lets nobody in while the crowd is too large.
type listener struct {
	net.Listener
	crowd *crowd
}

// Accept waits for room before it takes a connection out of the queue.
func (l listener) Accept() (net.Conn, error) {
	if !l.crowd.room() {
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err == nil {
		l.crowd.note(conn, http.StateNew)
	}
	return conn, err
}

// Close also ends the waiting for room.
func (l listener) Close() error {
	l.crowd.mu.Lock()
	l.crowd.over = true
	l.crowd.mu.Unlock()
	l.crowd.moved.Broadcast()
	return l.Listener.Close()
}

// room returns when there is some; false means that nobody is let in any more.
func (c *crowd) room() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.all) >= c.most && !c.over {
		if c.oust() {
			continue
		}
		again := time.AfterFunc(c.grace/2, c.moved.Broadcast)
		c.moved.Wait()
		again.Stop()
	}
	return !c.over
}

// oust ends the connection that can be missed most, and says whether there is one.
// Whoever is on its other end has nothing under way.
func (c *crowd) oust() bool {
	conn := c.victim()
	if conn == nil {
		return false
	}
	c.lose(conn)
	_ = conn.Close() // as the other end may have done already
	return true
}

// victim is who goes: of a network with more than its share, if one is silent; else
// whoever has been silent for longest.
func (c *crowd) victim() net.Conn {
	share := c.most / (1 + len(c.from))
	for _, fair := range []bool{false, true} {
		for _, l := range []*list.List{c.idle, c.fresh, c.slow} {
			for e := l.Front(); e != nil; e = e.Next() {
				conn, _ := e.Value.(net.Conn)
				if time.Since(c.all[conn].since) < c.graceOf(l) {
					break // those behind it came later
				}
				if network := c.of(conn); fair || network != "" && c.from[network] > share {
					return conn
				}
			}
		}
	}
	return nil
}

// slowness is how many times the time of a newcomer a request of a stranger has: it
// may be her first, on a bad line.
const slowness = 3

func (c *crowd) graceOf(l *list.List) time.Duration {
	switch l {
	case c.fresh:
		return c.grace
	case c.slow:
		return slowness * c.grace
	}
	return 0
}

// linger says of a busy connection that nobody knows who is on its other end; settle,
// that somebody does.
func (c *crowd) linger(conn net.Conn) { c.busy(conn, true) }
func (c *crowd) settle(conn net.Conn) { c.busy(conn, false) }

func (c *crowd) busy(conn net.Conn, stranger bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.all[conn]; !known {
		return
	}
	c.forget(conn)
	if c.all[conn] = nil; stranger {
		c.all[conn] = &silence{c.slow, c.slow.PushBack(conn), time.Now()}
	}
	c.moved.Broadcast()
}

// count keeps how many connections each network has open.
func (c *crowd) count(conn net.Conn, by int) {
	network := c.of(conn)
	if network == "" {
		return
	}
	if c.from[network] += by; c.from[network] <= 0 {
		delete(c.from, network)
	}
}

// lose is forget for a connection that is no more.
func (c *crowd) lose(conn net.Conn) {
	if _, known := c.all[conn]; known {
		c.count(conn, -1)
	}
	c.forget(conn)
}

func (c *crowd) forget(conn net.Conn) {
	if s := c.all[conn]; s != nil {
		s.in.Remove(s.at)
	}
	delete(c.all, conn)
}

// note hears what becomes of a connection.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.moved.Broadcast()
	_, known := c.all[conn]
	switch {
	case state == http.StateNew && !known:
		c.all[conn] = &silence{c.fresh, c.fresh.PushBack(conn), time.Now()}
		c.count(conn, 1)
	case state == http.StateClosed, state == http.StateHijacked:
		c.lose(conn)
	case state == http.StateActive && known:
		c.forget(conn)
		c.all[conn] = nil
	case state == http.StateIdle && known:
		c.forget(conn)
		c.all[conn] = &silence{c.idle, c.idle.PushBack(conn), time.Now()}
	}
}
