package webhook

import (
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

const (
	// page is how many deliveries to one endpoint a node takes at a time, and crowd how
	// many endpoints it serves at a time; weak is how many of these may be in trouble.
	page  = 64
	crowd = 256
	weak  = 128
	// longestRest is between two attempts at an endpoint that is in trouble.
	longestRest = time.Minute
)

// crew is what a node is sending, and which endpoints are in trouble. It is in memory
// only: it spares receivers and the node itself, and nothing depends on it.
//
// An endpoint whose last attempt failed is given one delivery at a time, with a rest
// before each, until one is taken: ten thousand that wait for a receiver that hangs are
// one connection that hangs, and one that refuses is not asked thousands of times.
type crew struct {
	mu      sync.Mutex
	busy    map[id.ID]bool
	ailing  map[id.ID]*trouble
	weak    int // of those that are busy
	after   string
	awake   chan struct{}
	running sync.WaitGroup
}

// trouble is that of one endpoint.
type trouble struct {
	times int
	until time.Time // by a clock that nobody sets
}

// wake has Run look at once.
func (c *crew) wake() {
	select {
	case c.bell() <- struct{}{}:
	default: // it will
	}
}

func (c *crew) bell() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.awake == nil {
		c.awake, c.busy, c.ailing = make(chan struct{}, 1), map[id.ID]bool{}, map[id.ID]*trouble{}
	}
	return c.awake
}

// take chooses how many deliveries an endpoint may be given now; 0: none. Whoever gets
// some calls leave.
func (c *crew) take(endpoint id.ID, now time.Time) int64 {
	c.bell()
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.ailing[endpoint]
	if c.busy[endpoint] || len(c.busy) >= crowd || t != nil && (now.Before(t.until) || c.weak >= weak) {
		return 0
	}
	c.busy[endpoint] = true
	if t == nil {
		return page
	}
	c.weak++
	return 1
}

// leave ends what take began.
func (c *crew) leave(endpoint id.ID, given int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, endpoint)
	if given == 1 {
		c.weak--
	}
}

// note remembers how an attempt went.
func (c *crew) note(endpoint id.ID, ok bool, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ok {
		delete(c.ailing, endpoint)
		return
	}
	t := c.ailing[endpoint]
	if t == nil {
		t = &trouble{}
		c.ailing[endpoint] = t
	}
	t.until = now.Add(min(time.Second<<min(t.times, 10), longestRest))
	t.times++
}
