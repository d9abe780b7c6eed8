package session

import (
	"errors"
	"hash/maphash"
	"sync"
)

var errReplayed = errors.New("it has been used before")

// replays remembers the proofs of the current and the previous minute.
//
// A proof carries, signed, the nonce of one minute and is refused two minutes
// later, so each minute has its own set, and a set is dropped whole when its
// nonce no longer counts: nothing is forgotten early and nothing kept longer.
// A name is kept as 64 bits under a seed nobody knows. Two proofs with the same
// 64 bits would only have the second refused, and its client makes another.
type replays struct {
	mu             sync.Mutex
	seed           maphash.Seed
	limit          int
	newest         int64
	current, older map[uint64]struct{}
}

func newReplays(limit int) *replays {
	return &replays{seed: maphash.MakeSeed(), limit: limit, current: map[uint64]struct{}{}, older: map[uint64]struct{}{}}
}

// take remembers a proof of a minute, or refuses it. A minute that has been
// dropped, because the clock went back, is refused as stale: what was seen in it
// is no longer known.
func (r *replays) take(minute int64, jti string) error {
	name := maphash.String(r.seed, jti)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance(minute)
	set := r.current
	switch r.newest - minute {
	case 0:
	case 1:
		set = r.older
	default:
		return ErrNonce
	}
	if _, seen := set[name]; seen {
		return refused("proof", errReplayed)
	}
	if len(set) >= r.limit {
		return ErrBusy
	}
	set[name] = struct{}{}
	return nil
}

func (r *replays) advance(minute int64) {
	if minute <= r.newest {
		return
	}
	if minute == r.newest+1 {
		r.older = r.current
	} else {
		r.older = map[uint64]struct{}{}
	}
	r.newest, r.current = minute, map[uint64]struct{}{}
}
