// Package recent remembers a bounded number of things that can be found out
// again, and forgets what nobody asks for.
//
// Promises: it holds at least the limit of the things used last and at most twice
// as many; it is safe for concurrent use. Assumes: what is put under a name stays
// true for as long as the process runs, since nothing is ever taken out. Does
// not: expire, measure bytes, or find anything out.
package recent

import "sync"

// Memory is two generations of a map. When the young one is full it becomes the
// old one, and what was in the old one and not asked for since is dropped: that
// costs nothing per use, unlike a list in the order of use.
type Memory[K comparable, V any] struct {
	limit int

	mu         sync.Mutex
	young, old map[K]V
}

// New makes a memory of at least limit things, at least 1.
func New[K comparable, V any](limit int) *Memory[K, V] {
	return &Memory[K, V]{limit: max(1, limit), young: map[K]V{}}
}

// Get gives what was put under the name, if it is still remembered.
func (m *Memory[K, V]) Get(name K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.young[name]; ok {
		return v, true
	}
	v, ok := m.old[name]
	if ok {
		m.keep(name, v)
	}
	return v, ok
}

// Put remembers v under the name.
func (m *Memory[K, V]) Put(name K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(name, v)
}

func (m *Memory[K, V]) keep(name K, v V) {
	if len(m.young) >= m.limit {
		m.old, m.young = m.young, map[K]V{}
	}
	m.young[name] = v
}
