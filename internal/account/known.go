package account

import (
	"sync"

	"github.com/relatingfield/vault/internal/id"
	"github.com/relatingfield/vault/internal/statement"
)

// maxKnown bounds the accounts that are remembered, in each of two generations:
// about 4 MiB in all.
const maxKnown = 1 << 14

// known remembers the roles of accounts that were found, so that knowing who
// asks costs a request no query. An entry cannot be wrong: an account is never
// deleted and its role never changes. Keys that have not enrolled are not
// remembered, for they may.
type known struct {
	mu         sync.RWMutex
	young, old map[id.Thumbprint]statement.Role
}

func (k *known) role(who id.Thumbprint) (statement.Role, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if role, ok := k.young[who]; ok {
		return role, true
	}
	role, ok := k.old[who]
	return role, ok
}

// remember makes room by forgetting the older half at once.
func (k *known) remember(who id.Thumbprint, role statement.Role) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.young) >= maxKnown {
		k.old, k.young = k.young, nil
	}
	if k.young == nil {
		k.young = map[id.Thumbprint]statement.Role{}
	}
	k.young[who] = role
}
