package account

import (
	"sync"
	"time"

	"github.com/relatingfield/vault/internal/id"
)

// maxKnown bounds the keys that are remembered, in each of two generations:
// about 6 MiB in all.
const maxKnown = 1 << 14

// Stale is how long a node may believe that a key is good without asking again.
// It is what lies between her changing her words and the end of the old ones on
// every node.
const Stale = time.Second

// known remembers which account a key is good for, so that knowing who asks costs
// a request no query, most of the time. An account is never deleted and its role
// never changes, but the key may be given up at any moment, at another node. So
// each entry carries the time, by this node's monotonic clock, at which the
// database had not been asked yet, and counts for Stale from then: whatever was
// committed before is in the answer, whatever comes after takes effect Stale
// later at most. No two clocks are compared. Keys without an account are not
// remembered, for they may enrol.
type known struct {
	mu         sync.RWMutex
	young, old map[id.Thumbprint]belief
}

type belief struct {
	Caller
	asked time.Time
}

func (k *known) at(now time.Time, key id.Thumbprint) (Caller, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	b, ok := k.young[key]
	if !ok {
		b, ok = k.old[key]
	}
	if !ok || now.Sub(b.asked) >= Stale || now.Before(b.asked) {
		return Caller{}, false
	}
	return b.Caller, true
}

// remember makes room by forgetting the older half at once.
func (k *known) remember(asked time.Time, key id.Thumbprint, c Caller) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.young) >= maxKnown {
		k.old, k.young = k.young, nil
	}
	if k.young == nil {
		k.young = map[id.Thumbprint]belief{}
	}
	if b, ok := k.young[key]; ok && b.asked.After(asked) {
		return // a slower question is no newer answer
	}
	k.young[key] = belief{c, asked}
}

func (k *known) forget(key id.Thumbprint) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.young, key)
	delete(k.old, key)
}
