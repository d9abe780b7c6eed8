package session

import (
	"crypto/sha256"
	"sync"
)

// cache remembers verified tokens by their hash, so that the signature of a
// token is computed about once. Two generations bound it: when the young one is
// full it becomes the old one, and what nobody asks for again is dropped.
type cache struct {
	mu         sync.Mutex
	limit      int
	young, old map[[sha256.Size]byte]session
}

func newCache(limit int) *cache {
	return &cache{limit: limit, young: map[[sha256.Size]byte]session{}}
}

func (c *cache) get(name [sha256.Size]byte) (session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.young[name]; ok {
		return s, true
	}
	s, ok := c.old[name]
	if ok {
		c.keep(name, s)
	}
	return s, ok
}

func (c *cache) put(name [sha256.Size]byte, s session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(name, s)
}

func (c *cache) keep(name [sha256.Size]byte, s session) {
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, map[[sha256.Size]byte]session{}
	}
	c.young[name] = s
}
