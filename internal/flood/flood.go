// Package flood decides how much strangers may ask of a node, without remembering
// who they are.
//
// There are buckets: one for each kind of work, which all strangers share, and one
// for each network that they come from. A network is known by a MAC of the first 24
// bits of an address (48 of IPv6) under a secret that is made in memory, never leaves
// it, and is thrown away with all buckets of networks every few minutes.
//
// Behind a proxy or an onion service everybody has the same address. Such an address
// tells nobody apart, so it has no bucket of its own: nobody is locked out by their
// neighbours. What is left then is the shared bucket; when that is empty, whoever
// does a proof of work still comes in, and the work grows with how many do it. Work
// is asked for by what has been paid, never by what was merely sent: asking in vain,
// however often, makes it no harder for others.
//
// Promises: nothing is stored or logged; memory is bounded; each decision takes the
// same few steps; no kind of work takes from another's bucket. Assumes: tick never
// goes back. Does not: tell good from bad, or hold for other nodes.
package flood

import (
	"fmt"
	"io"
	"math/bits"
	"net/netip"
	"sync"
	"time"
)

// Kind is a sort of work that strangers can ask for.
type Kind string

// The kinds. Each has a bucket of its own.
const (
	SignIn Kind = "sign-in" // two signatures and a row
	Enrol  Kind = "enrol"   // the same, and an account; always for work
	Look   Kind = "look"    // a question to the database that anybody may ask
	Token  Kind = "token"   // a program that says who it is
	Phone  Kind = "phone"   // an address of a phone that is looked up
)

// Rate is how much of a kind is free.
type Rate struct {
	PerSecond int // 1 or more
	Work      int // bits asked for beyond it; 0: nothing helps but waiting
}

// Config is what a Guard needs.
type Config struct {
	Rates   map[Kind]Rate
	Most    int           // bits of work, at most, however many come
	Share   int           // of a bucket that one network has: 1/Share
	Forget  time.Duration // when what tells networks apart is thrown away
	Proxies []netip.Prefix
	Rand    io.Reader        // cryptographically secure
	Tick    func() time.Time // monotonic
}

// burst is how many seconds of a rate may come at once.
const burst = 10

// Guard keeps the buckets of one node. It is safe for concurrent use. The nil Guard
// lets everything through.
type Guard struct {
	cfg Config

	mu       sync.Mutex
	shared   map[Kind]*bucket
	paid     map[Kind]*bucket // how much work was done; full: none lately
	dry      map[Kind]time.Time
	networks networks
	known    names
	used     used
	open     [32]byte // of networks with open connections
}

// New makes a Guard with full buckets.
func New(cfg Config) (*Guard, error) {
	g := &Guard{cfg: cfg, shared: map[Kind]*bucket{}, paid: map[Kind]*bucket{}, dry: map[Kind]time.Time{}}
	now := cfg.Tick()
	for kind, rate := range cfg.Rates {
		g.shared[kind] = newBucket(now, rate.PerSecond)
		g.paid[kind] = newBucket(now, rate.PerSecond)
	}
	if _, err := io.ReadFull(cfg.Rand, g.open[:]); err != nil {
		return nil, fmt.Errorf("flood: %w", err)
	}
	if err := g.forget(now); err != nil {
		return nil, fmt.Errorf("flood: %w", err)
	}
	return g, nil
}

// Take takes one of a kind for somebody at an address, and says whether there was
// one. The network's bucket is asked first, so that one network that has used up its
// own takes nothing from the rest.
func (g *Guard) Take(kind Kind, from netip.Addr) bool {
	if g == nil {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.cfg.Tick()
	shared, there := g.shared[kind]
	if !there {
		return true
	}
	if own := g.own(kind, from, now); own != nil && !own.take(now) {
		return false
	}
	if !shared.take(now) {
		g.dry[kind] = now
		return false
	}
	return true
}

// dryFor is how long work is asked for after a bucket was last empty: those who come
// in that time would likely find it empty again, and are spared a second way.
const dryFor = 5 * time.Second

// Ask is how many bits of work somebody at an address has to bring for a kind now; 0
// means none. It takes nothing.
func (g *Guard) Ask(kind Kind, from netip.Addr) int {
	if g == nil || g.cfg.Rates[kind].Work == 0 {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.cfg.Tick()
	own := g.own(kind, from, now)
	last, was := g.dry[kind]
	if own != nil && own.empty(now) || was && now.Sub(last) < dryFor || g.shared[kind].empty(now) {
		return g.bits(kind, now)
	}
	return 0
}

// Bits is how much work a kind costs whoever has to do any.
func (g *Guard) Bits(kind Kind) int {
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.bits(kind, g.cfg.Tick())
}

// bits doubles the work with each doubling of what is overdrawn of the paid bucket.
func (g *Guard) bits(kind Kind, now time.Time) int {
	base := g.cfg.Rates[kind].Work
	return max(base, min(g.cfg.Most, base+bits.Len64(uint64(g.paid[kind].owed(now)/burst))))
}

// Paid notes that work was done for a kind and was good.
func (g *Guard) Paid(kind Kind) {
	if g == nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if b, there := g.paid[kind]; there {
		b.draw(g.cfg.Tick())
	}
}
