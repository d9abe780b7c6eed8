package machine

// Entry is what an act leaves in the journal, under the names of package journal.
// The zero Entry is none: the act restricted nothing. Every act of hers restricts:
// it ends her silence.
type Entry struct {
	Kind      string
	Grant     uint8
	Grants    uint8 // of "revoked" and "part-ended", one bit each
	Testimony uint8
	Part      uint8
	Scope     Scope
	Value     uint8
	Day       Second // of every act of hers
	Terms     Terms
}

// Restrict does a restricting act once more, on a database that may not know it.
func (s State) Restrict(e Entry) State {
	switch e.Kind {
	case "revoked", "part-ended":
		for n := range s.Grants {
			if g := &s.Grants[n]; g.Given && !g.Revoked && e.Grants&(1<<n) != 0 {
				if e.Kind == "revoked" {
					g.end(s.due())
				} else {
					g.endPart(e.Part, s.due())
				}
			}
		}
	case "narrowed":
		if g := &s.Grants[e.Grant]; g.Given && g.Terms != e.Terms {
			g.Held = true // it knows that the terms were narrowed, and not to what
		}
	case "read":
		p := &s.Grants[e.Grant].Parts[e.Part]
		p.Reads = max(p.Reads, e.Value)
	case "paused":
		if e.Scope == OfAll {
			s.Paused = true
		} else {
			s.Testimonies[e.Testimony].Paused = true
		}
	case "erased":
		if next, _, ok := s.erase(Action{Testimony: e.Testimony}); ok {
			s = next
		}
	case "suspended":
		s.Suspended = true
	}
	if e.Day != 0 {
		s = s.heard(e.Day)
	}
	return s
}

// Restored is an old state after everything restricting that has happened since
// was done again, at the time it is now.
func Restored(old State, now Second, since []Entry) State {
	old.Now = now
	for _, e := range since {
		old = old.Restrict(e)
	}
	return old
}
