package turn

import "time"

// PutDown gives the turn up as End does, but a moment later where that may help: until
// then the node's next request for the upload has it for nothing.
func (turn *Turn) PutDown() {
	t := turn.turns
	t.mu.Lock()
	now := t.tick()
	lingers := t.here[turn.place] == turn && !t.shut && now.After(t.apart)
	if lingers {
		turn.down = now
	}
	t.mu.Unlock()
	if !lingers {
		turn.End()
		return
	}
	time.AfterFunc(lingering, func() {
		if t.leave(turn) {
			turn.End()
		}
	})
}

// leave says that a turn that was put down was not taken up, and no longer can be.
func (t *Turns) leave(turn *Turn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.here[turn.place] != turn {
		return false
	}
	delete(t.here, turn.place)
	return true
}

// takeUp takes a turn that lingers here, or has whoever at this node holds it let go.
func (t *Turns) takeUp(turn *Turn) (taken, busy bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := t.here[turn.place]
	switch {
	case before == nil, before.over:
		return false, false
	case before.down.IsZero():
		before.letGo()
		return false, true
	case t.tick().Sub(before.down) >= lingering:
		return false, false
	}
	turn.holder = before.holder // under which the database knows it
	t.held[string(turn.holder)], t.here[turn.place] = turn, turn
	return true, false
}

// arrive notes a turn that a request at this node has got.
func (t *Turns) arrive(turn *Turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.here[turn.place] = turn
}

// heard takes notice of turns of this node that another one wants.
func (t *Turns) heard(wanted []string) {
	if len(wanted) == 0 {
		return
	}
	t.mu.Lock()
	t.apart = t.tick().Add(apart)
	t.mu.Unlock()
	for _, holder := range wanted {
		t.ask(holder)
	}
}

// ask has a holder let go, and says whether there is one at this node. One whose
// request has ended is gone in a moment.
func (t *Turns) ask(holder string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn := t.held[holder]
	if turn != nil && !turn.over && turn.down.IsZero() {
		turn.letGo()
	}
	return turn != nil
}

// Close ends what lingers, and lets nothing linger any more.
func (t *Turns) Close() {
	t.mu.Lock()
	t.shut = true
	var left []*Turn
	for at, turn := range t.here {
		if !turn.down.IsZero() {
			left = append(left, turn)
			delete(t.here, at)
		}
	}
	t.mu.Unlock()
	for _, turn := range left {
		turn.End()
	}
}
