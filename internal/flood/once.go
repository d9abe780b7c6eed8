package flood

import "time"

const (
	// usedFor is longer than a challenge of sign-in lives.
	usedFor = 3 * time.Minute
	// mostUsed bounds how many are remembered. Each has cost work, so filling it is
	// dear; where it is full, work buys nothing until it is emptier.
	mostUsed = 1 << 17
)

// used is what was used up in this span, and in the one before.
type used struct {
	since       time.Time
	now, before map[mark]struct{}
}

// Once uses something up, and says whether it had not been used on this node before,
// for as long as a challenge lives. The nil Guard has seen nothing.
func (g *Guard) Once(what string) bool {
	if g == nil {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if now := g.cfg.Tick(); g.used.now == nil || now.Sub(g.used.since) >= usedFor {
		g.used = used{since: now, now: map[mark]struct{}{}, before: g.used.now}
	}
	m := g.mark(nil, what)
	_, now := g.used.now[m]
	_, before := g.used.before[m]
	if now || before || len(g.used.now) >= mostUsed {
		return false
	}
	g.used.now[m] = struct{}{}
	return true
}
