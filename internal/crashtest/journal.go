package crashtest

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/relatingfield/vault/api"
)

// told is what was acknowledged of one of her testimonies.
type told struct {
	id     api.ID
	erased bool
	parts  map[int64]part
	grants map[api.ID]*grant
	next   int64 // an upper bound of the part numbers in use
}

// part is what was sent.
type part struct {
	sum     [sha256.Size]byte // of the content
	adopted bool              // false: sealed on arrival and not yet signed for
}

// grant is what was acknowledged of a grant.
type grant struct {
	id        api.ID
	testimony api.ID
	parts     map[int64][sha256.Size]byte
	reader    *reader
	revoked   bool

	mu     sync.Mutex     // guards what follows, for its reader looks in while its giver acts
	acts   int            // begun on it so far
	ended  int            // of those, known to be done or not
	gone   bool           // the revocation or erasure has been acknowledged
	opened map[int64]bool // parts that the reader has received
}

// given is every grant that readers may know of.
type given struct {
	mu   sync.Mutex
	list []*grant
}

func newGiven() *given { return &given{} }

func (g *given) add(x *grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = append(g.list, x)
}

// pick chooses a grant of a reader's, or nil.
func (g *given) pick(r *reader) *grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	var mine []*grant
	for _, x := range g.list {
		if x.reader == r {
			mine = append(mine, x)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	return mine[r.rand.IntN(len(mine))]
}

// forget lets the grants of a generation go.
func (g *given) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.list = nil
}

// state is what a reader may rely on.
type state struct {
	acts     int
	changing bool
	gone     bool
}

func (x *grant) now() state {
	x.mu.Lock()
	defer x.mu.Unlock()
	return state{x.acts, x.acts != x.ended, x.gone}
}

// begin marks an act that the grant's reader may notice from now on.
func (x *grant) begin() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.acts++
}

// end marks that it is known what became of the act; gone says that it ended the
// grant.
func (x *grant) end(gone bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ended++
	x.gone = x.gone || gone
}

func (x *grant) received(n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.opened[n] = true
}

func (x *grant) receivedParts() []int64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.opened))
}

func newTold(id api.ID) *told {
	return &told{id: id, parts: map[int64]part{}, grants: map[api.ID]*grant{}}
}

// live are the grants that were given and not taken back.
func (t *told) live() []*grant {
	var out []*grant
	for _, id := range slices.Sorted(maps.Keys(t.grants)) {
		if g := t.grants[id]; !g.revoked && !t.erased {
			out = append(out, g)
		}
	}
	return out
}

// adopted are the parts that she signed for.
func (t *told) adopted() []int64 {
	var out []int64
	for _, n := range slices.Sorted(maps.Keys(t.parts)) {
		if t.parts[n].adopted {
			out = append(out, n)
		}
	}
	return out
}

// counts say how often what happened.
type counts map[string]int

// String lists them by name.
func (c counts) String() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c)) {
		out = append(out, fmt.Sprintf("%d %s", c[name], name))
	}
	return strings.Join(out, ", ")
}
