package machine

func (s State) give(a Action) (State, Entry, bool) {
	t := s.Testimonies[a.Testimony]
	if s.Grants[a.Grant].Given || t.Erased || s.Suspended || s.Late() || !a.Terms.good() || a.Terms.Until <= s.Now || a.Parts == 0 {
		return s, Entry{}, false
	}
	g := Grant{Given: true, Testimony: a.Testimony, Terms: a.Terms, Policy: a.Policy}
	for n := range g.Parts {
		g.Parts[n].Header = a.Parts&(1<<n) != 0
	}
	s.Grants[a.Grant] = g
	return s, Entry{}, true
}

func (t Terms) good() bool { return t.From < t.Until }

// within says whether terms allow nothing that others do not.
func (t Terms) within(o Terms) bool {
	return t.From >= o.From && t.Until <= o.Until && (o.Max == 0 || t.Max != 0 && t.Max <= o.Max)
}

// standing is a grant that she can still act on.
func (s *State) standing(n uint8) *Grant {
	g := &s.Grants[n]
	if !g.Given || g.Revoked || s.Testimonies[g.Testimony].Erased {
		return nil
	}
	return g
}

// renew sets new terms, wider or narrower, and ends what a restore had held.
func (s State) renew(a Action) (State, Entry, bool) {
	g := s.standing(a.Grant)
	if g == nil || g.Until <= s.Now || s.Suspended || s.Late() || !a.Terms.good() || a.Terms.Until <= s.Now {
		return s, Entry{}, false
	}
	e := Entry{}
	if !g.Terms.within(a.Terms) { // wider in one thing, it may be narrower in another
		e = Entry{Kind: "narrowed", Grant: a.Grant, Terms: a.Terms}
	}
	g.Terms, g.Held = a.Terms, false
	return s, e, true
}

func (s State) narrow(a Action) (State, Entry, bool) {
	g := s.standing(a.Grant)
	if g == nil || !a.Terms.good() || !a.Terms.within(g.Terms) {
		return s, Entry{}, false
	}
	g.Terms = a.Terms
	return s, Entry{Kind: "narrowed", Grant: a.Grant, Terms: a.Terms}, true
}

func (s State) revoke(a Action) (State, Entry, bool) {
	g := s.standing(a.Grant)
	if g == nil {
		return s, Entry{}, false
	}
	g.end(s.due())
	return s, Entry{Kind: "revoked", Grants: 1 << a.Grant}, true
}

// end destroys the headers, and has the reader owe an answer. What is owed already
// is owed no later for it.
func (g *Grant) end(due Second) {
	g.Revoked = true
	if g.Owes == 0 {
		g.Owes = due
	}
	for n := range g.Parts {
		g.Parts[n].Header = false
	}
}

// withdraw takes back a part from every grant, or all grants on a testimony, or
// all there are. A grant that has lost its last part has ended. It is accepted
// also when nothing is left to withdraw.
func (s State) withdraw(a Action) (State, Entry, bool) {
	e := Entry{Kind: "revoked"}
	if a.Scope == OfPart {
		e = Entry{Kind: "part-ended", Part: a.Part}
	}
	if a.Scope != OfAll && s.Testimonies[a.Testimony].Erased {
		return s, Entry{}, false
	}
	for n := range uint8(Grants) {
		g := s.standing(n)
		if g == nil || a.Scope != OfAll && g.Testimony != a.Testimony {
			continue
		}
		if a.Scope == OfPart && !g.Parts[a.Part].Header {
			continue
		}
		e.Grants |= 1 << n
		if a.Scope == OfPart {
			g.endPart(a.Part, s.due())
		} else {
			g.end(s.due())
		}
	}
	return s, e, true
}

func (g *Grant) endPart(part uint8, due Second) {
	g.Parts[part].Header = false
	if g.Owes == 0 {
		g.Owes = due
	}
	for _, p := range g.Parts {
		if p.Header {
			return
		}
	}
	g.end(due)
}

// relock gives every grant that has not ended a new header: what was begun under
// the old one ends, counters stay. Grants that are over lose theirs.
func (s State) relock(a Action) (State, Entry, bool) {
	if s.Testimonies[a.Testimony].Erased {
		return s, Entry{}, false
	}
	for n := range uint8(Grants) {
		g := s.standing(n)
		if g == nil || g.Testimony != a.Testimony || !g.Parts[a.Part].Header {
			continue
		}
		g.Parts[a.Part].Until = 0
		g.Parts[a.Part].Header = s.Now < g.Until
	}
	return s, Entry{}, true
}

func (s State) erase(a Action) (State, Entry, bool) {
	t := &s.Testimonies[a.Testimony]
	if t.Erased {
		return s, Entry{}, false
	}
	for n := range uint8(Grants) {
		if g := s.standing(n); g != nil && g.Testimony == a.Testimony {
			g.end(s.due())
		}
	}
	t.Erased = true
	return s, Entry{Kind: "erased", Testimony: a.Testimony}, true
}

// pause pauses or lifts.
func (s State) pause(a Action) (State, Entry, bool) {
	on := a.Kind == Pause
	e := Entry{Kind: "paused", Testimony: a.Testimony, Scope: a.Scope}
	if !on {
		e = Entry{}
	}
	if a.Scope == OfAll {
		s.Paused = on
		return s, e, true
	}
	if s.Testimonies[a.Testimony].Erased {
		return s, Entry{}, false
	}
	s.Testimonies[a.Testimony].Paused = on
	return s, e, true
}
