package flood

import (
	"sync"
	"time"
)

// Callers bounds how often each key that signed in asks of this node, so that one
// account cannot have a node to itself. It knows keys by marks under a secret of this
// process, for a span. The nil Callers lets everything through.
type Callers struct {
	guard *Guard // for its secret and its forgetting
	rate  int

	mu    sync.Mutex
	since time.Time
	all   map[mark]*bucket
}

// NewCallers allows each key so many requests a second, and ten seconds' worth of
// them at once.
func (g *Guard) NewCallers(perSecond int) *Callers {
	return &Callers{guard: g, rate: perSecond, all: map[mark]*bucket{}}
}

// Take counts a request of a key, and says whether there was one left.
func (c *Callers) Take(key string) bool {
	if c == nil || c.guard == nil {
		return true
	}
	g := c.guard
	g.mu.Lock()
	now, secret, since := g.cfg.Tick(), g.networks.secret, g.networks.since
	g.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if since != c.since {
		c.since, c.all = since, map[mark]*bucket{}
	}
	m := g.mark(secret[:], "caller\x00"+key)
	b, there := c.all[m]
	if !there {
		if len(c.all) >= mostNetworks {
			return true // each of them has paid for coming in
		}
		b = newBucket(now, c.rate)
		c.all[m] = b
	}
	return b.take(now)
}
